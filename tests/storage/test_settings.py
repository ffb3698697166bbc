"""Where the tables are, and how the app signs in to them."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from azure.core.exceptions import ClientAuthenticationError

from local.azurite import free_port
from storage.credential import ManagedIdentity, OperatorLogin, operator_login
from storage.faults import Denied, advice
from storage.settings import Settings, SettingsError
from storage.tables import Tables


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"STORAGE_CONNECTION_STRING": "c"}, Settings(connection_string="c")),
        (
            {"STORAGE_TABLE_ENDPOINT": "https://t", "AZURE_CLIENT_ID": "i", "OTHER": "x"},
            Settings(table_endpoint="https://t", client_id="i"),
        ),
    ],
)
def test_settings_come_from_the_environment(environment: dict[str, str], expected: Settings) -> None:
    assert Settings.from_environment(environment) == expected


@pytest.mark.parametrize("environment", [{}, {"STORAGE_CONNECTION_STRING": ""}, {"AZURE_CLIENT_ID": "i"}])
def test_missing_settings_are_named(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="STORAGE_CONNECTION_STRING or STORAGE_TABLE_ENDPOINT"):
        Settings.from_environment(environment)


class IdentityEndpoint:
    """The identity endpoint of the platform: tokens that live for an hour."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], str]] = []
        self.status = 200
        self.environment: dict[str, str] = {}
        self.now = 1_000.0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((dict(request.query), request.headers.get("X-IDENTITY-HEADER", "")))
        token = {"access_token": f"token{len(self.asked)}", "expires_on": str(int(self.now) + 3600)}
        return web.json_response(token, status=self.status)


@pytest.fixture
async def endpoint() -> AsyncIterator[IdentityEndpoint]:
    platform = IdentityEndpoint()
    app = web.Application()
    app.router.add_get("/msi/token", platform.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/msi/token"
    platform.environment = {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": "proof"}
    yield platform
    await runner.cleanup()


async def test_a_token_is_asked_for_as_the_platform_wants_it(endpoint: IdentityEndpoint) -> None:
    identity = ManagedIdentity("client", endpoint.environment, clock=lambda: endpoint.now)

    token = await identity.get_token("https://storage.azure.com/.default", tenant_id="ignored")

    assert (token.token, token.expires_on) == ("token1", 4600)
    query = {"resource": "https://storage.azure.com", "api-version": "2019-08-01", "client_id": "client"}
    assert endpoint.asked == [(query, "proof")]


async def test_a_token_is_kept_until_shortly_before_it_expires(endpoint: IdentityEndpoint) -> None:
    identity = ManagedIdentity("", endpoint.environment, clock=lambda: endpoint.now)
    tokens = []
    for now in (1_000.0, 4_299.0, 4_300.0):
        endpoint.now = now
        tokens.append((await identity.get_token("r/.default")).token)

    assert tokens == ["token1", "token1", "token2"]
    assert "client_id" not in endpoint.asked[0][0]


async def test_a_refusal_says_what_was_answered(endpoint: IdentityEndpoint) -> None:
    endpoint.status = 400
    identity = ManagedIdentity("", endpoint.environment)

    with pytest.raises(ClientAuthenticationError, match="answered 400"):
        await identity.get_token("r/.default")


@pytest.mark.parametrize("environment", [{}, {"IDENTITY_ENDPOINT": "nowhere"}], ids=["unset", "silent"])
async def test_without_an_endpoint_there_is_no_token(environment: dict[str, str]) -> None:
    if environment:
        environment = {"IDENTITY_ENDPOINT": f"http://127.0.0.1:{free_port()}"}

    with pytest.raises(ClientAuthenticationError, match="identity"):
        await ManagedIdentity("", environment).get_token("r/.default")


@pytest.mark.parametrize("endpoint", ["http://t.example.com", "t.example.com", "https//t", "HTTP://t"])
def test_a_token_is_sent_over_https_alone(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="STORAGE_TABLE_ENDPOINT is no https URL"):
        Settings.from_environment({"STORAGE_TABLE_ENDPOINT": endpoint})


async def test_a_deployed_app_reaches_its_endpoint_with_its_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1/msi/token")
    tables = Tables(Settings(table_endpoint="https://example.table.core.windows.net", client_id="i"))

    assert isinstance(tables.connect().credential, ManagedIdentity)
    assert tables.connect() is tables.connect()
    await tables.close()


async def test_an_operator_reaches_it_with_the_login_of_az_and_is_told_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("IDENTITY_ENDPOINT", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))  # neither az nor azd is there
    tables = Tables(Settings(table_endpoint="https://example.table.core.windows.net"))

    assert isinstance(tables.connect().credential, OperatorLogin)
    with pytest.raises(Denied, match="cannot be reached") as caught:
        await tables.ping()
    assert "run `azd auth login` or `az login` first" in advice(caught.value)
    await tables.close()


async def test_an_operator_sends_the_token_that_az_gives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = {"accessToken": "from-az", "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4070908800}
    az = tmp_path / "az"
    az.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    az.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    login = operator_login()

    assert (await login.get_token("https://storage.azure.com/.default")).token == "from-az"
    await login.close()


def test_an_operator_without_azure_identity_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity.aio", None)

    with pytest.raises(SettingsError, match="pip install azure-identity"):
        operator_login()
