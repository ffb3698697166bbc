"""The keys that sign access tokens (ES256): made on first use, kept encrypted, rotated with overlap.

A key is published as soon as it exists, signs from a moment a little later, when whoever caches the published keys
has met it, and is believed until every token that it can have signed has expired. All that follows from the list of
keys alone, so that instances which know the same list agree.
"""

import asyncio
import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from identity.models import KEYS_PARTITION, TABLE
from identity.rules import ACCESS_TOKEN_MINUTES
from scim.errors import Unavailable
from storage.faults import Conflict
from storage.tables import Row, Span, Tables, Write

ENCRYPTION_KEY = "SIGNING_KEY_ENCRYPTION_KEY"
ROTATE_AFTER = timedelta(days=90)
OVERLAP = timedelta(minutes=15)  # longer than anybody caches the published keys
_BELIEVED = timedelta(minutes=ACCESS_TOKEN_MINUTES[1]) + OVERLAP  # after the next one began to sign
_READ_EVERY = timedelta(seconds=60)  # a key that was ended dies within it
_READ_FOR_UNKNOWN = timedelta(seconds=10)
_EVERY_KEY = Span("!", "~")
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key as stored: `private` is its PKCS #8 form, encrypted. `signs_from`: when it takes over from others."""

    kid: str
    public: Mapping[str, Any]
    private: bytes = field(repr=False)
    created: datetime
    signs_from: datetime

    def verifier(self) -> PyJWK:
        """Return the public key for the library that verifies."""
        return PyJWK(dict(self.public), "ES256")


def encryption_key(settings: Mapping[str, str]) -> bytes:
    """Return the 32 bytes of SIGNING_KEY_ENCRYPTION_KEY. Raises Unavailable where they are missing or malformed."""
    try:
        key = b64decode(settings.get(ENCRYPTION_KEY, ""), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:  # noqa: PLR2004 - AES-256
        raise Unavailable(
            f"OAuth is not set up on this service: its setting {ENCRYPTION_KEY} must hold 32 bytes in base64",
            headers={"Retry-After": "600"},
        )
    return key


class SigningKeys:
    """The keys of the deployment as this process knows them, read again after at most a minute.

    `clock` is the time now, in UTC. Public keys are there without the encryption key; only signing needs it.
    """

    def __init__(self, tables: Tables, clock: Callable[[], datetime], settings: Mapping[str, str]) -> None:
        self._table = tables.table(TABLE)
        self._clock = clock
        self._settings = settings
        self._keys: tuple[SigningKey, ...] = ()
        self._read: datetime | None = None
        self._opened: dict[str, EllipticCurvePrivateKey] = {}
        self._one_at_a_time = asyncio.Lock()

    async def believed(self) -> tuple[SigningKey, ...]:
        """Return the keys whose signatures count now, oldest first. Raises Unavailable."""
        return _believed(await self._known(_READ_EVERY), self._clock())

    async def find(self, kid: str) -> SigningKey | None:
        """Return the key of that id if its signatures count; an unknown one is looked for at most every 10 seconds.

        Raises Unavailable.
        """
        for age in (_READ_EVERY, _READ_FOR_UNKNOWN):
            keys = _believed(await self._known(age), self._clock())
            found = next((key for key in keys if key.kid == kid), None)
            if found is not None:
                return found
        return None

    async def signer(self) -> tuple[str, EllipticCurvePrivateKey]:
        """Return the key that signs now with its id; where none can, make one. Raises Unavailable."""
        secret, now = encryption_key(self._settings), self._clock()
        for key in reversed(await self.believed()):
            private = self._open(key, secret)
            if private is not None and key.signs_from <= now:
                return key.kid, private
        key = await self._add(secret, signs_from=now)
        private = self._open(key, secret)
        if private is None:
            raise AssertionError("a key that was just encrypted can be decrypted")
        return key.kid, private

    async def rotate(self, *, at_once: bool = False) -> SigningKey:
        """Add a key that takes over shortly, and remove those whose time is over. Raises Unavailable.

        `at_once`: it takes over now and every other key is removed with it, so that all tokens die within a minute.
        """
        secret = encryption_key(self._settings)
        known = await self._known(timedelta(0))
        now = self._clock()
        key = await self._add(secret, signs_from=now + OVERLAP if known and not at_once else now)
        staying = () if at_once else _believed(known, now)
        await self._remove([old for old in known if old not in staying])
        return key

    async def rotate_if_due(self) -> SigningKey | None:
        """Rotate where the newest key is 90 days old; return the new one. What a timer calls. Raises Unavailable."""
        known = await self._known(timedelta(0))
        if known and self._clock() - known[-1].created < ROTATE_AFTER:
            return None
        return await self.rotate()

    async def _known(self, age: timedelta) -> tuple[SigningKey, ...]:
        """Return all keys in the order in which they sign, as they were no longer than `age` ago."""
        asked = self._clock()
        async with self._one_at_a_time:
            # Who waited here finds what the one before has read since.
            if self._read is None or not timedelta(0) <= asked - self._read < age:
                keys = [_key(row) async for row in self._table.rows(KEYS_PARTITION, _EVERY_KEY)]
                self._keys = tuple(sorted(keys, key=lambda key: (key.signs_from, key.kid)))
                self._read = asked
            return self._keys

    async def _add(self, secret: bytes, signs_from: datetime) -> SigningKey:
        key = _new(secret, self._clock(), signs_from)
        values = {
            "public": json.dumps(dict(key.public)),
            "private": b64encode(key.private).decode(),
            "created": key.created.isoformat(),
            "signs_from": key.signs_from.isoformat(),
        }
        # The id is the hash of the key: a second attempt meets nothing but itself.
        await self._table.commit(KEYS_PARTITION, [Write("put", key.kid, values)])
        self._read = None
        return key

    async def _remove(self, keys: Sequence[SigningKey]) -> None:
        for key in keys:
            with suppress(Conflict):  # somebody else removed it at the same moment
                await self._table.commit(KEYS_PARTITION, [Write("delete", key.kid)])
        self._read = None

    def _open(self, key: SigningKey, secret: bytes) -> EllipticCurvePrivateKey | None:
        """Return the private key, or None when it was encrypted with another key than ours."""
        if key.kid not in self._opened:
            try:
                der = AESGCM(secret).decrypt(key.private[:_NONCE_BYTES], key.private[_NONCE_BYTES:], key.kid.encode())
            except InvalidTag:
                return None
            private = load_der_private_key(der, None)
            if not isinstance(private, EllipticCurvePrivateKey):
                return None
            self._opened[key.kid] = private
        return self._opened[key.kid]


def _believed(keys: Sequence[SigningKey], now: datetime) -> tuple[SigningKey, ...]:
    """Return the keys without those that stopped signing so long ago that no token of theirs is left."""
    begun = [key for key in keys if key.signs_from <= now - _BELIEVED]
    last = begun[-1] if begun else None
    return tuple(key for key in keys if last is None or key is last or key.signs_from > last.signs_from)


def _new(secret: bytes, created: datetime, signs_from: datetime) -> SigningKey:
    private = generate_private_key(SECP256R1())
    numbers: dict[str, Any] = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    kid = _thumbprint(numbers)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    nonce = token_bytes(_NONCE_BYTES)
    encrypted = nonce + AESGCM(secret).encrypt(nonce, der, kid.encode())
    public = {**numbers, "kid": kid, "use": "sig", "alg": "ES256"}
    return SigningKey(kid, public, encrypted, created, signs_from)


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the thumbprint of an elliptic-curve key (RFC 7638)."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _key(row: Row) -> SigningKey:
    values = row.values
    return SigningKey(
        row.key,
        json.loads(values["public"]),
        b64decode(values["private"]),
        datetime.fromisoformat(values["created"]),
        datetime.fromisoformat(values["signs_from"]),
    )
