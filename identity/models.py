"""What the table `identity` holds: tenants and their secret tokens, and the rows that they are.

    partition         row               holds
    _tenants          <tenant id>       nothing: listing the tenants reads this partition alone
    <tenant id>       tenant            the tenant
    <tenant id>       token|<token id>  a secret token: the hash of its secret, never the secret

A row of a credential has all that authentication needs, also whether its tenant is disabled (`suspended`), so that
one point read decides.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

TABLE = "identity"
TENANTS_PARTITION = "_tenants"  # no tenant id has a "_"
TENANT_ROW = "tenant"
TOKEN_PREFIX = "token|"  # noqa: S105 - the beginning of a row key


class _Columns(BaseModel):
    """The columns of a row: moments as RFC 3339 text, what is unassigned left out."""

    # A column that a newer version of the app wrote is no reason to refuse every caller.
    model_config = ConfigDict(frozen=True, extra="ignore")

    def columns(self) -> dict[str, Any]:
        """Return the row's values without its keys."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Self:
        """Read the values of a row."""
        return cls.model_validate(dict(columns))


class Tenant(_Columns):
    """A customer of IDEO: everything it provisions is apart from every other's. `disabled` says since when."""

    id: str
    name: str
    created: datetime
    disabled: datetime | None = None


class SecretToken(_Columns):
    """A secret token as stored. `suspended` is true while its tenant is disabled."""

    tenant_id: str
    id: str
    label: str
    digest: str = Field(repr=False, pattern="^[0-9a-f]{64}$")
    created: datetime
    expires: datetime
    revoked: datetime | None = None
    suspended: bool = False

    def valid(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor expired; what becomes of its tenant does not matter here."""
        return self.revoked is None and now < self.expires
