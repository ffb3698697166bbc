"""What is in the tokens that Entra issues: to applications for themselves, and about people who signed in."""

import hashlib
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Collection
from typing import Any

from entra.issuer.addresses import Addresses, Version
from entra.source import User

# The first-party application that asks for tokens on behalf of the provisioning service.
PROVISIONING_SERVICE = "cb1d50fe-8ed0-4944-9e7d-5981aad3bc4b"
# What tokens without a Secret Token are for, where the application is not from the gallery.
NON_GALLERY_AUDIENCE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
GRAPH = "00000003-0000-0000-c000-000000000000"

APP_TOKEN_LIFE = 3900  # seconds: 65 minutes
ID_TOKEN_LIFE = 3600

_GUEST = "#EXT#"

Claims = dict[str, Any]


def service_principal(tenant: str, application: str) -> str:
    """Return the object id of an application's service principal in a tenant: always the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/{application}"))


def app_claims(addresses: Addresses, version: Version, audience: str, application: str, now: float) -> Claims:
    """Return the claims of a token that an application gets for itself."""
    principal = service_principal(addresses.tenant, application)
    claims = _common(addresses, version, audience, now, APP_TOKEN_LIFE) | {"oid": principal, "sub": principal}
    if version == "1.0":
        return claims | {"appid": application, "appidacr": "2", "idp": addresses.issuer("1.0")}
    return claims | {"azp": application, "azpacr": "2"}


def id_claims(
    addresses: Addresses, version: Version, client: str, user: User, scopes: Collection[str], now: float
) -> Claims:
    """Return the claims of an ID token (OpenID Connect Core 1.0 section 2), the nonce apart."""
    claims = _common(addresses, version, client, now, ID_TOKEN_LIFE)
    claims |= {"oid": user.id, "sub": _pairwise(client, user.id)}
    if user.app_roles:
        claims["roles"] = [role.value for role in user.app_roles]
    mail = user.attributes.get("mail")
    if "email" in scopes and mail:
        claims["email"] = mail
    if "profile" not in scopes and version == "2.0":
        return claims
    name = str(mail) if _GUEST in user.name and mail else user.name
    claims |= {"name": user.attributes.get("displayName", user.name)}
    if version == "2.0":
        return claims | {"preferred_username": name}
    parts = {"given_name": user.attributes.get("givenName"), "family_name": user.attributes.get("surname")}
    return claims | {"upn": user.name, "unique_name": name} | {key: value for key, value in parts.items() if value}


def access_claims(addresses: Addresses, version: Version, client: str, user: User, scope: str, now: float) -> Claims:
    """Return the claims of the access token that comes with an ID token, which is for Microsoft Graph."""
    claims = _common(addresses, version, GRAPH, now, ID_TOKEN_LIFE)
    return claims | {"oid": user.id, "sub": _pairwise(GRAPH, user.id), "appid": client, "scp": scope}


def _common(addresses: Addresses, version: Version, audience: str, now: float, life: int) -> Claims:
    return {
        "aud": audience,
        "iss": addresses.issuer(version),
        "iat": int(now),
        "nbf": int(now),
        "exp": int(now) + life,
        "tid": addresses.tenant,
        "uti": secrets.token_urlsafe(16),
        "ver": version,
    }


def _pairwise(client: str, user: str) -> str:
    digest = hashlib.sha256(f"{client}/{user}".encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
