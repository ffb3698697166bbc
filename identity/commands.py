"""What `python -m identity` does: one function per noun and verb, from its arguments to an answer.

Nothing here prints or ends the process; `confirm` asks the person and raises Declined.
"""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity.credentials import VALID_AT_ONCE, SecretTokens
from identity.display import day, tenant_data, tenant_lines, tenant_state, token_data, token_lines, token_name
from identity.models import SecretToken
from identity.settings import BASE_URL, tenant_url
from identity.tenants import Tenants
from identity.tokens import Token
from storage.tables import Tables

_SHOW_ONCE = "It is shown this once and stored nowhere: copy it now."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did: `data` for scripts, `lines` for people."""

    data: Any
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Session:
    """What every command needs beside its arguments."""

    tables: Tables
    clock: Callable[[], datetime]
    confirm: Callable[[str], None]
    environment: Mapping[str, str]

    @property
    def tenants(self) -> Tenants:
        """The tenants of the deployment."""
        return Tenants(self.tables, self.clock)

    @property
    def tokens(self) -> SecretTokens:
        """The secret tokens of the deployment."""
        return SecretTokens(self.tables, self.clock)


async def create_tenant(session: Session, given: Namespace) -> Answer:
    """Add a tenant."""
    tenant = await session.tenants.create(given.name, given.id)
    return Answer(
        tenant_data(tenant),
        [f"Created the tenant {tenant.id} ({tenant.name}).", f"Next: python -m identity token issue {tenant.id}"],
    )


async def list_tenants(session: Session, _: Namespace) -> Answer:
    """Show all tenants."""
    tenants = await session.tenants.all()
    return Answer([tenant_data(tenant) for tenant in tenants], tenant_lines(tenants))


async def show_tenant(session: Session, given: Namespace) -> Answer:
    """Show a tenant and its tokens."""
    tenant = await session.tenants.get(given.tenant)
    tokens, now = await session.tokens.list(given.tenant), session.clock()
    head = [f"{tenant.id} ({tenant.name}), created {day(tenant.created)}, {tenant_state(tenant)}", ""]
    data = tenant_data(tenant) | {"tokens": [token_data(token, now) for token in tokens]}
    return Answer(data, head + token_lines(tokens, now))


async def disable_tenant(session: Session, given: Namespace) -> Answer:
    """Disable a tenant."""
    tenant = await session.tenants.get(given.tenant)
    session.confirm(
        f"Every request of the tenant {tenant.id} ({tenant.name}) will be refused, and Entra will quarantine its"
        " provisioning."
    )
    tenant = await session.tenants.disable(tenant.id)
    return Answer(tenant_data(tenant), [f"Disabled the tenant {tenant.id}: refused everywhere within a minute."])


async def enable_tenant(session: Session, given: Namespace) -> Answer:
    """Enable a tenant."""
    tenant = await session.tenants.enable(given.tenant)
    return Answer(tenant_data(tenant), [f"Enabled the tenant {tenant.id}: accepted everywhere within a minute."])


async def issue_token(session: Session, given: Namespace) -> Answer:
    """Issue a token."""
    url = _tenant_url(session, given)
    token, stored = await session.tokens.issue(given.tenant, given.label or "", given.days)
    return _issued(token, stored, url, [])


async def list_tokens(session: Session, given: Namespace) -> Answer:
    """Show the tokens of a tenant."""
    tokens, now = await session.tokens.list(given.tenant), session.clock()
    return Answer([token_data(token, now) for token in tokens], token_lines(tokens, now))


async def rotate_token(session: Session, given: Namespace) -> Answer:
    """Issue a token beside the one in use, labelled like it; revoke the older of two on request."""
    url = _tenant_url(session, given)
    valid = list(await session.tokens.valid(given.tenant))
    label = given.label if given.label is not None else next((token.label for token in reversed(valid)), "")
    oldest = valid.pop(0) if given.revoke_oldest and len(valid) >= VALID_AT_ONCE else None
    if oldest is not None:
        session.confirm(f"The token {token_name(oldest)} will be revoked: what still uses it will be refused.")
    instead_of = None if oldest is None else oldest.id
    token, stored = await session.tokens.issue(given.tenant, label, given.days, instead_of=instead_of)
    notes = [f"The token {token_name(oldest)} is revoked: refused everywhere within a minute."] if oldest else []
    notes += [_still_valid(other) for other in valid]
    return _issued(token, stored, url, notes)


async def revoke_token(session: Session, given: Namespace) -> Answer:
    """Revoke a token."""
    token = await session.tokens.get(given.tenant, given.token_id)
    session.confirm(f"What still uses the token {token_name(token)} of the tenant {given.tenant} will be refused.")
    token = await session.tokens.revoke(given.tenant, given.token_id)
    return Answer(
        token_data(token, session.clock()), [f"Revoked the token {token_name(token)}: refused within a minute."]
    )


COMMANDS: Mapping[tuple[str, str], Callable[[Session, Namespace], Awaitable[Answer]]] = {
    ("tenant", "create"): create_tenant,
    ("tenant", "list"): list_tenants,
    ("tenant", "show"): show_tenant,
    ("tenant", "disable"): disable_tenant,
    ("tenant", "enable"): enable_tenant,
    ("token", "issue"): issue_token,
    ("token", "list"): list_tokens,
    ("token", "rotate"): rotate_token,
    ("token", "revoke"): revoke_token,
}


def _tenant_url(session: Session, given: Namespace) -> str | None:
    # Read before anything is issued: a token whose Tenant URL then fails to print would be lost.
    return tenant_url(given.base_url or session.environment.get(BASE_URL, ""))


def _still_valid(token: SecretToken) -> str:
    return (
        f"The token {token_name(token)} stays valid until {day(token.expires)}."
        f" Once Entra uses the new one, end it: python -m identity token revoke {token.tenant_id} {token.id}"
    )


def _issued(token: Token, stored: SecretToken, url: str | None, notes: Sequence[str]) -> Answer:
    data = token_data(stored, stored.created) | {"secret_token": token.render(), "tenant_url": url}
    entries = [("Tenant URL", url)] if url else []
    entries += [("Secret Token", token.render()), ("Token id", stored.id), ("Expires", day(stored.expires))]
    lines = [f"{name:<14}{value}" for name, value in entries]
    return Answer(data, [*lines, "", _SHOW_ONCE, *notes])
