"""Whose tokens may be trusted: which hosts keys are fetched from, and what a trust is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import SplitResult, urlsplit

from identity.errors import InvalidTrust
from identity.models import Trust

HOSTS = "JWKS_HOSTS"
LOOPBACK = "JWKS_LOOPBACK"
# Microsoft's public cloud, the one of the US government, and the one that 21Vianet operates in China.
_MICROSOFT = {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}
# What Entra's tokens for provisioning without a Secret Token are for, where the application is not from the gallery.
NON_GALLERY_AUDIENCE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_API = "api://"
_LONGEST = 1000
_HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Where keys may be fetched from: by https from these hosts ("host", or "host:port" where the port is not 443).

    With `loopback`, also by http from this machine, for local runs and tests.
    """

    names: frozenset[str]
    loopback: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """Return Microsoft's hosts and those that JWKS_HOSTS adds, separated by commas."""
        added = {name.strip().lower() for name in settings.get(HOSTS, "").split(",") if name.strip()}
        return cls(frozenset(_MICROSOFT | added), settings.get(LOOPBACK, "").lower() in {"1", "true"})

    def check(self, url: str) -> str:
        """Return the URL if keys may be fetched from it. Raises InvalidTrust."""
        parts = _split(url)
        try:
            port = parts.port
        except ValueError:
            raise InvalidTrust(f"{url!r} is not a URL") from None
        host = (parts.hostname or "").lower()
        if parts.username is not None or parts.fragment:
            raise InvalidTrust(f"{url!r} has a user name or a fragment, which the address of keys has not")
        if parts.scheme == "http" and self.loopback and _is_loopback(host):
            return url
        name = host if port in {None, _HTTPS_PORT} else f"{host}:{port}"
        if parts.scheme != "https" or name not in self.names:
            hosts = ", ".join(sorted(self.names))
            raise InvalidTrust(f"keys are fetched by https from {hosts} alone, not from {url!r}: {HOSTS} adds a host")
        return url


def trust(
    hosts: AllowedHosts, issuer: str, jwks_url: str, subject: str, audience: str, entra_tenant_id: str | None = None
) -> Trust:
    """Return the trust of the four values that Entra's portal shows for workload identity federation.

    The Entra tenant id is read from the issuer where it is not given. Raises InvalidTrust.
    """
    tenant = entra_tenant_id or next(iter(_GUID.findall(issuer.lower())), None)
    if tenant is not None:
        tenant = guid(tenant)
    return Trust(
        issuer=_text("issuer", issuer),
        jwks_url=hosts.check(jwks_url),
        audiences=audiences(audience),
        subject=_text("subject", subject),
        entra_tenant_id=tenant,
    )


def entra_trust(
    hosts: AllowedHosts,
    entra_tenant_id: str,
    audience: str = NON_GALLERY_AUDIENCE,
    issuer: str | None = None,
    jwks_url: str | None = None,
) -> Trust:
    """Return the trust in what Entra issues for a tenant without a Secret Token; `audience` is the gallery
    application's id where it is not the one for all others. Raises InvalidTrust."""
    tenant = guid(entra_tenant_id)
    return Trust(
        issuer=_text("issuer", issuer or f"https://sts.windows.net/{tenant}/"),
        jwks_url=hosts.check(jwks_url or f"https://login.microsoftonline.com/{tenant}/discovery/keys"),
        audiences=audiences(audience),
        entra_tenant_id=tenant,
    )


def guid(text: str) -> str:
    """Return the text in lower case if it is a GUID. Raises InvalidTrust."""
    lower = text.strip().lower()
    if not _GUID.fullmatch(lower):
        raise InvalidTrust(f"{text!r} is not an Entra tenant id, which is a GUID")
    return lower


def audiences(audience: str) -> tuple[str, ...]:
    """Return the forms in which the audience may come: Entra writes an application's id bare or after api://."""
    text = _text("audience", audience)
    bare = text.removeprefix(_API)
    return (bare, _API + bare) if _GUID.fullmatch(bare.lower()) else (text,)


def _text(name: str, value: str) -> str:
    text = value.strip()
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise InvalidTrust(f"the {name} must be 1 to {_LONGEST} printable characters")
    return text


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(_text("JWKS URL", url))
    except ValueError:  # brackets that are no IPv6 address
        raise InvalidTrust(f"{url!r} is not a URL") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
