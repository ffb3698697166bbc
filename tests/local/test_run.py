"""`python -m local.run`, as `make run` starts it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.app import ROOT, reachable
from local.child import Child, StartError
from local.run import watch

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `python -m local.run` with these arguments; whatever still runs is ended after the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "local.run", *arguments]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.terminate()
        process.communicate(timeout=120)


def _refused(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(parts.hostname), int(parts.port or 0))) != 0


def test_an_ephemeral_run_says_one_line_and_ends_all_on_sigterm(start: Start) -> None:
    first, second = start("--ephemeral", "--port", "0"), start("--ephemeral", "--port", "0")
    assert first.stdout is not None
    assert second.stdout is not None

    here, there = json.loads(first.stdout.readline()), json.loads(second.stdout.readline())
    ours = reachable(f"{here['tenant_url']}/Users", here["secret_token"])
    theirs = reachable(f"{here['tenant_url']}/Users", there["secret_token"])
    first.send_signal(signal.SIGTERM)
    second.send_signal(signal.SIGINT)
    rests = [each.communicate(timeout=120)[0] for each in (first, second)]

    assert set(here) == {"tenant_url", "secret_token", "storage_url"}
    assert (ours, theirs) == (True, False)
    assert rests == ["", ""]
    assert (first.returncode, second.returncode) == (0, 0)
    assert all(_refused(answer[name]) for answer in (here, there) for name in ("tenant_url", "storage_url"))


def test_an_ephemeral_run_ends_with_whoever_started_it() -> None:
    script = f"'{sys.executable}' -m local.run --ephemeral --port 0 & wait"
    with subprocess.Popen(["sh", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        answer = json.loads(shell.stdout.readline())
        shell.kill()
        shell.communicate(timeout=120)  # the pipe ends when the run has ended

    assert _refused(answer["tenant_url"])
    assert _refused(answer["storage_url"])


def test_a_lasting_run_keeps_its_data_and_its_token(start: Start, tmp_path: Path) -> None:
    arguments = ("--port", "0", "--storage-port", "0", "--folder", str(tmp_path))
    (tmp_path / "node").symlink_to(str(shutil.which("node")))  # a PATH without `func`

    tokens = []
    for _ in range(2):
        process = start(*arguments, PATH=str(tmp_path))
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        url = next(line for line in lines if line.startswith("Tenant URL")).split()[-1]
        tokens.append(next(lines).split()[-1])
        assert reachable(f"{url}/Users", tokens[-1])
        process.terminate()
        process.communicate(timeout=120)

    assert tokens[0] == tokens[1]
    assert (tmp_path / ".local" / "demo-token").stat().st_mode & 0o777 == 0o600


def test_a_child_that_dies_ends_the_run_with_its_last_words() -> None:
    child = Child("Azurite", ["sh", "-c", "echo the last words; exit 3"])

    with pytest.raises(StartError, match=r"Azurite has ended \(exit status 3\)\.\nthe last words"):
        watch(child, stop=threading.Event())

    child.stop()


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["--ephemeral", "--port", "{taken}"], {}, "port {taken} cannot be used (Address already in use): "),
        (["--port", "0", "--storage-port", "{taken}"], {}, "port {taken} for Azurite is in use: "),
        (["--ephemeral"], {"PATH": "/nowhere"}, "node is not installed: install Node.js 20 or newer"),
    ],
    ids=["port", "storage port", "node"],
)
def test_what_stops_the_run_from_starting_is_told_in_one_sentence(
    arguments: list[str], environment: dict[str, str], sentence: str, start: Start, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = str(server.getsockname()[1])
        filled = [argument.format(taken=taken) for argument in arguments]
        process = start(*filled, "--folder", str(tmp_path), **environment)
        out, errors = process.communicate(timeout=120)

    assert (process.returncode, out, len(errors.splitlines())) == (1, "", 1)
    assert errors.startswith(sentence.format(taken=taken))


def test_a_port_that_is_none_is_refused(start: Start) -> None:
    process = start("--port", "70000")

    assert "'70000' is no port: choose 1 to 65535" in process.communicate(timeout=120)[1]
    assert process.returncode == 2
