"""The set-up script, on a small copy of the project that wants no packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without requirements, and a PATH on which every Python but this one is a shim that fails."""
    (tmp_path / "local").mkdir()
    shutil.copy(ROOT / "local" / "setup.sh", tmp_path / "local")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).touch()
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        (shims / name).write_text("#!/bin/sh\necho 'not installed in this version manager' >&2\nexit 127\n")
        (shims / name).chmod(0o755)
    return tmp_path


def _start(project: Path, *parts: str, home: Path | None = None) -> subprocess.Popen[str]:
    environment = {"PATH": f"{project / 'shims'}{os.pathsep}{os.defpath}", "HOME": str(home or project)}
    command = ["sh", str(project / "local" / "setup.sh"), *parts]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=project.parent
    )


def _pyenv(home: Path) -> None:
    """Install the Python that runs this test where pyenv would."""
    folder = home / ".pyenv" / "versions" / f"3.{sys.version_info.minor}.99" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(Path(sys.executable).resolve())


def test_shims_that_fail_are_passed_over_and_several_runs_install_once(project: Path) -> None:
    _pyenv(project)

    runs = [_start(project, "python") for _ in range(3)]
    outputs = [run.communicate(timeout=120) for run in runs]
    again = _start(project, "python").communicate(timeout=120)

    assert [run.returncode for run in runs] == [0, 0, 0]
    assert [out for out, _ in outputs] == ["", "", ""]
    assert sum("Creating .venv with Python 3." in error for _, error in outputs) == 1
    assert again == ("", "")
    assert not (project / ".local" / "setup.lock").exists()


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("python", "Python 3.13, 3.12 or 3.11 with venv is needed, and none was found on this machine.\n"),
        ("node", "Node.js 20 or newer, with npm, is needed for Azurite, and it is not installed.\n"),
    ],
)
def test_what_is_missing_is_told_in_one_sentence(part: str, sentence: str, project: Path) -> None:
    (project / "shims" / "bin").mkdir()
    for name in ("sh", "cat", "cmp", "mkdir", "rm", "sleep", "dirname", "kill"):
        (project / "shims" / "bin" / name).symlink_to(shutil.which(name) or name)
    environment = {"PATH": f"{project / 'shims'}:{project / 'shims' / 'bin'}", "HOME": str(project)}

    command = ["sh", str(project / "local" / "setup.sh"), part]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (1, sentence)


def test_the_lock_of_a_run_that_was_killed_is_no_obstacle(project: Path) -> None:
    (project / "package-lock.json").write_text("{}")
    for name, script in (("node", "#!/bin/sh"), ("npm", "#!/bin/sh\nmkdir -p node_modules")):
        (project / "shims" / name).write_text(script)
        (project / "shims" / name).chmod(0o755)
    lock = project / ".local" / "setup.lock"
    lock.mkdir(parents=True)
    with subprocess.Popen(["true"]) as gone:
        (lock / "owner").write_text(str(gone.pid))

    run = _start(project, "node")
    run.communicate(timeout=120)

    assert run.returncode == 0
    assert (project / "node_modules" / ".installed").exists()
    assert not lock.exists()
