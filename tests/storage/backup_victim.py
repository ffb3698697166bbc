"""An export or an import that is killed after some of its calls: export|import TENANT FILE CALLS."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from storage.backup.exporting import export
from storage.backup.importing import restore
from storage.settings import Settings
from tests.storage.line import Line, wired

WORK = {"export": (export, "GET"), "import": (restore, "POST")}  # what it calls the tables with


async def main(name: str, tenant: str, file: Path, calls: int) -> None:
    work, counts = WORK[name]
    line = Line(counts=counts, dies_after=calls, end=lambda: os.kill(os.getpid(), signal.SIGKILL))
    await work(wired(Settings.from_environment(os.environ), line), tenant, file)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
