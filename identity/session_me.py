"""`/Me`: the user that the signed-in person is (RFC 7644 section 3.11)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from identity import decisions, session
from identity.bearer import REALM, bearer_token, invalid_token
from identity.endpoints import Endpoints
from identity.session import Session, Sessions, is_own_page
from identity.session_token import InvalidStatement, is_session
from identity.signin_people import NotAdmitted, People, Person
from identity.signin_self_service import check_patch
from scim.errors import Forbidden, NotFound, ScimError, Unauthorized
from scim.http import Request, Response
from scim.provider import ServiceProvider
from scim.representation import location
from scim.schema import resource_types


class Me:
    """Answers GET and PATCH of /Me, for a session's cookie or its token as a bearer token."""

    def __init__(self, sessions: Sessions, people: People) -> None:
        self._sessions = sessions
        self._people = people

    async def answer(
        self,
        request: Request,
        authenticate: Callable[[], Awaitable[object]],
        provider_of: Callable[[str], ServiceProvider],
    ) -> Response:
        """Carry out the request on the person's user; `authenticate` checks any other credential.

        Raises Unauthorized, Forbidden, NotFound for who is no person, Unavailable, and what the operation raises.
        """
        person = await self._person(request, authenticate)
        # RFC 7644 section 3.11: in any response, the permanent location of the user.
        where = {"Location": location("User", person.user.id, request.base_url)}
        try:
            response = await _carry_out(request, person, provider_of(person.tenant.id))
        except ScimError as error:
            error.headers |= where
            raise
        return replace(response, headers={**response.headers, **where})

    async def _person(self, request: Request, authenticate: Callable[[], Awaitable[object]]) -> Person:
        found = await self._session(request, authenticate)
        try:
            person = await self._people.of_session(found)
        except NotAdmitted as error:
            decisions.record(
                "me", refused=error.reason, tenant=found.tenant_id, credential=found.user_id, method="session"
            )
            raise Forbidden(f"{error.headline}. {error.detail}") from None
        decisions.record("me", tenant=person.tenant.id, credential=person.user.id, method="session")
        return person

    async def _session(self, request: Request, authenticate: Callable[[], Awaitable[object]]) -> Session:
        origin = Endpoints.at(request.base_url).issuer
        authorization = request.headers.get("authorization")
        token = session.cookie(request.headers, session.COOKIE, origin)
        if authorization:
            token = bearer_token(authorization)
            if not is_session(token):
                await authenticate()
                # RFC 7644 section 3.11: the alias of the resource of whoever is authenticated; an application has none.
                raise NotFound("/Me stands for a person who is signed in; this credential is an application's")
        elif token and request.method != "GET" and not is_own_page(request.headers, origin):
            raise Forbidden("A cookie alone changes nothing: the request must come from a page of this service")
        if not token:
            challenge = {"WWW-Authenticate": f'Bearer realm="{REALM}"'}
            raise Unauthorized("Nobody is signed in: sign in at /signin", headers=challenge)
        try:
            return await self._sessions.read(origin, token)
        except InvalidStatement as error:
            decisions.record("me", refused=str(error), method="session")
            raise invalid_token(f"The session is refused: {error}. Sign in again at /signin.") from None


async def _carry_out(request: Request, person: Person, provider: ServiceProvider) -> Response:
    user = resource_types()["User"]
    own = replace(request, path={"id": person.user.id})
    if request.method == "GET":
        return await provider.read(own, user)
    check_patch(request.body, person.tenant)
    return await provider.patch(own, user)
