"""Where an Entra tenant's endpoints are, what its issuers are called, and the documents that say so."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from entra.issuer.keys import ALGORITHM

Version: TypeAlias = Literal["1.0", "2.0"]

# Instead of a tenant id, in the path: any tenant's accounts. Issuers are then given with a placeholder.
SHARED = ("common", "organizations")
PLACEHOLDER = "{tenantid}"

_CLAIMS = (
    "aud", "email", "exp", "iat", "iss", "name", "nbf", "nonce", "oid", "preferred_username", "roles", "sub", "tid",
    "ver",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Addresses:
    """The endpoints of one tenant below `url`.

    `login` and `sts` are the origins that stand in the issuers of version 2.0 and 1.0 tokens: with Entra
    https://login.microsoftonline.com and https://sts.windows.net.
    """

    url: str
    tenant: str
    login: str
    sts: str

    def issuer(self, version: Version) -> str:
        """Return the issuer of tokens of that version."""
        tenant = PLACEHOLDER if self.tenant in SHARED else self.tenant
        return f"{self.sts}/{tenant}/" if version == "1.0" else f"{self.login}/{tenant}/v2.0"

    def endpoint(self, name: str, version: Version) -> str:
        """Return the URL of an endpoint: authorize, token, or logout."""
        return f"{self.url}/{self.tenant}/oauth2/{'v2.0/' if version == '2.0' else ''}{name}"

    def keys(self, version: Version) -> str:
        """Return the URL of the keys."""
        return f"{self.url}/{self.tenant}/discovery/{'v2.0/' if version == '2.0' else ''}keys"

    def discovery(self, version: Version) -> dict[str, Any]:
        """Return the OpenID provider metadata (OpenID Connect Discovery 1.0 section 3)."""
        return {
            "issuer": self.issuer(version),
            "authorization_endpoint": self.endpoint("authorize", version),
            "token_endpoint": self.endpoint("token", version),
            "end_session_endpoint": self.endpoint("logout", version),
            "jwks_uri": self.keys(version),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": list(_CLAIMS),
        }
