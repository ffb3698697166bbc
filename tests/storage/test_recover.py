"""The written recovery procedure does what it says: its commands are run as they stand there."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from identity.credentials import SecretTokens
from identity.tenants import Tenants
from local.app import ROOT
from scim.store import Draft, Member
from storage import keys
from storage.check import check
from storage.directory import TABLE, TableDirectory
from storage.settings import Settings
from storage.tables import Tables, Write
from tests.storage.conftest import GROUP, USER
from tests.storage.line import seed_users
from tests.storage.past import contents

TENANT = "contoso"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs/recover.md").read_text(), re.MULTILINE | re.DOTALL)


def run(block: str, settings: Settings, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block of commands in a shell, which stops at the first that fails."""
    return subprocess.run(
        ["sh", "-e", "-c", block],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "STORAGE_CONNECTION_STRING": settings.connection_string,
        },
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_procedure_brings_everything_back(tables: Tables, storage_settings: Settings, tmp_path: Path) -> None:
    # Disabled two minutes ago, as the page asks for: the deletion need not wait for the last requests.
    tenants = Tenants(tables, lambda: datetime.now(UTC) - timedelta(minutes=2))
    await tenants.create("Contoso", TENANT)
    await SecretTokens(tables, lambda: datetime.now(UTC)).issue(TENANT)
    directory = TableDirectory(tables, TENANT)
    users = await seed_users(tables, TENANT, 30)
    await directory.create(GROUP, Draft({"displayName": "g"}, [Member(id, "User") for id in users]))
    whole = await contents(tables, TENANT)
    copy, look, *rest = BLOCKS
    assert len(rest) == 6

    assert run(copy, storage_settings, tmp_path).returncode == 0
    user = users[0]
    await tables.table(TABLE).commit(TENANT, [Write("delete", keys.claim(USER.name, "User0", user))])
    looked = run(look, storage_settings, tmp_path)
    assert (looked.returncode, "resource without its claim" in looked.stderr) == (1, True)
    await tenants.disable(TENANT)
    for block in rest[:4]:
        done = run(block, storage_settings, tmp_path)
        assert done.returncode == 0, f"{block}{done.stderr}"

    assert await contents(tables, TENANT) == whole
    assert await check(tables, TENANT) == []
    assert [
        token.valid(datetime.now(UTC)) for token in await SecretTokens(tables, lambda: datetime.now(UTC)).list(TENANT)
    ]

    await tenants.disable(TENANT)
    for block in rest[4:]:
        done = run(block, storage_settings, tmp_path)
        assert done.returncode == 0, f"{block}{done.stderr}"

    assert await contents(tables, TENANT) == whole
    assert await check(tables, TENANT) == []
    assert await contents(tables, f"{TENANT}-copy") == []
