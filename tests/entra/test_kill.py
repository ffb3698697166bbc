"""The simulator or its target is killed at random points; the next cycle finds out what happened and puts it right."""

import asyncio
import random
import subprocess
import sys
import time

import pytest

from entra.__main__ import main
from entra.change import Rates, change
from entra.cycle import run_cycle
from entra.generate import generate
from entra.job import Options
from entra.source import Directory
from entra.verify import verify
from tests.entra.conftest import answered, assert_whole

BUSY = Rates(joiners=0.1, movers=0.3, leavers=0.1)


@pytest.fixture
def _connection(service, monkeypatch):
    monkeypatch.setenv("ENTRA_TENANT_URL", service.tenant_url)
    name = f"t-kill{random.randrange(10**9)}"
    monkeypatch.setenv("ENTRA_SECRET_TOKEN", service.new_token(name))
    yield
    asyncio.run(assert_whole(service, name))


def lines(journal):
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.mark.usefixtures("_connection")
@pytest.mark.parametrize("dialect", ["legacy", "optscim"])
def test_a_cycle_killed_at_any_point_loses_nothing(tmp_path, dialect):
    assert main(["generate", "--folder", str(tmp_path), "--users", "24", "--groups", "8", "--seed", "21"]) == 0
    options = ["--folder", str(tmp_path), "--mappings", "default", "--dialect", dialect]
    journal, dice, killed = tmp_path / "state.jsonl", random.Random(dialect), 0
    for round_ in range(6):
        process = subprocess.Popen([sys.executable, "-m", "entra", "sync", *options], stdout=subprocess.DEVNULL)
        enough = lines(journal) + dice.randrange(1, 10)
        while lines(journal) < enough and process.poll() is None:
            time.sleep(0.002)
        killed += process.poll() is None
        process.kill()
        process.wait()
        if round_ % 2:
            directory = Directory.load(tmp_path / "directory.json")
            change(directory, BUSY, round_)
            directory.save(tmp_path / "directory.json")
    assert killed > 2
    assert main(["sync", *options, "--retry-escrows"]) in (0, 1)  # objects may have failed: creations sent again
    assert main(["sync", *options, "--retry-escrows"]) == 0
    assert main(["verify", *options, "--exclusive"]) == 0


@pytest.mark.usefixtures("_connection")
def test_a_rehearsal_can_be_typed_from_generate_to_verify(tmp_path, capsys):
    folder = ["--folder", str(tmp_path)]
    assert main(["generate", *folder, "--users", "12", "--groups", "5"]) == 0
    assert main(["test-connection"]) == 0
    assert "authorized to enable provisioning" in capsys.readouterr().out
    assert main(["sync", *folder]) == 0
    assert main(["change", *folder, "--movers", "0.5"]) == 0
    assert main(["sync", *folder]) == 0
    assert main(["watch", *folder, "--interval", "0", "--cycles", "2"]) == 0
    assert main(["verify", *folder, "--exclusive"]) == 0
    assert "0 differences" in capsys.readouterr().out
    assert main(["logs", *folder, "--json", "--action", "create", "--status", "success"]) == 0
    assert capsys.readouterr().out.count('"provisioningAction": "create"') >= 12
    user = next(iter(Directory.load(tmp_path / "directory.json").users.values()))
    assert main(["provision-on-demand", user.id, *folder]) == 0


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["sync"], 2),
        (["verify", "--tenant-url", "nonsense", "--token", "x"], 2),
        (["test-connection", "--token", "x", "--switch", "colour=red"], 2),
        (["test-connection", "--token", "wrong"], 1),
        (["generate", "--users", "0"], 2),
    ],
)
def test_what_is_missing_is_said_without_a_traceback(service, tmp_path, monkeypatch, capsys, arguments, status):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENTRA_TENANT_URL", service.tenant_url)
    assert main(arguments) == status
    said = capsys.readouterr()
    assert said.out or said.err
    assert "Traceback" not in said.err


async def test_a_target_killed_in_the_middle_of_a_cycle_is_caught_up_with(service, tenant):
    directory, dice = generate(24, 8, seed=22), random.Random(22)
    interrupted = 0
    for round_ in range(3):
        job = tenant.job(directory)
        async with job.wire:
            running = asyncio.create_task(run_cycle(job))
            await answered(job, dice.randrange(3, 40), running)
            service.kill()
            outcome = await running
        interrupted += outcome.quarantine is not None
        await asyncio.to_thread(service.restart)
        change(directory, BUSY, round_)
    assert interrupted
    for _ in range(2):
        job = tenant.job(directory, options=Options(retry_escrows=True))
        async with job.wire:
            outcome = await run_cycle(job)
    assert outcome.healthy, outcome.tally
    async with (job := tenant.job(directory)).wire:
        assert (await verify(job, exclusive=True)).deviations == []
