"""What the table `identity` holds: tenants, their credentials, and the keys that sign access tokens.

    partition         row                     holds
    _tenants          <tenant id>             nothing: listing the tenants reads this partition alone
    _entra            <Entra tenant id>       the tenant that takes Entra's own tokens of that Entra tenant
    _keys             <kid>                   a signing key: its public half, and its private half encrypted
    _maintenance      position                how far the round of maintenance has come
    <tenant id>       tenant                  the tenant
    <tenant id>       token|<token id>        a secret token: the hash of its secret, never the secret
    <tenant id>       client|<client id>      an OAuth client: the hashes of its secrets, or whom it trusts
    <tenant id>       entra|<Entra tenant id> that Entra's own tokens are accepted, and which
    <tenant id>       used|<credential id>    the day on which a credential was last used

A row of a credential has all that authentication needs, also whether its tenant is disabled (`suspended`) or refuses
its kind (`barred`), so that one point read decides.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

TABLE = "identity"
TENANTS_PARTITION = "_tenants"  # no tenant id has a "_"
ENTRA_PARTITION = "_entra"
KEYS_PARTITION = "_keys"
TENANT_ROW = "tenant"
TOKEN_PREFIX = "token|"  # noqa: S105 - the beginning of a row key
CLIENT_PREFIX = "client|"
ENTRA_PREFIX = "entra|"
USED_PREFIX = "used|"

Kind = Literal["secret_token", "client_secret", "federation", "entra_token"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def _from_text(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_Text = BeforeValidator(_from_text)  # a column that holds JSON, because a column cannot hold a list


class _Columns(BaseModel):
    """The columns of a row: moments as RFC 3339 text, what is nested as JSON text, what is unassigned left out."""

    # A column that a newer version of the app wrote is no reason to refuse every caller.
    model_config = ConfigDict(frozen=True, extra="ignore")

    def columns(self) -> dict[str, Any]:
        """Return the row's values without its keys."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in values.items()}

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Self:
        """Read the values of a row."""
        return cls.model_validate(dict(columns))


class Tenant(_Columns):
    """A customer of IDEO: everything it provisions is apart from every other's.

    `disabled` says since when it is; `barred` are the kinds of credential that it refuses; `self_service` are the
    attributes that people may change of themselves.
    """

    id: str
    name: str
    created: datetime
    disabled: datetime | None = None
    barred: Annotated[tuple[Kind, ...], _Text] = ()
    self_service: Annotated[tuple[str, ...], _Text] = ()


class Credential(_Columns):
    """What every credential has. `suspended` while its tenant is disabled, `barred` while that refuses its kind."""

    PREFIX: ClassVar[str]

    tenant_id: str
    id: str
    label: str
    created: datetime
    revoked: datetime | None = None
    suspended: bool = False
    barred: bool = False

    @property
    def row_key(self) -> str:
        """Return the key of its row in the partition of its tenant."""
        return self.PREFIX + self.id

    @property
    def kind(self) -> Kind:
        """Return what kind of credential it is."""
        raise NotImplementedError

    def valid(self, now: datetime) -> bool:  # noqa: ARG002  # others expire
        """Tell whether it has not ended; what becomes of its tenant does not matter here."""
        return self.revoked is None


class SecretToken(Credential):
    """A secret token as stored."""

    PREFIX = TOKEN_PREFIX

    digest: str = Field(repr=False, pattern="^[0-9a-f]{64}$")
    expires: datetime

    @property
    def kind(self) -> Kind:
        """Return secret_token."""
        return "secret_token"

    def valid(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor expired; what becomes of its tenant does not matter here."""
        return self.revoked is None and now < self.expires


class ClientSecret(_Columns):
    """One secret of an OAuth client, as stored."""

    id: str
    digest: str = Field(repr=False, pattern="^[0-9a-f]{64}$")
    created: datetime
    expires: datetime
    revoked: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor expired."""
        return self.revoked is None and now < self.expires


class Trust(_Columns):
    """Whose tokens are believed, and which of them: what the claims must say and where the issuer's keys are.

    `subject` None: any. `entra_tenant_id` None: the issuer is not Entra, and `tid` is not looked at.
    """

    issuer: str
    jwks_url: str
    audiences: tuple[str, ...]
    subject: str | None = None
    entra_tenant_id: str | None = None


class OAuthClient(Credential):
    """An OAuth client: it asks for access tokens with a secret, or with a token of the issuer that it trusts.

    `id` is the whole client id. `lifetime` is that of its access tokens, in seconds.
    """

    PREFIX = CLIENT_PREFIX

    lifetime: int
    secrets: Annotated[tuple[ClientSecret, ...], _Text] = ()
    trust: Annotated[Trust | None, _Text] = None

    @property
    def kind(self) -> Kind:
        """Return federation for a client with a trust, else client_secret."""
        return "client_secret" if self.trust is None else "federation"


class EntraRegistration(Credential):
    """That a tenant accepts the tokens which Entra itself issues where no Secret Token was entered.

    `id` is the Entra tenant id.
    """

    PREFIX = ENTRA_PREFIX

    trust: Annotated[Trust, _Text]

    @property
    def kind(self) -> Kind:
        """Return entra_token."""
        return "entra_token"
