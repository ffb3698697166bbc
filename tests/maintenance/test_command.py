"""The maintenance as the host and as an operator start it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import httpx

from identity.tenants import Tenants
from local.app import ROOT
from local.service import Service
from storage.directory import TABLE, TableDirectory
from storage.settings import Settings
from storage.tables import Tables, Write
from tests.storage.conftest import USER, add

DONE = '"operation": "maintenance"'
SETTINGS = {"SIGNING_KEY_ENCRYPTION_KEY": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="}


def command(connection_string: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "STORAGE_CONNECTION_STRING": connection_string, **settings}
    return subprocess.run(
        [sys.executable, "-m", "maintenance"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


async def test_an_operator_has_all_of_it_done_at_once(tables: Tables, storage_settings: Settings) -> None:
    tenant = (await Tenants(tables, lambda: datetime.now(UTC)).create("Ada")).id
    await add(TableDirectory(tables, tenant), "ana", USER)

    for _ in range(2):
        done = command(storage_settings.connection_string, **SETTINGS)
        assert (done.returncode, done.stderr) == (0, "")
        report = json.loads(done.stdout)
        assert (report["tenants"], report["rows"], report["complete"]) == (1, 3, True)
    await tables.table(TABLE).commit(tenant, [Write("insert", "z|1")])
    broken = command(storage_settings.connection_string)

    assert broken.returncode == 1
    assert json.loads(broken.stderr)["problem"] == "row of no known kind"


def test_wrong_settings_are_one_sentence() -> None:
    done = command("")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: set STORAGE_CONNECTION_STRING or STORAGE_TABLE_ENDPOINT")


def test_the_host_starts_it_by_its_timer() -> None:
    with Service() as service:
        assert httpx.post(f"{service.app.url}/admin/functions/maintenance", json={}).status_code == 202
        child = service.app.child
        assert child is not None
        child.wait_until(lambda: DONE in child.output(), 20)
        written = child.output()

    line = next(line for line in written.splitlines() if DONE in line)
    report = json.loads(line[line.index("{") :])
    assert (report["tenants"], report["complete"], report["failures"]) == (1, True, 0)
    assert report["signing_key"]  # the local run has the key that encrypts signing keys
