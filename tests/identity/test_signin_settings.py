"""What the settings say of sign-in, and what is loaded before anybody signs in."""

import subprocess
import sys
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from entra.issuer.keys import SigningKey
from identity.signin_credential import credential
from identity.signin_settings import SignInSettings
from scim.errors import Unavailable
from storage.settings import SettingsError
from tests.identity.clock import Clock
from tests.identity.signin_world import pem

ROOT = Path(__file__).parent.parent.parent
KEY = SigningKey.new()
PKCS12 = serialize_key_and_certificates(b"app", KEY.private, KEY.certificate, None, NoEncryption())
FORMS = {"PEM": pem(KEY), "PEM in one line": pem(KEY).replace("\n", "\\n"), "PKCS #12": b64encode(PKCS12).decode()}
EC = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_nobody_can_sign_in_unless_a_client_id_is_set() -> None:
    assert SignInSettings.of({}) == SignInSettings("")


def test_settings_have_the_meaning_that_their_names_say() -> None:
    settings = SignInSettings.of(
        {"SIGNIN_CLIENT_ID": " c ", "SIGNIN_AUTHORITY": "https://l/t/v2.0/", "SIGNIN_SESSION_MINUTES": "90"}
    )
    assert (settings.client_id, settings.authority) == ("c", "https://l/t/v2.0")
    assert settings.session_life == timedelta(minutes=90)


@pytest.mark.parametrize(
    "settings",
    [
        {"SIGNIN_SESSION_MINUTES": "0"},
        {"SIGNIN_SESSION_MINUTES": "1441"},
        {"SIGNIN_SESSION_MINUTES": "8h"},
        {"SIGNIN_CERTIFICATE": "x", "SIGNIN_MANAGED_IDENTITY": "y"},
    ],
    ids=str,
)
def test_a_setting_without_meaning_is_refused_by_name(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SIGNIN_"):
        SignInSettings.of(settings)


@pytest.mark.parametrize("form", FORMS)
async def test_the_certificate_is_read_in_every_form_that_key_vault_has(form: str) -> None:
    proof = credential(SignInSettings("app", certificate=FORMS[form]), Clock())
    assertion = await proof.assertion("https://login.example/token")

    options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims = jwt.decode(
        assertion,
        KEY.private.public_key(),
        algorithms=["PS256"],
        audience="https://login.example/token",
        options=options,
    )
    assert (claims["iss"], claims["sub"]) == ("app", "app")


@pytest.mark.parametrize("text", ["nonsense", "bm9uc2Vuc2U=", "-----BEGIN nonsense", EC], ids=lambda text: text[:18])
def test_a_certificate_that_is_none_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingsError, match="SIGNIN_CERTIFICATE") as caught:
        credential(SignInSettings("app", certificate=text), Clock())
    assert text not in str(caught.value)


async def test_a_managed_identity_proves_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.json_response({"access_token": "of-the-identity", "expires_on": "4000000000"})

    application = web.Application()
    application.router.add_get("/token", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "h")

    proof = credential(SignInSettings("app", managed_identity="the-identity"), Clock())
    assert await proof.assertion("https://login.example/token") == "of-the-identity"
    assert (asked[0]["resource"], asked[0]["client_id"]) == ("api://AzureADTokenExchange", "the-identity")
    await runner.cleanup()


async def test_without_an_identity_endpoint_nobody_can_sign_in_at_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDENTITY_ENDPOINT", raising=False)
    with pytest.raises(Unavailable):
        await credential(SignInSettings("app", managed_identity="i"), Clock()).assertion("https://login.example/token")


def test_a_cold_start_loads_nothing_of_it() -> None:
    program = "import sys, function_app; print(*[n for n in sys.modules if n == 'jwt' or n.startswith('identity.')])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "identity.signin_settings" in loaded
    late = {each for each in loaded if each.startswith(("identity.signin", "identity.session")) or each == "jwt"}
    assert late == {"identity.signin_settings"}
