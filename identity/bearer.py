"""The Authorization header with a bearer token, and what a refused caller is told (RFC 6750)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from identity.models import Credential, Kind
from identity.oauth_error import printable
from scim.errors import Unauthorized

REALM = "IDEO SCIM"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: the tenant that the request is about, and the credential that proved it."""

    tenant_id: str
    credential_id: str
    method: Kind


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a bearer token says that it is for, before anything of it is verified."""

    tenant_id: str
    credential_id: str
    method: str


class BearerCheck(Protocol):
    """What verifies one form of bearer token. `base_url` is the Tenant URL that was called, `now` is in UTC."""

    def remembered(self, token: str, base_url: str, now: datetime) -> Principal | None:
        """Return who sent the token if that was proved within the last minute and still holds; asks nobody."""
        ...

    def claim(self, token: str) -> Claim:
        """Return who the token claims to be from. Raises Unauthorized where it is malformed."""
        ...

    async def prove(self, token: str, base_url: str, now: datetime) -> Principal:
        """Return who sent the token. Raises Unauthorized, and Unavailable where nobody can tell."""
        ...


def bearer_token(authorization: str | None) -> str:
    """Return the token of the header (RFC 6750 section 2.1). Raises Unauthorized where there is none."""
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        # RFC 6750 section 3.1: where no bearer token was sent, the answer names no error code.
        raise Unauthorized(
            "No bearer token was sent: enter the secret token in Entra as the Secret Token; it comes as"
            " 'Authorization: Bearer <secret token>'.",
            headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'},
        )
    return credentials.strip()


def invalid_token(reason: str) -> Unauthorized:
    """Return the refusal of a token that was sent (RFC 6750 section 3.1)."""
    text = printable(reason)
    challenge = f'Bearer realm="{REALM}", error="invalid_token", error_description="{text}"'
    return Unauthorized(text, headers={"WWW-Authenticate": challenge})


def check_tenant(credential: Credential) -> None:
    """Refuse a credential whose tenant is disabled, or refuses its kind. Raises Unauthorized."""
    if credential.suspended:
        raise invalid_token(f"The tenant {credential.tenant_id} is disabled. Ask IDEO to enable it.")
    if credential.barred:
        raise invalid_token(f"The tenant {credential.tenant_id} does not accept this kind of credential.")
