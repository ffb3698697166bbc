"""What `python -m identity` does with tenants and secret tokens, and the list of all its commands.

One function per noun and verb, from its arguments to an answer. Nothing here or in the other modules of commands
prints or ends the process; `confirm` asks the person and raises Declined.
"""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence

from identity import deletion
from identity.client_commands import CLIENT_COMMANDS
from identity.command import Answer, Session
from identity.credentials import VALID_AT_ONCE
from identity.display import (
    client_data,
    client_lines,
    day,
    entries,
    named,
    registration_data,
    tenant_data,
    tenant_lines,
    tenant_state,
    token_data,
    token_lines,
    trust_lines,
)
from identity.key_commands import KEY_COMMANDS
from identity.models import SecretToken
from identity.signin_commands import SIGNIN_COMMANDS
from identity.tokens import Token
from identity.trust_commands import TRUST_COMMANDS

_SHOW_ONCE = "It is shown this once and stored nowhere: copy it now."


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
    """Show a tenant and its credentials."""
    found, now = await session.record(given.tenant), session.clock()
    tenant = found.tenant
    lines = [f"{tenant.id} ({tenant.name}), created {day(tenant.created)}, {tenant_state(tenant)}"]
    secret = [client for client in found.clients if client.trust is None]
    trusting = [client for client in found.clients if client.trust is not None]
    for title, each in (
        ("Secret tokens", token_lines(found.tokens, now, found.used)),
        ("OAuth clients", client_lines(secret, now, found.used)),
        ("Federation trusts", trust_lines(trusting, now, found.used)),
        ("Registered Entra tenants", trust_lines(found.registrations, now, found.used)),
    ):
        lines += ["", title, *each]
    data = tenant_data(tenant) | {
        "tokens": [token_data(each, now, found.used) for each in found.tokens],
        "clients": [client_data(each, now, found.used) for each in found.clients],
        "entra_tenants": [registration_data(each, now, found.used) for each in found.registrations],
    }
    return Answer(data, lines)


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


async def delete_tenant(session: Session, given: Namespace) -> Answer:
    """Remove a tenant and everything that it holds."""
    tenant = await session.tenants.get(given.tenant)
    session.confirm(
        f"The tenant {tenant.id} ({tenant.name}), its users, groups and credentials will be removed, for ever. "
        f"`python -m storage.export {tenant.id} FILE` keeps a copy of its users and groups."
    )
    tenant = await session.tenants.disable(tenant.id)
    await asyncio.sleep(deletion.wait(tenant, session.clock()))
    rows = await deletion.delete(session.tables, tenant.id)
    return Answer(tenant_data(tenant) | {"rows": rows}, [f"Removed the tenant {tenant.id} with {rows:,} rows."])


async def refuse_kind(session: Session, given: Namespace) -> Answer:
    """Refuse a kind of credential."""
    tenant = await session.tenants.get(given.tenant)
    session.confirm(f"Every request of the tenant {tenant.id} with a {given.kind} will be refused.")
    tenant = await session.tenants.bar(tenant.id, given.kind)
    return Answer(tenant_data(tenant), [f"The tenant {tenant.id} refuses {given.kind} everywhere within a minute."])


async def accept_kind(session: Session, given: Namespace) -> Answer:
    """Accept a kind of credential again."""
    tenant = await session.tenants.accept(given.tenant, given.kind)
    return Answer(tenant_data(tenant), [f"The tenant {tenant.id} accepts {given.kind} everywhere within a minute."])


async def issue_token(session: Session, given: Namespace) -> Answer:
    """Issue a token."""
    url = session.tenant_url(given.base_url)
    token, stored = await session.tokens.issue(given.tenant, given.label or "", given.days)
    return _issued(token, stored, url, [])


async def list_tokens(session: Session, given: Namespace) -> Answer:
    """Show the tokens of a tenant."""
    found, now = await session.record(given.tenant), session.clock()
    data = [token_data(token, now, found.used) for token in found.tokens]
    return Answer(data, token_lines(found.tokens, now, found.used))


async def rotate_token(session: Session, given: Namespace) -> Answer:
    """Issue a token beside the one in use, labelled like it; revoke the older of two on request."""
    url = session.tenant_url(given.base_url)
    valid = list(await session.tokens.valid(given.tenant))
    label = given.label if given.label is not None else next((token.label for token in reversed(valid)), "")
    oldest = valid.pop(0) if given.revoke_oldest and len(valid) >= VALID_AT_ONCE else None
    if oldest is not None:
        session.confirm(f"The token {named(oldest)} will be revoked: what still uses it will be refused.")
    instead_of = None if oldest is None else oldest.id
    token, stored = await session.tokens.issue(given.tenant, label, given.days, instead_of=instead_of)
    notes = [f"The token {named(oldest)} is revoked: refused everywhere within a minute."] if oldest else []
    notes += [_still_valid(other) for other in valid]
    return _issued(token, stored, url, notes)


async def revoke_token(session: Session, given: Namespace) -> Answer:
    """Revoke a token."""
    token = await session.tokens.get(given.tenant, given.token_id)
    session.confirm(f"What still uses the token {named(token)} of the tenant {given.tenant} will be refused.")
    token = await session.tokens.revoke(given.tenant, given.token_id)
    return Answer(token_data(token, session.clock()), [f"Revoked the token {named(token)}: refused within a minute."])


COMMANDS: Mapping[tuple[str, str], Callable[[Session, Namespace], Awaitable[Answer]]] = {
    ("tenant", "create"): create_tenant,
    ("tenant", "list"): list_tenants,
    ("tenant", "show"): show_tenant,
    ("tenant", "disable"): disable_tenant,
    ("tenant", "enable"): enable_tenant,
    ("tenant", "delete"): delete_tenant,
    ("tenant", "refuse"): refuse_kind,
    ("tenant", "accept"): accept_kind,
    ("token", "issue"): issue_token,
    ("token", "list"): list_tokens,
    ("token", "rotate"): rotate_token,
    ("token", "revoke"): revoke_token,
    **CLIENT_COMMANDS,
    **TRUST_COMMANDS,
    **KEY_COMMANDS,
    **SIGNIN_COMMANDS,
}


def _still_valid(token: SecretToken) -> str:
    return (
        f"The token {named(token)} stays valid until {day(token.expires)}."
        f" Once Entra uses the new one, end it: python -m identity token revoke {token.tenant_id} {token.id}"
    )


def _issued(token: Token, stored: SecretToken, url: str | None, notes: Sequence[str]) -> Answer:
    data = token_data(stored, stored.created) | {"secret_token": token.render(), "tenant_url": url}
    lines = entries(
        [
            ("Tenant URL", url),
            ("Secret Token", token.render()),
            ("Token id", stored.id),
            ("Expires", day(stored.expires)),
        ]
    )
    return Answer(data, [*lines, "", _SHOW_ONCE, *notes])
