"""The public keys of issuers: fetched from their JWKS URLs, remembered, and good through an outage for a while."""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from identity.errors import InvalidTrust
from identity.issuers import AllowedHosts
from scim.errors import Unavailable

FRESH = timedelta(hours=1)  # then they are fetched again, behind the request that noticed
USABLE = timedelta(hours=24)  # then they are refused, whatever kept us from fetching them again
UNKNOWN_EVERY = timedelta(minutes=5)  # so often a kid that nobody knows makes us ask the issuer
_AFTER_FAILURE = timedelta(seconds=30)
_TIMEOUT = aiohttp.ClientTimeout(total=5.0)
_LONGEST = 256 * 1024  # bytes; Entra's have about 10,000
_MOST_KEYS = 100
_MOST_ISSUERS = 1000
_SHORTEST_RSA = 2048  # bits, RFC 7518 section 3.3
_ALGORITHMS = {"RSA": "RS256", "EC P-256": "ES256"}  # by kty and crv

_log = logging.getLogger("identity")


class FetchError(Exception):
    """The keys could not be fetched; the message says why."""


@dataclass(slots=True)
class _KeySet:
    """What is known of one JWKS URL: the keys by kid, and when what was done."""

    keys: Mapping[str, PyJWK] = field(default_factory=dict)
    fetched: datetime | None = None
    failed: datetime | None = None
    sought: datetime | None = None  # the last time that an unknown kid made us ask
    running: "asyncio.Task[None] | None" = None

    def age(self, now: datetime) -> timedelta:
        return timedelta.max if self.fetched is None else now - self.fetched


class RemoteKeys:
    """The keys of all issuers that trusts name; one per process. `clock` is the time now, in UTC."""

    def __init__(self, hosts: AllowedHosts, clock: Callable[[], datetime]) -> None:
        self._hosts = hosts
        self._clock = clock
        self._sets: OrderedDict[str, _KeySet] = OrderedDict()

    async def find(self, url: str, kid: str) -> PyJWK | None:
        """Return the key of that id, or None when the issuer has none. Raises Unavailable when that cannot be known.

        Fetches at the first call, and for an unknown kid at most once in 5 minutes; otherwise at most in the
        background.
        """
        known, now = self._set(url), self._clock()
        if known.age(now) >= USABLE:
            await self._fetch(url, known, now)
            if known.age(now) >= USABLE:
                raise _unavailable(url)
        elif known.age(now) >= FRESH:
            self._start(url, known, now)
        if kid not in known.keys and known.fetched != now and _is_past(known.sought, UNKNOWN_EVERY, now):
            known.sought = now
            await self._fetch(url, known, now)
        if kid not in known.keys and known.failed is not None:
            raise _unavailable(url)
        return known.keys.get(kid)

    def _set(self, url: str) -> _KeySet:
        known = self._sets.setdefault(url, _KeySet())
        self._sets.move_to_end(url)
        if len(self._sets) > _MOST_ISSUERS:
            self._sets.popitem(last=False)
        return known

    async def _fetch(self, url: str, known: _KeySet, now: datetime) -> None:
        task = self._start(url, known, now)
        if task is not None:
            # Others may wait for the same answer: whoever gives up must not end it for them.
            await asyncio.shield(task)

    def _start(self, url: str, known: _KeySet, now: datetime) -> "asyncio.Task[None] | None":
        """Begin to fetch unless that is under way, or failed a moment ago."""
        if known.running is None and _is_past(known.failed, _AFTER_FAILURE, now):
            # Nothing that it does is part of the request that happened to begin it.
            known.running = asyncio.create_task(self._replace(url, known, now), context=Context())
        return known.running

    async def _replace(self, url: str, known: _KeySet, now: datetime) -> None:
        try:
            known.keys = usable(await fetch(self._hosts, url))
            known.fetched, known.failed = now, None
        except FetchError as error:
            known.failed = now
            _log.warning(json.dumps({"event": "keys", "outcome": "failed", "url": url, "reason": str(error)}))
        finally:
            known.running = None


async def fetch(hosts: AllowedHosts, url: str) -> bytes:
    """Return the document at a JWKS URL: at most 256 KiB, within 5 seconds, no redirect followed. Raises FetchError."""
    try:
        hosts.check(url)  # the list may have become shorter since the trust was added
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as response,
        ):
            if response.status != HTTPStatus.OK:
                raise FetchError(f"the issuer answered {response.status}")
            document = bytearray()
            async for chunk in response.content.iter_chunked(_LONGEST):
                document += chunk
                if len(document) > _LONGEST:
                    raise FetchError(f"the issuer's keys have more than {_LONGEST} bytes")
    except InvalidTrust as error:
        raise FetchError(str(error)) from None
    except TimeoutError:
        raise FetchError(f"the issuer did not answer within {_TIMEOUT.total:.0f} seconds") from None
    except aiohttp.ClientError as error:
        raise FetchError(f"the issuer did not answer: {type(error).__name__}") from error
    return bytes(document)


def usable(document: bytes) -> Mapping[str, PyJWK]:
    """Return the signing keys of a JWK set (RFC 7517) by kid, without those of no use here. Raises FetchError."""
    try:
        jwks = json.loads(document)["keys"]
        keys = {jwk["kid"]: key for jwk in jwks[:_MOST_KEYS] if (key := _key(jwk)) is not None}
    except (ValueError, LookupError, TypeError, RecursionError):
        raise FetchError("the issuer's answer is not a set of keys") from None
    if not keys:
        raise FetchError("the issuer's answer has no key that verifies RS256 or ES256")
    return keys


def _key(jwk: Any) -> PyJWK | None:
    """Return the key, or None when it is not a public one for RS256 or ES256 (RFC 8725 section 3.1)."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or "d" in jwk:
        return None
    algorithm = _ALGORITHMS.get(" ".join(str(jwk[name]) for name in ("kty", "crv") if name in jwk))
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
        return None
    try:
        key = PyJWK(jwk, algorithm)
    except (PyJWTError, ValueError):
        return None
    short = isinstance(key.key, RSAPublicKey) and key.key.key_size < _SHORTEST_RSA
    return None if short else key


def _is_past(since: datetime | None, pause: timedelta, now: datetime) -> bool:
    return since is None or now - since >= pause


def _unavailable(url: str) -> Unavailable:
    return Unavailable(
        f"The keys of the issuer cannot be fetched from {url} at the moment; try again", headers={"Retry-After": "30"}
    )
