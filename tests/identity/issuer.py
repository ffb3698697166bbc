"""An issuer of tokens over HTTP, with real keys: what Entra is to the service, and what forgers would make of it."""

import asyncio
import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.identity.clock import Clock

ENTRA_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OTHER_ENTRA_TENANT = "11111111-2222-3333-4444-555555555555"
AUDIENCE = "c0ffee00-1234-4321-8888-0123456789ab"
SUBJECT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:  # noqa: ARG001  the name tells keys apart
    """Return a key that is made once: it takes long."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:  # noqa: ARG001
    return ec.generate_private_key(ec.SECP256R1())


def encode(value: object) -> str:
    """Return base64url of bytes, of text, or of JSON."""
    data = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: object, payload: object, key: Key) -> str:
    """Return a token; header and payload are JSON values, or text to be taken as it is."""
    text = f"{encode(header)}.{encode(payload)}"
    return f"{text}.{encode(signature(text.encode(), key))}"


def signature(data: bytes, key: Key) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), SHA256())
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def hmac_sign(header: object, payload: object, secret: bytes) -> str:
    text = f"{encode(header)}.{encode(payload)}"
    return f"{text}.{encode(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def public_jwk(kid: str, key: Key, **members: object) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **members}


def pem(key: Key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass
class Issuer:
    """Serves the public halves of its keys; `answer` can be changed to make it fail, `fetches` counts."""

    clock: Clock
    keys: dict[str, Key] = field(default_factory=lambda: {"k1": rsa_key("k1"), "e1": ec_key("e1")})
    fetches: int = 0
    down: bool = False
    cut: bool = False
    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    hold: asyncio.Event | None = None

    @property
    def issuer(self) -> str:
        return f"{self.url}/{ENTRA_TENANT}/v2.0"

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/{ENTRA_TENANT}/discovery/v2.0/keys"

    async def answer(self, request: web.Request) -> web.Response:
        self.fetches += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.cut:
            assert request.transport is not None
            request.transport.abort()
        keys = [public_jwk(kid, key) for kid, key in self.keys.items()]
        body = json.dumps({"keys": keys}).encode() if self.body is None else self.body
        return web.Response(status=503 if self.down else self.status, body=body, headers=dict(self.headers))

    def claims(self, **changes: object) -> dict[str, Any]:
        """Return what Entra's token of version 2 says; a claim that is changed to ... is left out."""
        now = int(self.clock().timestamp())
        claims = {
            "aud": AUDIENCE,
            "iss": self.issuer,
            "iat": now - 300,
            "nbf": now - 300,
            "exp": now + 3900,
            "azp": "cb1d50fe-8ed0-4944-9e7d-5981aad3bc4b",
            "azpacr": "2",
            "oid": SUBJECT,
            "sub": SUBJECT,
            "tid": ENTRA_TENANT,
            "uti": "eKxKfYcCk0mZ8xV1",
            "ver": "2.0",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not ...}

    def header(self, **changes: object) -> dict[str, Any]:
        header = {"typ": "JWT", "alg": "RS256", "kid": "k1", **changes}
        return {name: value for name, value in header.items() if value is not ...}

    def token(self, **changes: object) -> str:
        """Return a genuine token whose claims are changed."""
        return sign(self.header(), self.claims(**changes), self.keys["k1"])

    def forged(self, key: Key | None = None, /, **header: object) -> str:
        """Return a token with good claims and a changed header, signed by the key."""
        return sign(self.header(**header), self.claims(), key or self.keys["k1"])

    async def runner(self) -> web.AppRunner:
        """Begin to answer, in the running loop, on a port of this machine."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self.answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner


@contextmanager
def serving(issuer: Issuer) -> Iterator[Issuer]:
    """Let the issuer answer in a thread of its own, for tests that run no loop."""
    loop = asyncio.new_event_loop()
    runner = loop.run_until_complete(issuer.runner())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield issuer
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
