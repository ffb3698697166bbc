"""What `python -m identity` does with OAuth clients and their secrets."""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence

from identity.client_secrets import Secret
from identity.clients import VALID_AT_ONCE, new_secret
from identity.command import Answer, Session
from identity.display import client_data, client_lines, day, entries, named
from identity.endpoints import Endpoints
from identity.models import ClientSecret, OAuthClient

_SHOW_ONCE = "The secret is shown this once and stored nowhere: copy it now."


async def create_client(session: Session, given: Namespace) -> Answer:
    """Add an OAuth client with its first secret."""
    endpoints = session.endpoints(given.base_url)
    secret, stored = new_secret(given.days, session.clock())
    client = await session.clients.create(given.tenant, given.label or "", given.minutes, secret=stored)
    return _issued(session, client, secret, stored, endpoints, [])


async def list_clients(session: Session, given: Namespace) -> Answer:
    """Show the OAuth clients of a tenant that have secrets."""
    found, now = await session.record(given.tenant), session.clock()
    clients = [client for client in found.clients if client.trust is None]
    data = [client_data(client, now, found.used) for client in clients]
    return Answer(data, client_lines(clients, now, found.used))


async def rotate_secret(session: Session, given: Namespace) -> Answer:
    """Add a secret beside the one in use; revoke the older of two on request."""
    endpoints = session.endpoints(given.base_url)
    client = await session.clients.get(given.tenant, given.client_id)
    valid = [each for each in client.secrets if each.valid(session.clock())]
    oldest = valid.pop(0) if given.revoke_oldest and len(valid) >= VALID_AT_ONCE else None
    if oldest is not None:
        session.confirm(f"The secret {oldest.id} will be revoked: what still uses it gets no more tokens.")
    instead_of = None if oldest is None else oldest.id
    secret, stored = await session.clients.add_secret(given.tenant, client.id, given.days, instead_of=instead_of)
    notes = [f"The secret {oldest.id} is revoked: it brings no token any more within a minute."] if oldest else []
    notes += [
        f"The secret {other.id} stays valid until {day(other.expires)}. Once Entra uses the new one, end it:"
        f" python -m identity client revoke-secret {given.tenant} {client.id} {other.id}"
        for other in valid
    ]
    return _issued(session, client, secret, stored, endpoints, notes)


async def revoke_secret(session: Session, given: Namespace) -> Answer:
    """Revoke a secret."""
    client = await session.clients.get(given.tenant, given.client_id)
    session.confirm(f"What still uses the secret {given.secret_id} of the client {named(client)} gets no more tokens.")
    client = await session.clients.revoke_secret(given.tenant, given.client_id, given.secret_id)
    return Answer(
        client_data(client, session.clock()),
        [f"Revoked the secret {given.secret_id}: it brings no token any more within a minute."],
    )


async def revoke_client(session: Session, given: Namespace) -> Answer:
    """Revoke a client with its access tokens."""
    client = await session.clients.get(given.tenant, given.client_id)
    session.confirm(f"The client {named(client)} of the tenant {given.tenant} and all its tokens will be refused.")
    client = await session.clients.revoke(given.tenant, given.client_id)
    return Answer(
        client_data(client, session.clock()),
        [f"Revoked the client {named(client)}: it and its tokens are refused within a minute."],
    )


CLIENT_COMMANDS: Mapping[tuple[str, str], Callable[[Session, Namespace], Awaitable[Answer]]] = {
    ("client", "create"): create_client,
    ("client", "list"): list_clients,
    ("client", "rotate"): rotate_secret,
    ("client", "revoke-secret"): revoke_secret,
    ("client", "revoke"): revoke_client,
    ("trust", "remove"): revoke_client,  # a federation trust is a client too
}


def _issued(
    session: Session,
    client: OAuthClient,
    secret: Secret,
    stored: ClientSecret,
    endpoints: Endpoints | None,
    notes: Sequence[str],
) -> Answer:
    urls = {
        "tenant_url": endpoints.scim if endpoints else None,
        "token_endpoint": endpoints.token if endpoints else None,
    }
    data = client_data(client, session.clock()) | urls | {"client_secret": secret.render(), "secret_id": stored.id}
    lines = entries(
        [
            ("Tenant URL", urls["tenant_url"]),
            ("Token Endpoint", urls["token_endpoint"]),
            ("Client Identifier", client.id),
            ("Client Secret", secret.render()),
            ("Secret id", stored.id),
            ("Expires", day(stored.expires)),
        ]
    )
    return Answer(data, [*lines, "", _SHOW_ONCE, *notes])
