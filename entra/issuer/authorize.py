"""The authorization endpoint: people sign in, and the application gets a code (RFC 6749 section 4.1, RFC 7636)."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from entra.issuer import page
from entra.issuer.addresses import Version
from entra.issuer.clients import Client, Clients, Refused
from entra.issuer.web import Reply, Request, redirect
from entra.source import Directory, User

COOKIE = "local-entra-session"
_CODE_LIFE = 600.0  # seconds
_CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 section 4.2
_MODES = ("query", "form_post")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks for: already checked."""

    client: Client
    redirect_uri: str
    scope: str
    state: str = ""
    nonce: str = ""
    challenge: str = ""
    mode: str = "query"
    prompt: str = ""
    hint: str = ""

    @classmethod
    def read(cls, parameters: Mapping[str, str], client: Client, redirect_uri: str) -> Self:
        """Read a request whose client and redirect URI are known to be good. Raise Refused."""
        get = parameters.get
        if get("response_type") != "code":
            raise Refused("unsupported_response_type", f"response_type {get('response_type')!r}: send code.")
        if get("response_mode", "query") not in _MODES:
            raise Refused("invalid_request", f"response_mode is one of {', '.join(_MODES)}.")
        if "openid" not in get("scope", "").split():
            raise Refused("invalid_request", "AADSTS900144: The scope must contain openid.")
        challenge = get("code_challenge", "")
        if challenge and get("code_challenge_method") != "S256":
            raise Refused("invalid_request", "code_challenge_method must be S256.")
        if challenge and not _CHALLENGE.fullmatch(challenge):
            raise Refused("invalid_request", "code_challenge is not a base64url-encoded SHA-256.")
        if not challenge and not client.secret:
            raise Refused("invalid_request", "A client without a secret must send a code_challenge (PKCE).")
        return cls(
            client,
            redirect_uri,
            get("scope", ""),
            get("state", ""),
            get("nonce", ""),
            challenge,
            get("response_mode", "query"),
            get("prompt", ""),
            get("login_hint", ""),
        )


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for."""

    asked: Asked
    user: User
    version: Version
    expires: float


class Authorization:
    """Signs people in and out, and hands out codes. `clock` is seconds since 1970."""

    def __init__(self, directory: Directory, clients: Clients, clock: Callable[[], float]) -> None:
        self._directory, self._clients, self._clock = directory, clients, clock
        self._codes: dict[str, Code] = {}
        self._sessions: dict[str, str] = {}  # session -> user id

    def authorize(self, request: Request, version: Version) -> Reply:
        """Answer a request of a browser: the sign-in page, or the way back to the application."""
        parameters = request.query if request.method == "GET" else request.parameters
        try:
            client = self._clients.get(parameters.get("client_id", ""))
            redirect_uri = self._clients.check_redirect(client, parameters.get("redirect_uri", ""))
        except Refused as refused:
            # RFC 6749 section 4.1.2.1: nobody is sent to a redirect URI that may not be the client's.
            return page.message("Sorry, but we're having trouble signing you in", refused.description, 400)
        try:
            asked = Asked.read(parameters, client, redirect_uri)
            return self._signed_in(request, asked, version)
        except Refused as refused:
            answer = {"error": refused.error, "error_description": refused.description}
            return redirect(redirect_uri, answer | _state(parameters.get("state", "")))

    def redeem(self, code: str) -> Code:
        """Return what a code stands for, once. Raise Refused."""
        found = self._codes.pop(code, None)
        if found is None or self._clock() >= found.expires:
            raise Refused("invalid_grant", "AADSTS70008: The code has expired, was used before, or is not known.")
        return found

    def sign_out(self, request: Request) -> Reply:
        """End the session, and return to the application if it may be (OpenID Connect RP-Initiated Logout 1.0)."""
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)
        url, state = request.parameters.get("post_logout_redirect_uri", ""), request.parameters.get("state", "")
        expired = f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        if url and self._clients.may_return_to(url):
            return redirect(url, _state(state), Set_Cookie=expired)
        reply = page.message("You signed out of your account", "You can close this window.")
        return Reply(reply.status, reply.body, headers={**reply.headers, "Set-Cookie": expired})

    def _signed_in(self, request: Request, asked: Asked, version: Version) -> Reply:
        user = self._directory.users.get(self._sessions.get(request.cookies.get(COOKIE, ""), ""))
        if asked.prompt == "none":
            if user is None or _obstacle(user):
                raise Refused("login_required", "AADSTS50058: Nobody is signed in, and prompt=none was sent.")
            return self._back(asked, user, version)
        if "action" in request.form:
            return self._submitted(request, asked, version)
        if user is not None and not _obstacle(user) and asked.prompt not in {"login", "select_account"}:
            return self._back(asked, user, version)
        return self._page(request, asked, name=asked.hint)

    def _submitted(self, request: Request, asked: Asked, version: Version) -> Reply:
        if request.form["action"] == "cancel":
            raise Refused("access_denied", "AADSTS65004: The user cancelled the sign-in.")
        name = request.form.get("name", "").strip()
        user = self._find(name)
        obstacle = f"AADSTS50034: There is no account {name!r} in this directory." if user is None else _obstacle(user)
        if user is None or obstacle:
            return self._page(request, asked, name=name, error=obstacle)
        session = secrets.token_urlsafe(24)
        self._sessions[session] = user.id
        reply = self._back(asked, user, version)
        cookie = f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
        return Reply(reply.status, reply.body, headers={**reply.headers, "Set-Cookie": cookie})

    def _page(self, request: Request, asked: Asked, name: str = "", error: str = "") -> Reply:
        kept = {key: value for key, value in request.parameters.items() if key not in {"name", "action"}}
        action = f"{request.path}?{urlencode(kept)}"
        return page.sign_in(action, asked.client.name or asked.client.id, self._names(), name, error)

    def _back(self, asked: Asked, user: User, version: Version) -> Reply:
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(asked, user, version, self._clock() + _CODE_LIFE)
        answer = {"code": code} | _state(asked.state)
        return page.form_post(asked.redirect_uri, answer) if asked.mode == "form_post" else redirect(
            asked.redirect_uri, answer, Cache_Control="no-store"
        )  # fmt: skip

    def _find(self, name: str) -> User | None:
        found = self._directory.find(name) if name else None
        return found if isinstance(found, User) else None

    def _names(self) -> Iterator[str]:
        return (user.name for user in self._directory.users.values() if not _obstacle(user))


def _obstacle(user: User) -> str:
    """Return why a user may not sign in; the empty string if nothing is in the way."""
    if user.soft_deleted:
        return f"AADSTS50034: The account {user.name} does not exist in this directory."
    return "" if user.enabled else f"AADSTS50057: The account {user.name} is disabled."


def _state(state: str) -> dict[str, str]:
    return {"state": state} if state else {}
