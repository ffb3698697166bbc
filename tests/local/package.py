"""The deployed package: what git tracks, less what .funcignore names, which azd reads as git reads its own."""

import shutil
import subprocess
from pathlib import Path

from pathspec import PathSpec

ROOT = Path(__file__).parent.parent.parent


def ignored() -> PathSpec:
    """Return what .funcignore keeps out."""
    return PathSpec.from_lines("gitignore", (ROOT / ".funcignore").read_text().splitlines())


def packed() -> set[Path]:
    """Return the files of the package, as a clean checkout gives it, relative to the project's folder."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = {Path(line) for line in done.stdout.splitlines()}
    return {path for path in tracked if (ROOT / path).exists() and not ignored().match_file(path)}


def pack(folder: Path) -> None:
    """Copy the package into a new folder."""
    for path in packed():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
