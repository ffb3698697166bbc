"""Signing in with Entra: OpenID Connect's authorization code flow with PKCE, and the pages around it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from identity import decisions, session, signin_flow, signin_pages
from identity.endpoints import Endpoints
from identity.issuers import AllowedHosts
from identity.limits import Failures
from identity.remote_keys import RemoteKeys
from identity.session import Session, Sessions, is_own_page, set_cookie
from identity.session_me import Me
from identity.session_token import InvalidStatement, Statements
from identity.signin_authority import Authority, CodeRefused, Metadata
from identity.signin_credential import ASSERTION_TYPE, credential
from identity.signin_flow import Flow, Flows
from identity.signin_pages import Page
from identity.signin_people import NotAdmitted, People, Person
from identity.signin_settings import SignInSettings
from identity.signin_token import IdTokens, InvalidIdToken
from identity.signing_keys import SigningKeys
from scim.errors import ScimError, TooManyRequests
from scim.http import Request
from storage.tables import Tables

_SCOPE = "openid profile"  # profile: without it Entra names no object id
_LONGEST_CODE = 8192
_COUNTED = "signin"  # as what failures are counted
_ENDED = "Your session has ended. Please sign in again."


class SignIn:
    """Answers what browsers ask for, except for SCIM; one per process, because its parts cache.

    `clock` is the time now, in UTC; `settings` are those of identity.signin_settings and identity.oauth. Raises
    SettingsError where one has no meaning.
    """

    def __init__(self, tables: Tables, clock: Callable[[], datetime], settings: Mapping[str, str]) -> None:
        own, hosts = SignInSettings.of(settings), AllowedHosts.of(settings)
        self._client_id = own.client_id
        self._clock = clock
        self._credential = credential(own, clock)
        self._authority = Authority(hosts, own.authority, clock)
        self._tokens = IdTokens(own.client_id, RemoteKeys(hosts, clock), clock)
        statements = Statements(SigningKeys(tables, clock, settings), clock)
        self._flows = Flows(statements)
        self._sessions = Sessions(statements, own.session_life)
        self._people = People(tables, clock)
        self._failures = Failures()
        self.me = Me(self._sessions, self._people) if own.client_id else None

    async def page(self, request: Request) -> Page:
        """Return the page with the button."""
        ended = "session" in request.query
        return signin_pages.sign_in(signin_flow.own_path(request.query.get("return", "")), _ENDED if ended else "")

    async def begin(self, request: Request) -> Page:
        """Send the browser to Entra (OpenID Connect Core 1.0 section 3.1.2.1). Raises Unavailable."""
        origin, metadata = _origin(request), await self._authority.metadata()
        flow = Flow.begin(request.query.get("return", ""))
        query = {
            "client_id": self._client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": _redirect_uri(origin),
            "scope": _SCOPE,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        if "account" in request.query:
            # Microsoft would otherwise answer with the account that was just refused, and ask nothing.
            query["prompt"] = "select_account"
        page = signin_pages.redirect(_with_query(metadata.authorization_endpoint, query))
        return page.setting(await self._flows.keep(flow, origin))

    async def callback(self, request: Request, caller: str) -> Page:
        """Take what Entra answers, begin a session, and send the browser to where it wanted to go.

        `caller` is the address of the sender. Raises Unavailable, TooManyRequests.
        """
        origin, now = _origin(request), self._clock()
        wait = self._failures.wait(caller, _COUNTED, now)
        if wait > 0:
            raise TooManyRequests("Too many sign-ins failed", headers={"Retry-After": str(int(wait) + 1)})
        try:
            flow = await self._flows.find(origin, request.headers, request.query.get("state", ""))
            person, token = await self._signed_in(request, origin, flow)
        except (InvalidStatement, CodeRefused, InvalidIdToken) as error:
            self._failures.note(caller, _COUNTED, now)
            decisions.record("sign-in", refused=str(error), method="session")
            page = signin_pages.message(400, "The sign-in was not completed", _detail(error))
        except NotAdmitted as error:
            page = _not_admitted(error, "sign-in")
        else:
            decisions.record("sign-in", tenant=person.tenant.id, credential=person.user.id, method="session")
            kept = set_cookie(session.COOKIE, token, origin, self._sessions.life)
            page = signin_pages.redirect(flow.to).setting(kept)
        # A flow ends with its first answer, whatever that is: the next needs a state of its own.
        return page.setting(signin_flow.end(origin))

    async def profile(self, request: Request) -> Page:
        """Show the signed-in person what is provisioned of them; who is not signed in goes to do that."""
        origin = _origin(request)
        found = await self._session(request, origin)
        if found is None:
            ended = {"session": "ended"} if session.cookie(request.headers, session.COOKIE, origin) else {}
            return signin_pages.redirect(_with_query("/signin", {"return": signin_flow.HOME} | ended))
        try:
            person = await self._people.of_session(found)
        except NotAdmitted as error:
            return _not_admitted(error, "profile").setting(_no_session(origin))
        return signin_pages.profile(person, await self._people.groups(person))

    async def ask_sign_out(self, request: Request) -> Page:
        """Ask before signing out: a link from elsewhere must not do it."""
        if await self._session(request, _origin(request)) is None:
            return await self._signed_out(request)
        return signin_pages.sign_out()

    async def sign_out(self, request: Request) -> Page:
        """End the session of this browser."""
        origin = _origin(request)
        if not is_own_page(request.headers, origin):
            return signin_pages.message(403, "Nothing was done", "Another site asked for it.")
        found = await self._session(request, origin)
        if found is not None:
            decisions.record("sign-out", tenant=found.tenant_id, credential=found.user_id, method="session")
        return (await self._signed_out(request)).setting(_no_session(origin))

    def unavailable(self, error: ScimError) -> Page:
        """Return the page for an error of the service."""
        return signin_pages.message(error.status, "This does not work at the moment", error.detail, error.headers)

    def switched_off(self) -> Page | None:
        """Return the page that everybody gets where sign-in is not set up, else None."""
        if self._client_id:
            return None
        return signin_pages.message(501, "Sign-in is not set up", "Nobody can sign in to this service.")

    async def _signed_in(self, request: Request, origin: str, flow: Flow) -> tuple[Person, str]:
        """Return who signed in, and the token of their session."""
        code = request.query.get("code", "")
        if not code or len(code) > _LONGEST_CODE:
            raise CodeRefused(f"no code came, but the error {request.query.get('error', '(none)')[:40]!r}")
        metadata = await self._authority.metadata()
        token = await self._authority.redeem(metadata, await self._form(metadata, code, origin, flow))
        account = await self._tokens.verify(token, flow.nonce, metadata)
        person = await self._people.of_account(account)
        begun = await self._sessions.begin(origin, person.tenant.id, person.user.id, account.entra_tenant_id)
        return person, begun

    async def _form(self, metadata: Metadata, code: str, origin: str, flow: Flow) -> dict[str, str]:
        """Return the token request (RFC 6749 section 4.1.3, RFC 7636 section 4.5, RFC 7523 section 2.2)."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self._client_id,
            "code": code,
            "redirect_uri": _redirect_uri(origin),
            "code_verifier": flow.verifier,
            "scope": _SCOPE,
        }
        assertion = await self._credential.assertion(metadata.token_endpoint)
        return form | ({"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion} if assertion else {})

    async def _session(self, request: Request, origin: str) -> Session | None:
        return await self._sessions.of_browser(origin, request.headers)

    async def _signed_out(self, request: Request) -> Page:
        try:
            url = (await self._authority.metadata()).end_session_endpoint
        except ScimError:
            url = ""  # the session here ends whether or not Microsoft can be asked
        back = {"post_logout_redirect_uri": f"{_origin(request)}/signin"}
        return signin_pages.signed_out(_with_query(url, back) if url else "")


def _detail(error: Exception) -> str:
    if isinstance(error, InvalidStatement):
        return (
            "The sign-in took too long, was completed before, or was begun in another browser or tab. Nothing is"
            " wrong with your account: please sign in again."
        )
    return f"Microsoft's answer could not be used: {error}."


def _not_admitted(error: NotAdmitted, event: str) -> Page:
    decisions.record(event, refused=error.reason, tenant=error.tenant_id, method="session")
    return signin_pages.not_admitted(error.headline, error.detail)


def _no_session(origin: str) -> str:
    return set_cookie(session.COOKIE, "", origin, timedelta(0))


def _origin(request: Request) -> str:
    return Endpoints.at(request.base_url).issuer


def _redirect_uri(origin: str) -> str:
    return f"{origin}/signin/callback"


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
