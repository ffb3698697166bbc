"""OAuth put together: the token endpoint, the metadata, the keys, and the check of bearer tokens that are JWTs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from identity.access_tokens import SCOPE, AccessTokens
from identity.client_lookup import ClientLookup
from identity.endpoints import Endpoints
from identity.issuers import AllowedHosts
from identity.jws import ALGORITHMS
from identity.jwt_check import JwtCheck
from identity.limits import Failures
from identity.oauth_error import OAuthError
from identity.remote_keys import RemoteKeys
from identity.signing_keys import SigningKeys
from identity.token_endpoint import TokenEndpoint
from identity.token_request import GRANT
from identity.uses import Uses
from scim.http import Request, Response
from storage.tables import Tables

_CACHE = {"Cache-Control": "public, max-age=300"}  # shorter than the overlap of signing keys


class OAuth:
    """The authorization server (RFC 6749) beside the resource server; one per process, because its parts cache.

    `clock` is the time now, in UTC; `settings` may have SIGNING_KEY_ENCRYPTION_KEY, JWKS_HOSTS and JWKS_LOOPBACK.
    """

    def __init__(
        self,
        tables: Tables,
        clock: Callable[[], datetime],
        settings: Mapping[str, str],
        failures: Failures,
        uses: Uses,
    ) -> None:
        clients, keys = ClientLookup(tables, clock), RemoteKeys(AllowedHosts.of(settings), clock)
        self._signing_keys = SigningKeys(tables, clock, settings)
        tokens = AccessTokens(self._signing_keys, clock)
        self._endpoint = TokenEndpoint(clients, tokens, keys, failures, uses, clock)
        self.bearer = JwtCheck(tables, tokens, clients, keys, clock)

    async def token(self, request: Request, caller: str = "") -> Response:
        """Answer a request to the token endpoint, whatever its method; `caller` is the address of its sender."""
        if request.method != "POST":
            # RFC 6749 section 3.2: a token request is a POST.
            error = OAuthError(
                "invalid_request", "The token endpoint takes POST alone.", status=405, headers={"Allow": "POST"}
            )
            return error.response()
        return await self._endpoint.answer(request, caller)

    def metadata(self, request: Request) -> Response:
        """Return the authorization server metadata (RFC 8414 section 2)."""
        endpoints = Endpoints.at(request.base_url)
        body = {
            "issuer": endpoints.issuer,
            "token_endpoint": endpoints.token,
            "jwks_uri": endpoints.jwks,
            "scopes_supported": [SCOPE],
            "response_types_supported": [],  # required, and there is no authorization endpoint
            "grant_types_supported": [GRANT],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        }
        return Response(200, body, _CACHE)

    async def jwks(self) -> Response:
        """Return the public keys that verify access tokens (RFC 7517 section 5). Raises Unavailable."""
        keys: list[dict[str, Any]] = [dict(key.public) for key in await self._signing_keys.believed()]
        return Response(200, {"keys": keys}, _CACHE)

    async def rotate_signing_key(self) -> str | None:
        """Make a new signing key where it is time, and return its id: what a timer calls. Raises Unavailable."""
        key = await self._signing_keys.rotate_if_due()
        return None if key is None else key.kid
