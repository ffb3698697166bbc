"""A directory, somebody who signs in, and an application that believes what the issuer publishes."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt

from entra.issuer.issuer import Issuer
from entra.source import AppRole, Directory, User

NOT_NOW = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
VERIFIER = "a-verifier-that-is-long-enough-to-be-one-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
APP = "http://127.0.0.1:9999/signed-in"
TENANT = "5f1c5d2c-1111-4222-8333-0123456789ab"


def user(id: str, name: str, **changes) -> User:
    attributes = {"userPrincipalName": name, "displayName": f"The {id}", "mail": f"{id}@mail.example"}
    user = User(id=id, attributes=attributes | changes.pop("attributes", {}))
    return user.model_copy(update=changes)


def directory() -> Directory:
    users = (
        user("ana", "ana@contoso.com", app_roles=[AppRole(id="1", value="Admin", display_name="Admin")]),
        user("guest", "gil_gmail.com#EXT#@contoso.com"),
        user("blocked", "bea@contoso.com", attributes={"accountEnabled": False}),
        user("binned", "bob@contoso.com", soft_deleted=True),
        user("odd", 'o"<script>@contoso.com'),
    )
    return Directory(tenant_id=TENANT, domain="contoso.com", users={user.id: user for user in users})


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Browser:
    """Somebody who signs in to an app, and the app."""

    issuer: Issuer
    version: str = "2.0"
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    @property
    def base(self) -> str:
        return f"{self.issuer.url}/{TENANT}/oauth2" + ("/v2.0" if self.version == "2.0" else "")

    def ask(self, **changes) -> httpx.Response:
        asked = {
            "client_id": "app",
            "redirect_uri": APP,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "st&te",
            "nonce": "n1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        return self.client.get(f"{self.base}/authorize", params={k: v for k, v in asked.items() if v is not None})

    def submit(self, page: httpx.Response, name: str = "ana@contoso.com", action: str = "sign-in") -> httpx.Response:
        target = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert target, page.text
        url = self.issuer.url + target[1].replace("&amp;", "&")
        return self.client.post(url, data={"name": name, "action": action})

    def code(self, **changes) -> str:
        return returned(self.submit(self.ask(**changes)))["code"]

    def redeem(self, good: str, **changes) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "code": good,
            "redirect_uri": APP,
            "code_verifier": VERIFIER,
        } | changes
        return self.client.post(f"{self.base}/token", data={k: v for k, v in form.items() if v is not None})


def returned(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(APP)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def verified(issuer: Issuer, token: str, audience: str, version: str = "2.0", **options) -> dict:
    """Verify a token as an application does: by what discovery says."""
    tail = "v2.0/" if version == "2.0" else ""
    document = httpx.get(f"{issuer.url}/{issuer.tenant_id}/{tail}.well-known/openid-configuration").json()
    kid = jwt.get_unverified_header(token)["kid"]
    keys = {key["kid"]: key for key in httpx.get(document["jwks_uri"]).json()["keys"]}
    return jwt.decode(
        token, jwt.PyJWK(keys[kid]), algorithms=["RS256"], audience=audience, issuer=document["issuer"], options=options
    )
