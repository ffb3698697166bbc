"""The token endpoint: a client's secret, or a token of the issuer that it trusts, for an access token (RFC 6749, 7523).

Who does not have a client's secret learns nothing of the client: unknown client and wrong secret get one and the same
answer. Why an assertion is refused is explained claim by claim, because nobody can repair a trust otherwise; that is
told only of tokens whose signature is the issuer's, or which name another issuer.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from identity import decisions
from identity.access_tokens import SCOPE, AccessTokens
from identity.assertion import examine, expiry, failure
from identity.client_lookup import ClientLookup
from identity.client_secrets import Secret, tenant_of
from identity.endpoints import Endpoints
from identity.jws import Jws, MalformedJws
from identity.limits import Failures
from identity.models import ClientSecret, OAuthClient, Trust
from identity.oauth_error import NO_STORE, OAuthError
from identity.remote_keys import RemoteKeys
from identity.token_request import BASIC, TokenRequest
from identity.tokens import MalformedToken
from identity.uses import Uses
from scim.errors import ScimError
from scim.http import Request, Response

_NO_DIGEST = "0" * 64
_SHORTEST = 1  # second


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Answers POST /oauth2/token; one per process. `clock` is the time now, in UTC."""

    clients: ClientLookup
    tokens: AccessTokens
    keys: RemoteKeys
    failures: Failures
    uses: Uses
    clock: Callable[[], datetime]

    async def answer(self, request: Request, caller: str = "") -> Response:
        """Answer a request: 200 with an access token, or the reason why there is none. Raises nothing."""
        client_id = ""
        try:
            asked = TokenRequest.read(request)
            client_id = asked.client_id
            response = await self._grant(asked, Endpoints.at(request.base_url), caller)
        except OAuthError as error:
            decisions.record(
                "token", refused=error.description, tenant=tenant_of(client_id) or "", credential=client_id
            )
            return error.response()
        except ScimError as error:
            decisions.record("token", refused=error.detail, tenant=tenant_of(client_id) or "", credential=client_id)
            return _out_of_order(error)
        return response

    async def _grant(self, asked: TokenRequest, endpoints: Endpoints, caller: str) -> Response:
        self._check_failures(asked, caller)
        try:
            client, seconds = await self._authenticate(asked)
        except OAuthError:
            self.failures.note(caller, asked.client_id, self.clock())
            raise
        token = await self.tokens.issue(endpoints, client.id, client.tenant_id, seconds)
        self.uses.note(client.tenant_id, client.id)
        decisions.record("token", tenant=client.tenant_id, credential=client.id, method=client.kind)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": SCOPE}
        return Response(200, body, NO_STORE)

    def _check_failures(self, asked: TokenRequest, caller: str) -> None:
        wait = self.failures.wait(caller, asked.client_id, self.clock())
        if wait > 0:
            seconds = str(int(wait) + 1)
            raise OAuthError(
                "temporarily_unavailable",
                f"Too many failed requests with this client_id; try again in {seconds} seconds.",
                status=429,
                headers={"Retry-After": seconds},
            )

    async def _authenticate(self, asked: TokenRequest) -> tuple[OAuthClient, int]:
        """Return the client and for how many seconds it gets a token. Raises OAuthError, Unavailable."""
        now = self.clock()
        if asked.assertion:
            return await self._by_assertion(asked, now)
        try:
            secret = Secret.parse(asked.secret)
        except MalformedToken as error:
            raise _invalid_client(f"The client_secret is not one of this service: {error}.", asked) from None
        client = self.clients.remembered(asked.client_id, now)
        if _named(client, secret) is None:
            # One that was added a moment ago works at once: nobody notices a rotation.
            client = await self.clients.read(asked.client_id, now)
        stored = _matching(client, secret)
        if client is None or stored is None:
            raise _invalid_client(
                "The client_id is not known here, or the client_secret is not one of its secrets: copy both again.",
                asked,
            )
        _check_state(client, asked)
        _check_secret(stored, asked, now)
        return client, client.lifetime

    async def _by_assertion(self, asked: TokenRequest, now: datetime) -> tuple[OAuthClient, int]:
        try:
            token = Jws.parse(asked.assertion)
        except MalformedJws as error:
            raise _invalid_client(f"The client_assertion cannot be verified: {error}.", asked) from None
        client = await self.clients.find(asked.client_id, now)
        if client is None or client.trust is None:
            raise _invalid_client("The client_id is not one of a federation trust here: copy it again.", asked)
        await self._check_assertion(token, client.trust, asked, now)
        _check_state(client, asked)
        # No access token outlives the assertion that it came from.
        return client, min(client.lifetime, int((expiry(token) - now).total_seconds()))

    async def _check_assertion(self, token: Jws, trust: Trust, asked: TokenRequest, now: datetime) -> None:
        # Another issuer's tokens are none of the business of this one's keys.
        key = await self.keys.find(trust.jwks_url, token.kid) if token.claim("iss") == trust.issuer else None
        # After `exp` there is nothing left for an access token to live: skew of clocks does not matter there.
        failed = failure(examine(token, trust, key, now, skew=timedelta(seconds=-_SHORTEST)))
        if failed is not None:
            raise _invalid_client(f"The client_assertion is refused. {failed}.", asked)


def _named(client: OAuthClient | None, secret: Secret) -> ClientSecret | None:
    return next((each for each in client.secrets if each.id == secret.id), None) if client else None


def _matching(client: OAuthClient | None, secret: Secret) -> ClientSecret | None:
    """Return the secret of the client that this is, in a time that does not depend on what is stored."""
    stored = _named(client, secret)
    equal = hmac.compare_digest(stored.digest if stored else _NO_DIGEST, secret.digest())
    return stored if equal else None


def _check_state(client: OAuthClient, asked: TokenRequest) -> None:
    if client.revoked is not None:
        raise _invalid_client(f"The client {client.id} was revoked on {client.revoked:%Y-%m-%d}.", asked)
    if client.suspended:
        raise _invalid_client(f"The tenant {client.tenant_id} is disabled. Ask IDEO to enable it.", asked)
    if client.barred:
        raise _invalid_client(f"The tenant {client.tenant_id} does not accept this kind of credential.", asked)


def _check_secret(secret: ClientSecret, asked: TokenRequest, now: datetime) -> None:
    if secret.revoked is not None:
        raise _invalid_client(f"The client secret {secret.id} was revoked on {secret.revoked:%Y-%m-%d}.", asked)
    if now >= secret.expires:
        raise _invalid_client(f"The client secret {secret.id} expired on {secret.expires:%Y-%m-%d}.", asked)


def _invalid_client(description: str, asked: TokenRequest) -> OAuthError:
    # RFC 6749 section 5.2: the challenge is a must where the header was used.
    return OAuthError("invalid_client", description, status=401, headers=BASIC if asked.basic else None)


def _out_of_order(error: ScimError) -> Response:
    """Return the answer where the storage or an issuer does not serve us: never one that blames the client."""
    body = {"error": "temporarily_unavailable", "error_description": error.detail}
    return Response(error.status, body, {**NO_STORE, **error.headers})
