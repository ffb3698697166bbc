"""The local run: Azurite, the app under the Core Tools or this project's own host, a tenant to try it with."""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    # Here, before any other module is imported: an older Python would fail at one of them, with a traceback.
    sys.exit(f"Python 3.11, 3.12 or 3.13 is needed, and this is {sys.version.split()[0]}.")
