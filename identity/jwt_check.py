"""The check of bearer tokens that are JWTs: access tokens of our own, and what Entra issues itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from identity.access_tokens import AccessTokens, InvalidAccessToken
from identity.assertion import SKEW, examine, expiry, failure
from identity.bearer import Claim, Principal, check_tenant, invalid_token
from identity.cache import Cache
from identity.client_lookup import ClientLookup
from identity.endpoints import Endpoints
from identity.errors import InvalidTrust
from identity.issuers import guid
from identity.jws import Jws, MalformedJws
from identity.models import EntraRegistration, OAuthClient
from identity.registrations import EntraRegistrations
from identity.remote_keys import RemoteKeys
from scim.errors import Unauthorized
from storage.tables import Tables

_CACHED = timedelta(seconds=60)  # what was ended dies within it
_UNKNOWN_CACHED = timedelta(seconds=10)
_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a token whose signature and claims were verified is for, and until when it is."""

    credential: str  # client id, or Entra tenant id
    own: bool
    until: datetime


class JwtCheck:
    """Verifies JWTs; one per process, because it caches.

    That a token is genuine is remembered for a minute by its hash; whether it has expired, and what has become of its
    client or registration, is decided anew at every request, the latter as it was at most a minute ago.
    """

    def __init__(
        self,
        tables: Tables,
        tokens: AccessTokens,
        clients: ClientLookup,
        keys: RemoteKeys,
        clock: Callable[[], datetime],
    ) -> None:
        self._tokens = tokens
        self._clients = clients
        self._keys = keys
        self._registrations = EntraRegistrations(tables, clock)
        self._proofs: Cache[tuple[str, bytes], _Proof] = Cache(_CACHE_SIZE, _CACHED)
        self._registered: Cache[str, EntraRegistration] = Cache(_CACHE_SIZE, _CACHED)
        self._unregistered: Cache[str, bool] = Cache(_CACHE_SIZE, _UNKNOWN_CACHED)

    def remembered(self, token: str, base_url: str, now: datetime) -> Principal | None:
        """Return who sent the token if that was proved within the last minute and still holds; asks nobody."""
        proof = self._proofs.get(_key(token, base_url), now)
        if proof is None or now >= proof.until:
            return None
        known = self._clients.remembered(proof.credential, now) if proof.own else None
        credential = known if proof.own else self._registered.get(proof.credential, now)
        try:
            return None if credential is None else _decide(credential)
        except Unauthorized:
            return None  # `prove` tells why

    def claim(self, token: str) -> Claim:
        """Return who the token claims to be from. Raises Unauthorized where it is malformed."""
        parsed = _parse(token)
        if _is_foreign(parsed):
            return Claim("", parsed.claim("tid"), "entra_token")
        return Claim(parsed.claim("tenant"), parsed.claim("client_id"), "access_token")

    async def prove(self, token: str, base_url: str, now: datetime) -> Principal:
        """Return who sent the token. Raises Unauthorized, Unavailable."""
        parsed = _parse(token)
        prove = self._entra if _is_foreign(parsed) else self._own
        proof, credential = await prove(parsed, Endpoints.at(base_url), now)
        self._proofs.put(_key(token, base_url), proof, now)
        return _decide(credential)

    async def _own(self, token: Jws, endpoints: Endpoints, now: datetime) -> tuple[_Proof, OAuthClient]:
        try:
            grant = await self._tokens.verify(token, endpoints)
        except InvalidAccessToken as error:
            raise invalid_token(
                f"The access token is refused: {error}. Ask the token endpoint for a new one."
            ) from None
        client = await self._clients.find(grant.client_id, now)
        if client is None or client.tenant_id != grant.tenant_id:
            raise invalid_token("The client of the access token is not known here any more.")
        return _Proof(client.id, own=True, until=grant.expires), client

    async def _entra(self, token: Jws, _: Endpoints, now: datetime) -> tuple[_Proof, EntraRegistration]:
        registration = await self._registration(token, now)
        trust = registration.trust
        key = await self._keys.find(trust.jwks_url, token.kid) if token.claim("iss") == trust.issuer else None
        failed = failure(examine(token, trust, key, now))
        if failed is not None:
            raise invalid_token(f"Entra's token is refused. {failed}.")
        return _Proof(registration.id, own=False, until=expiry(token) + SKEW), registration

    async def _registration(self, token: Jws, now: datetime) -> EntraRegistration:
        """Return what the Entra tenant that the token names is registered as. Raises Unauthorized, Unavailable."""
        try:
            tid = guid(token.claim("tid"))
        except InvalidTrust:
            raise invalid_token("The bearer token is neither of this service nor of an Entra tenant.") from None
        known = self._registered.get(tid, now)
        if known is not None:
            return known
        tenant_id = None if self._unregistered.get(tid, now) else await self._registrations.tenant_of(tid)
        found = None if tenant_id is None else await self._registrations.find(tenant_id, tid)
        if found is None:
            self._unregistered.put(tid, True, now)
            raise invalid_token(
                f"No tenant has registered the Entra tenant {tid}: enter a Secret Token in Entra, or ask IDEO to"
                " register your Entra tenant."
            )
        self._registered.put(tid, found, now)
        return found


def _parse(text: str) -> Jws:
    try:
        return Jws.parse(text)
    except MalformedJws as error:
        raise invalid_token(f"The bearer token is a JWT that cannot be verified: {error}.") from None


def _is_foreign(token: Jws) -> bool:
    return "tid" in token.claims


def _key(token: str, base_url: str) -> tuple[str, bytes]:
    return base_url, sha256(token.encode(errors="replace")).digest()


def _decide(credential: OAuthClient | EntraRegistration) -> Principal:
    if credential.revoked is not None:
        what = "client" if isinstance(credential, OAuthClient) else "registration of the Entra tenant"
        raise invalid_token(f"The {what} {credential.id} was revoked on {credential.revoked:%Y-%m-%d}.")
    check_tenant(credential)
    return Principal(credential.tenant_id, credential.id, credential.kind)
