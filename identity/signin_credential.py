"""How the app proves to Entra that it is the app people sign in to: a signed assertion, never a secret."""

import os
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Protocol

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from identity.signin_settings import CERTIFICATE, SignInSettings
from scim.errors import Unavailable
from storage.credential import ClientAuthenticationError, ManagedIdentity
from storage.settings import SettingsError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EXCHANGE = "api://AzureADTokenExchange/.default"
_LIFE = timedelta(minutes=5)


class Credential(Protocol):
    """What proves the app at the token endpoint."""

    async def assertion(self, token_endpoint: str) -> str:
        """Return a client assertion (RFC 7523 section 2.2), or "" for none. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that the app registration lists, with its private key."""

    client_id: str
    key: RSAPrivateKey = field(repr=False)
    thumbprint: str
    clock: Callable[[], datetime]

    async def assertion(self, token_endpoint: str) -> str:
        """Return an assertion that is good for 5 minutes at that endpoint, once."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": token_endpoint,
            "jti": token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + int(_LIFE.total_seconds()),
        }
        return jwt.encode(claims, self.key, algorithm="PS256", headers={"x5t#S256": self.thumbprint})


class FederatedIdentity:
    """A managed identity of the app, which the app registration trusts as a federated credential."""

    def __init__(self, client_id: str, environment: Mapping[str, str]) -> None:
        self._identity = ManagedIdentity(client_id, environment)

    async def assertion(self, token_endpoint: str) -> str:  # noqa: ARG002  # Entra's exchange has one audience for all
        """Return the identity's token. Raises Unavailable."""
        try:
            return (await self._identity.get_token(_EXCHANGE)).token
        except ClientAuthenticationError as error:
            raise Unavailable(
                "The service cannot prove itself to Microsoft at the moment; try again", headers={"Retry-After": "30"}
            ) from error


class NoCredential:
    """None: a public client, which local issuers accept and Entra does not."""

    async def assertion(self, token_endpoint: str) -> str:  # noqa: ARG002
        """Return nothing."""
        return ""


def credential(settings: SignInSettings, clock: Callable[[], datetime]) -> Credential:
    """Return what the settings choose. Raises SettingsError where the certificate cannot be read."""
    if settings.certificate:
        key, certificate = _load(settings.certificate)
        digest = urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()
        return Certificate(settings.client_id, key, digest, clock)
    if settings.managed_identity:
        return FederatedIdentity(settings.managed_identity, os.environ)
    return NoCredential()


def _load(text: str) -> tuple[RSAPrivateKey, x509.Certificate]:
    """Read PEM, in which "\\n" may stand for line breaks, or what Key Vault keeps of a certificate: PKCS #12."""
    try:
        if "-----BEGIN" in text:
            pem = text.replace("\\n", "\n").encode()
            found, certificate = load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
        else:
            found, certificate, _ = load_key_and_certificates(b64decode(text, validate=True), None)  # type: ignore[assignment]
    except (ValueError, TypeError):
        raise SettingsError(f"{CERTIFICATE} is neither PEM nor PKCS #12 in base64, without a password") from None
    if not isinstance(found, RSAPrivateKey) or certificate is None:
        raise SettingsError(f"{CERTIFICATE} must hold an RSA key and its certificate")
    return found, certificate
