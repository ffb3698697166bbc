"""How tenants and tokens are shown: as JSON for scripts, as lines of text for people. Never a secret or its hash."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from identity.models import SecretToken, Tenant

_GAP = "  "


def tenant_data(tenant: Tenant) -> dict[str, Any]:
    """Return a tenant as JSON."""
    return tenant.model_dump(mode="json")


def token_data(token: SecretToken, now: datetime) -> dict[str, Any]:
    """Return a token as JSON, without its hash."""
    shown = token.model_dump(mode="json", exclude={"digest", "suspended", "id"})
    return {"token_id": token.id, **shown, "state": token_state(token, now)}


def tenant_state(tenant: Tenant) -> str:
    """Tell whether the tenant is enabled, or since when it is not."""
    return "enabled" if tenant.disabled is None else f"disabled since {day(tenant.disabled)}"


def token_state(token: SecretToken, now: datetime) -> str:
    """Return what a caller who sends the token meets: valid, or why it is refused."""
    if token.revoked is not None:
        return "revoked"
    if not token.valid(now):
        return "expired"
    return "suspended" if token.suspended else "valid"


def token_name(token: SecretToken) -> str:
    """Return what people know the token by: its id, and its label where it has one."""
    return f"{token.id} ({token.label})" if token.label else token.id


def tenant_lines(tenants: Sequence[Tenant]) -> list[str]:
    """Return a table of tenants."""
    rows = [(tenant.id, tenant.name, day(tenant.created), tenant_state(tenant)) for tenant in tenants]
    return _table(("ID", "NAME", "CREATED", "STATE"), rows)


def token_lines(tokens: Sequence[SecretToken], now: datetime) -> list[str]:
    """Return a table of tokens."""
    rows = [
        (token.id, token.label or "-", day(token.created), day(token.expires), token_state(token, now))
        for token in tokens
    ]
    return _table(("ID", "LABEL", "CREATED", "EXPIRES", "STATE"), rows)


def day(moment: datetime) -> str:
    """Return the date in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return ["(none)"]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
