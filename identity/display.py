"""How tenants and credentials are shown: as JSON for scripts, as text for people. Never a secret or its hash."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from identity.models import ClientSecret, Credential, EntraRegistration, OAuthClient, SecretToken, Tenant

_GAP = "  "
Used = Mapping[str, date]


def tenant_data(tenant: Tenant) -> dict[str, Any]:
    """Return a tenant as JSON."""
    return tenant.model_dump(mode="json")


def token_data(token: SecretToken, now: datetime, used: Used | None = None) -> dict[str, Any]:
    """Return a token as JSON, without its hash."""
    shown = token.model_dump(mode="json", exclude={"digest", "suspended", "barred", "id"})
    return {"token_id": token.id, **shown, "last_used": _used(token, used), "state": state(token, now)}


def client_data(client: OAuthClient, now: datetime, used: Used | None = None) -> dict[str, Any]:
    """Return an OAuth client as JSON, without the hashes of its secrets."""
    shown = client.model_dump(mode="json", exclude={"suspended", "barred", "id", "secrets"}, exclude_none=True)
    secrets = [
        each.model_dump(mode="json", exclude={"digest", "id"}) | {"secret_id": each.id, "state": state(each, now)}
        for each in client.secrets
    ]
    return {
        "client_id": client.id,
        **shown,
        **({} if client.trust else {"secrets": secrets}),
        "last_used": _used(client, used),
        "state": state(client, now),
    }


def registration_data(registration: EntraRegistration, now: datetime, used: Used | None = None) -> dict[str, Any]:
    """Return the registration of an Entra tenant as JSON."""
    shown = registration.model_dump(mode="json", exclude={"suspended", "barred", "id"})
    return {
        "entra_tenant_id": registration.id,
        **shown,
        "last_used": _used(registration, used),
        "state": state(registration, now),
    }


def tenant_state(tenant: Tenant) -> str:
    """Tell whether the tenant is enabled, or since when it is not, and what it refuses."""
    enabled = "enabled" if tenant.disabled is None else f"disabled since {day(tenant.disabled)}"
    return f"{enabled}, refuses {' and '.join(tenant.barred)}" if tenant.barred else enabled


def state(credential: Credential | ClientSecret, now: datetime) -> str:
    """Return what a caller who sends the credential meets: valid, or why it is refused."""
    if credential.revoked is not None:
        return "revoked"
    if not credential.valid(now):
        return "expired"
    if isinstance(credential, Credential) and (credential.suspended or credential.barred):
        return "suspended" if credential.suspended else "refused"
    return "valid"


def named(credential: Credential) -> str:
    """Return what people know the credential by: its id, and its label where it has one."""
    return f"{credential.id} ({credential.label})" if credential.label else credential.id


def tenant_lines(tenants: Sequence[Tenant]) -> list[str]:
    """Return a table of tenants."""
    rows = [(tenant.id, tenant.name, day(tenant.created), tenant_state(tenant)) for tenant in tenants]
    return table(("ID", "NAME", "CREATED", "STATE"), rows)


def token_lines(tokens: Sequence[SecretToken], now: datetime, used: Used) -> list[str]:
    """Return a table of tokens."""
    rows = [
        (token.id, token.label or "-", day(token.created), day(token.expires), _day(token, used), state(token, now))
        for token in tokens
    ]
    return table(("ID", "LABEL", "CREATED", "EXPIRES", "LAST USED", "STATE"), rows)


def client_lines(clients: Sequence[OAuthClient], now: datetime, used: Used) -> list[str]:
    """Return a table of OAuth clients, each followed by its secrets."""
    rows = []
    for client in clients:
        rows.append((client.id, client.label or "-", day(client.created), "-", _day(client, used), state(client, now)))
        rows += [
            (f"  secret {each.id}", "", day(each.created), day(each.expires), "", state(each, now))
            for each in client.secrets
        ]
    return table(("CLIENT ID", "LABEL", "CREATED", "EXPIRES", "LAST USED", "STATE"), rows)


def trust_lines(credentials: Sequence[OAuthClient | EntraRegistration], now: datetime, used: Used) -> list[str]:
    """Return a table of those that are trusted: by a federation trust, or as a registered Entra tenant."""
    rows = [
        (each.id, each.label or "-", each.trust.issuer, each.trust.subject or "-", _day(each, used), state(each, now))
        for each in credentials
        if each.trust is not None
    ]
    return table(("ID", "LABEL", "ISSUER", "SUBJECT", "LAST USED", "STATE"), rows)


def day(moment: datetime) -> str:
    """Return the date in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def entries(pairs: Sequence[tuple[str, str | None]]) -> list[str]:
    """Return a line for each name and value; those without a value are left out."""
    width = max(len(name) for name, _ in pairs) + len(_GAP)
    return [f"{name:<{width}}{value}" for name, value in pairs if value]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table in columns as wide as their widest cell."""
    if not rows:
        return ["(none)"]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]


def _used(credential: Credential, used: Used | None) -> str | None:
    last = (used or {}).get(credential.id)
    return None if last is None else last.isoformat()


def _day(credential: Credential, used: Used) -> str:
    return _used(credential, used) or "-"
