"""The local host with a service that waits for the tables a fifth as long: `python -m tests.faults.impatient`.

As in production, a call that gets no answer is given up rather than made again: its time is longer than that in
which a call is made again.
"""

import os
import sys

import edge
from local.host import main
from storage.settings import Settings
from storage.tables import Patience, Tables

PATIENCE = Patience(connect=1.0, answer=1.5, attempts=1.0)

if __name__ == "__main__":
    edge._service._tables = Tables(Settings.from_environment(os.environ), patience=PATIENCE)
    sys.exit(main(sys.argv[1:]))
