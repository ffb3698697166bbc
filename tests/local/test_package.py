"""What a deployment packs: what the app needs, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.package import ROOT, ignored, packed

READ_BY_THE_HOST = {"host.json", "requirements.txt"}
# The app imports the timer's part when the timer comes.
_SHOW = """
import function_app, maintenance.run, sys
print(*{getattr(m, "__file__", None) for m in [*sys.modules.values()]}, sep="\\n")
"""


def test_the_package_holds_what_the_app_imports_and_the_host_reads_and_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", _SHOW], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = [path for line in done.stdout.splitlines() if (path := Path(line)).is_relative_to(ROOT)]
    needed = {path.relative_to(ROOT) for path in imported if ".venv" not in path.parts}

    held = packed()

    assert needed <= held
    assert {path.parts[0] for path in held} == {path.parts[0] for path in needed} | READ_BY_THE_HOST
    assert any(path.match("scim/schemas/*.json") for path in held)


@pytest.mark.parametrize(
    "path",
    [
        ".azure/dev/.env",
        ".azurite/__azurite_db_table__.json",
        ".env",
        ".local/demo-token",
        ".venv/bin/python",
        "__pycache__/edge.cpython-313.pyc",
        "local.settings.json",
        "node_modules/azurite/package.json",
        "scim/__pycache__/filter.cpython-313.pyc",
    ],
)
def test_secrets_and_what_tools_leave_behind_stay_out(path: str) -> None:
    assert ignored().match_file(path)
