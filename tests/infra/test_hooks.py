"""The azd hooks: local settings, the encryption key that is made once, the try-out of a deployment."""

import base64
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.error import URLError

import httpx
import pytest

from local.service import Service
from tools.smoke import SmokeError

HOOKS = Path(__file__).parent.parent.parent / "infra" / "hooks"
URI = "https://kv-x.vault.azure.net/secrets/signing-key-encryption"


def _hook(name: str) -> ModuleType:
    """Load a hook as azd does: as a script of its folder."""
    if str(HOOKS) not in sys.path:
        sys.path.insert(0, str(HOOKS))
    spec = importlib.util.spec_from_file_location(name, HOOKS / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


key = _hook("encryption_key")
postdeploy = _hook("postdeploy")
postprovision = _hook("postprovision")


# local.settings.json

DEPLOYED = {"STORAGE_TABLE_ENDPOINT": "https://st.table.core.windows.net/", "TENANT_URL": "https://f.example/scim/v2"}


def test_settings_are_written_where_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "local.settings.json"
    postprovision.write_local_settings(path, DEPLOYED)
    assert json.loads(path.read_text()) == {
        "IsEncrypted": False,
        "Values": {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "AzureWebJobsStorage": "",
            "AzureWebJobs.maintenance.Disabled": "true",
            "STORAGE_TABLE_ENDPOINT": "https://st.table.core.windows.net/",
            "SCIM_BASE_URL": "https://f.example/scim/v2",
        },
    }


def test_what_else_is_set_is_kept_but_a_connection_string_that_would_win(tmp_path: Path) -> None:
    path = tmp_path / "local.settings.json"
    held = {"Values": {"STORAGE_CONNECTION_STRING": "old", "MINE": "1", "SCIM_BASE_URL": "old"}, "Host": {"CORS": "*"}}
    path.write_text(json.dumps(held))
    postprovision.write_local_settings(path, DEPLOYED)
    written = json.loads(path.read_text())
    assert written["Host"] == {"CORS": "*"}
    assert written["Values"]["MINE"] == "1"
    assert written["Values"]["SCIM_BASE_URL"] == DEPLOYED["TENANT_URL"]
    assert "STORAGE_CONNECTION_STRING" not in written["Values"]


# The encryption key


class Vault:
    """A vault over HTTP as far as the hook talks to it; the first answers may be refusals."""

    def __init__(self, *refusals: int, holds: bool = False) -> None:
        self.refusals, self.value, self.seconds = list(refusals), "x" if holds else "", 0.0
        self.asked: list[tuple[str, str]] = []

    def ask(self, method, url, token, body):
        assert token == "token-for-https://vault.azure.net/.default"
        self.asked.append((method, url))
        if self.refusals:
            return self.refusals.pop(0), {}
        if method == "PUT":
            assert not self.value, "the key must never be replaced: nothing it encrypted could be read again"
            self.value = body["value"]
            return 200, {}
        return 200, {"value": [{"id": url}] if self.value else []}

    def clock(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds

    def ensure(self) -> bool:
        return key.ensure_key(URI, Login(), ask=self.ask, clock=self.clock, pause=self.pause)


class Login:
    def get_token(self, *scopes: str):
        return type("Token", (), {"token": f"token-for-{scopes[0]}"})


def test_the_key_is_32_random_bytes_in_base64() -> None:
    one, other = Vault(), Vault()
    assert one.ensure()
    assert other.ensure()
    assert len(base64.b64decode(one.value, validate=True)) == 32
    assert one.value != other.value


def test_a_key_that_exists_is_left_alone() -> None:
    vault = Vault(holds=True)
    assert not vault.ensure()
    assert [method for method, _ in vault.asked] == ["GET"]


def test_a_secret_that_was_never_there_is_made() -> None:
    vault = Vault()
    vault.ask = lambda *sent, inner=vault.ask: (404, {}) if sent[0] == "GET" else inner(*sent)
    assert vault.ensure()


def test_a_role_that_is_not_believed_yet_is_waited_for() -> None:
    vault = Vault(403, 403, 403)
    assert vault.ensure()
    assert vault.seconds == 30.0


def test_a_role_that_is_missing_is_named_in_the_end() -> None:
    vault = Vault(*[403] * 1000)
    with pytest.raises(key.KeyNotMade, match="answered 403; you need the role Key Vault Secrets Officer"):
        vault.ensure()
    assert vault.seconds == 300.0


def test_a_vault_behind_a_private_network_is_explained() -> None:
    vault = Vault()

    def unreachable(*_):
        raise URLError("timed out")

    vault.ask = unreachable
    with pytest.raises(key.KeyNotMade, match="cannot be reached from here"):
        vault.ensure()


def test_the_function_app_is_told_to_read_the_secret() -> None:
    asked = []
    place = {"AZURE_SUBSCRIPTION_ID": "s", "AZURE_RESOURCE_GROUP": "rg-x", "SERVICE_SCIM_NAME": "func-x"}
    key.refresh_reference(place, Login(), ask=lambda *sent: asked.append(sent) or (200, {}))
    [(method, url, token, _)] = asked
    assert (method, token) == ("POST", "token-for-https://management.azure.com/.default")
    assert "/subscriptions/s/resourceGroups/rg-x/providers/Microsoft.Web/sites/func-x/config/configreferences" in url
    with pytest.raises(key.KeyNotMade, match="restart it once"):
        key.refresh_reference(place, Login(), ask=lambda *_: (409, {}))


# The try-out


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def environment(service: Service) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "STORAGE_CONNECTION_STRING": service.connection_string,
        "TENANT_URL": service.tenant_url,
    }


def test_a_deployment_is_tried_out_again_and_again(environment, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert postdeploy.main(environment) == 0
        printed = capsys.readouterr().out
        assert f"Tenant URL:  {environment['TENANT_URL']}" in printed
        assert "ok  delete" in printed


def test_afterwards_nobody_can_do_anything_with_the_tenant_or_its_tokens(environment) -> None:
    postdeploy.try_out(environment)
    assert postdeploy.identity(environment, "tenant", "show", postdeploy.TENANT)["disabled"]
    tokens = postdeploy.identity(environment, "token", "list", postdeploy.TENANT)
    assert tokens
    assert all(token["revoked"] for token in tokens)


def test_after_a_failure_neither(environment, service: Service) -> None:
    environment["TENANT_URL"] = service.tenant_url.replace("/v2", "/v3")
    with pytest.raises(SmokeError):
        postdeploy.try_out(environment, wait=0)
    assert postdeploy.identity(environment, "tenant", "show", postdeploy.TENANT)["disabled"]
    headers = {"Authorization": f"Bearer {service.secret_token}"}
    assert httpx.get(f"{service.tenant_url}/Users", headers=headers).status_code == 200


def test_tables_that_cannot_be_reached_are_named(environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment["STORAGE_CONNECTION_STRING"] = ""
    assert postdeploy.main(environment) == 1
    assert "The service is deployed, but does not work: error:" in capsys.readouterr().err
