"""What is deployed runs: the package alone, with requirements.txt alone, in a Python that has nothing else."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import oauth
from local.app import reachable
from local.azurite import Azurite
from local.child import Child
from local.demo import make_tables, new_token
from tests.http.client import Client
from tests.http.conversation import FOLDER, read
from tests.http.replay import replay
from tests.local.package import ROOT, pack

CONVERSATIONS = ("test-connection", "account-discovery", "user-life-cycle", "group-life-cycle", "members-variants")
# Where a caller's shell points Python to packages of its own, the deployed app is not alone any more.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is deployed."""
    folder = tmp_path_factory.mktemp("package")
    pack(folder)
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Path:
    """A Python with the packages that a deployment installs, and no others."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    program = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", program, "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--require-hashes", "-r", package / "requirements.txt"], check=True)
    return program


def load(python: Path, package: Path, *modules: str) -> dict[str, Any]:
    """Import modules of the package in a fresh interpreter, and return what `deployed` tells."""
    command = [python, ROOT / "tests" / "local" / "deployed.py", *modules]
    done = subprocess.run(command, cwd=package, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def modules(package: Path) -> dict[str, Path]:
    """Return the modules of the package with their files; the front door first."""
    paths = sorted(package.rglob("*.py"), key=lambda path: (path.stem != "function_app", path))
    named = {path: path.relative_to(package).with_suffix("").parts for path in paths}
    return {".".join(parts).removesuffix(".__init__"): path for path, parts in named.items()}


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def test_every_module_needs_nothing_but_the_package_and_its_requirements(
    python: Path, package: Path, record_property: Callable[[str, object], None]
) -> None:
    size, files = megabytes(package), sum(path.is_file() for path in package.rglob("*"))
    first, second = (load(python, package, "function_app")["seconds"] for _ in range(2))
    every = modules(package)

    loaded = {Path(file) for file in load(python, package, *every)["files"]}

    assert set(every.values()) <= loaded
    places = (package, python.parent.parent, Path(sysconfig.get_path("stdlib")))
    assert [file for file in loaded if not any(file.is_relative_to(place) for place in places)] == []
    installed = megabytes(next(python.parent.parent.glob("lib/python*/site-packages")))
    record_property(
        "deployed",
        f"{files} files of {size:.2f} MB, packages of {installed:.0f} MB; "
        f"importing it took {first:.2f} s the first time, {second:.2f} s the second",
    )


@pytest.fixture(scope="module")
def url(python: Path, package: Path, azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the package answers. The local host stands in a folder of its own: nothing else of the source is near."""
    beside = tmp_path_factory.mktemp("host")
    shutil.copytree(ROOT / "local", beside / "local")
    make_tables(azurite.connection_string)
    settings = {"STORAGE_CONNECTION_STRING": azurite.connection_string, "PYTHONPATH": str(beside)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = Child(
            "The deployed app",
            [str(python), "-m", "local.host", "--fd", str(listener.fileno())],
            environment=ENVIRONMENT | settings | oauth.settings(),
            folder=package,
            sockets=[listener.fileno()],
        )
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        host.wait_until(lambda: reachable(f"{address}/readyz"), 60)
        yield address
    finally:
        host.stop()


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_it_answers_entra_as_recorded(conversation: str, url: str, azurite: Azurite, tenant: str) -> None:
    token = new_token(azurite.connection_string, tenant)
    with Client(f"{url}/scim/v2", token) as client:
        assert replay(read(FOLDER / "entra" / f"{conversation}.json"), client) == []


@pytest.mark.parametrize(
    ("place", "status"),
    [("signin", 501), (".well-known/jwks.json", 200), ("oauth2/token", 405), ("scim/v2/Schemas", 401)],
)
def test_it_has_what_is_beside_scim(place: str, status: int, url: str) -> None:
    assert httpx.get(f"{url}/{place}").status_code == status
