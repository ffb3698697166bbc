"""Who is signed in: the session as a signed cookie, or as a bearer token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit

from identity.session_token import SESSION, InvalidStatement, Statements

COOKIE = "ideo_session"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Session:
    """That a person signed in with an account of that Entra tenant, as the user of that id in the tenant."""

    id: str
    tenant_id: str
    user_id: str
    entra_tenant_id: str
    expires: datetime


class Sessions:
    """Begins and recognises sessions."""

    def __init__(self, statements: Statements, life: timedelta) -> None:
        self._statements = statements
        self.life = life

    async def begin(self, origin: str, tenant_id: str, user_id: str, entra_tenant_id: str) -> str:
        """Return the token of a new session. Raises Unavailable."""
        claims = {"jti": token_urlsafe(12), "tenant": tenant_id, "sub": user_id, "tid": entra_tenant_id}
        return await self._statements.sign(SESSION, origin, claims, self.life)

    async def read(self, origin: str, token: str) -> Session:
        """Return the session of the token. Raises InvalidStatement, Unavailable."""
        claims = await self._statements.read(SESSION, origin, token)
        expires = datetime.fromtimestamp(claims["exp"], UTC)
        return Session(claims["jti"], claims["tenant"], claims["sub"], claims["tid"], expires)

    async def of_browser(self, origin: str, headers: Mapping[str, str]) -> Session | None:
        """Return the session that the request's cookie proves, or None. Raises Unavailable."""
        token = cookie(headers, COOKIE, origin)
        try:
            return await self.read(origin, token) if token else None
        except InvalidStatement:
            return None


def cookie(headers: Mapping[str, str], name: str, origin: str) -> str:
    """Return the value of our cookie in the request, or "" when there is none."""
    wanted = _full_name(name, origin)
    for pair in headers.get("cookie", "").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == wanted:
            return value
    return ""


def set_cookie(name: str, value: str, origin: str, life: timedelta) -> str:
    """Return a Set-Cookie header: kept from scripts, from other sites' requests, and from plain http.

    A life of zero removes it.
    """
    secure = "" if _is_local(origin) else "; Secure"
    seconds = int(life.total_seconds())
    return f"{_full_name(name, origin)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def is_own_page(headers: Mapping[str, str], origin: str) -> bool:
    """Tell whether a page of ours sent the request, not another site (Fetch Metadata, else RFC 6454 section 7)."""
    site = headers.get("sec-fetch-site", "")
    return site == "same-origin" if site else headers.get("origin", "") == origin


def _full_name(name: str, origin: str) -> str:
    # A browser takes a __Host- cookie from https alone, and no other host of the domain can set it.
    return name if _is_local(origin) else f"__Host-{name}"


def _is_local(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK
