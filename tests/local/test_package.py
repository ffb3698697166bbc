"""What a deployment packs: what the app needs, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from pathspec import PathSpec

ROOT = Path(__file__).parent.parent.parent
READ_BY_THE_HOST = {"host.json", "requirements.txt"}


@pytest.fixture(scope="module")
def ignored() -> PathSpec:
    return PathSpec.from_lines("gitignore", (ROOT / ".funcignore").read_text().splitlines())


def _run(*command: str) -> set[Path]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {Path(line) for line in done.stdout.splitlines()}


def test_the_package_holds_what_the_app_imports_and_the_host_reads_and_nothing_else(ignored: PathSpec) -> None:
    show = (
        "import function_app, sys; print(*{getattr(m, '__file__', None) for m in [*sys.modules.values()]}, sep='\\n')"
    )
    imported = {path for path in _run(sys.executable, "-c", show) if path.is_relative_to(ROOT)}
    needed = {path.relative_to(ROOT) for path in imported if ".venv" not in path.parts}

    tracked = {path for path in _run("git", "ls-files") if (ROOT / path).exists()}
    packed = {path for path in tracked if not ignored.match_file(path)}

    assert needed <= packed
    assert {path.parts[0] for path in packed} == {path.parts[0] for path in needed} | READ_BY_THE_HOST
    assert any(path.match("scim/schemas/*.json") for path in packed)


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
def test_secrets_and_what_tools_leave_behind_stay_out(path: str, ignored: PathSpec) -> None:
    assert ignored.match_file(path)
