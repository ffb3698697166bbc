"""Where this service's endpoints are, seen from outside: what tokens, metadata and the command line name."""

from dataclasses import dataclass
from typing import Self

SCIM_PATH = "/scim/v2"
TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
JWKS_PATH = "/.well-known/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"  # RFC 8414 section 3


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The URLs below one origin, such as https://scim.example.com, which is also the issuer of access tokens."""

    issuer: str

    @classmethod
    def at(cls, base_url: str) -> Self:
        """Return the endpoints of a base URL, with or without /scim/v2."""
        return cls(base_url.rstrip("/").removesuffix(SCIM_PATH))

    @property
    def scim(self) -> str:
        """The Tenant URL, which is the audience of access tokens."""
        return self.issuer + SCIM_PATH

    @property
    def token(self) -> str:
        """The token endpoint."""
        return self.issuer + TOKEN_PATH

    @property
    def jwks(self) -> str:
        """Where the public keys are."""
        return self.issuer + JWKS_PATH
