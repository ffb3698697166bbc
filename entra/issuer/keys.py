"""The keys that tokens are signed with: RSA, certified by themselves, and replaced while tokens are out."""

import datetime as dt
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

ALGORITHM = "RS256"
_BITS = 2048
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Local Entra")])
_LIFE = dt.timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its certificate, whose SHA-1 thumbprint is the key's id, as it is with Entra's."""

    private: RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls) -> "SigningKey":
        """Make a key."""
        private = generate_private_key(public_exponent=65537, key_size=_BITS)
        began = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_NAME)
            .issuer_name(_NAME)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + _LIFE)
        )
        return cls(private, builder.sign(private, hashes.SHA256()))

    @property
    def kid(self) -> str:
        """The key's id, which is also `x5t` (RFC 7515 section 4.1.7)."""
        return _encoded(self.certificate.fingerprint(hashes.SHA1()))  # noqa: S303 - an identifier, as RFC 7515 wants it

    def jwk(self) -> dict[str, Any]:
        """Return the public key (RFC 7517 section 4)."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": _encoded(numbers.n.to_bytes(_BITS // 8)),
            "e": _encoded(numbers.e.to_bytes(3)),
            "x5c": [b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()],
        }

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a signed JWT."""
        headers = {"kid": self.kid, "x5t": self.kid}
        return jwt.encode(dict(claims), self.private, algorithm=ALGORITHM, headers=headers)


class KeyRing:
    """The key in use, and those that are still published."""

    def __init__(self) -> None:
        self._keys: tuple[SigningKey, ...] = (SigningKey.new(),)

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return self._keys[-1]

    def rotate(self, *, forget: bool = False) -> str:
        """Sign with a new key from now on, and return its id. The one before stays published, unless `forget`."""
        kept = () if forget else self._keys[-1:]
        self._keys = (*kept, SigningKey.new())
        return self.current.kid

    def jwks(self, issuer: str) -> dict[str, Any]:
        """Return the published keys, each with the issuer whose tokens it verifies."""
        return {"keys": [key.jwk() | {"issuer": issuer} for key in self._keys]}


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
