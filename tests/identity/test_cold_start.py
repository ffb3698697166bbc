"""What a process imports before it is asked: nothing that few requests need, because a cold start waits for it."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parent.parent.parent
_HEAVY = ("jwt", "cryptography", "identity.oauth", "identity.token_endpoint", "identity.remote_keys")
_RARE = ("identity.signin", "maintenance.run", "scim.bulk", "storage.check")
_ASK = """
import asyncio, sys
from datetime import UTC, datetime
from identity.authenticate import Authenticator
from identity.tokens import Token
from scim.errors import Unauthorized
from storage.settings import Settings
from storage.tables import Patience, Tables

async def ask():
    tables = Tables(Settings(connection_string=sys.argv[1]), patience=Patience(attempts=0))
    check = Authenticator(tables, lambda: datetime.now(UTC), {})
    for bearer in ("junk", Token.new("nobody").render(), *sys.argv[2:]):
        try:
            await check.authenticate(f"Bearer {bearer}")
        except Unauthorized:
            pass
    await tables.close()

asyncio.run(ask())
"""


def imported(code: str, *arguments: str) -> set[str]:
    """The modules that a new process has imported after running the code."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=_PROJECT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_starting_the_app_imports_nothing_that_few_requests_need() -> None:
    assert not imported("import function_app").intersection(_HEAVY + _RARE)


@pytest.mark.usefixtures("tables")
def test_secret_tokens_import_nothing_of_oauth(storage_settings) -> None:
    assert not imported(_ASK, storage_settings.connection_string).intersection(_HEAVY)


@pytest.mark.usefixtures("tables")
def test_the_first_jwt_imports_it(storage_settings) -> None:
    assert imported(_ASK, storage_settings.connection_string, "eyJ.eyJ.x").issuperset(_HEAVY)
