"""What `python -m identity` does with federation trusts and registered Entra tenants."""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from identity.assertion import Check, examine, failure, shown
from identity.command import Answer, Session
from identity.display import client_data, entries, named, registration_data, table, trust_lines
from identity.errors import InvalidTrust
from identity.issuers import NON_GALLERY_AUDIENCE, entra_trust, guid, trust
from identity.jws import Jws, MalformedJws, peek
from identity.models import Trust
from identity.remote_keys import FetchError, fetch, usable

_FAILED = 1
_STDIN = "-"
_MOMENTS = ("exp", "nbf", "iat")


async def add_trust(session: Session, given: Namespace) -> Answer:
    """Trust an issuer's tokens instead of a secret."""
    endpoints = session.endpoints(given.base_url)
    believed = trust(session.hosts, given.issuer, given.jwks_url, given.subject, given.audience, given.entra_tenant_id)
    client = await session.clients.create(given.tenant, given.label or "", given.minutes, trust=believed)
    urls = {"token_url": endpoints.token if endpoints else None, "scim_url": endpoints.scim if endpoints else None}
    lines = entries([("Client ID", client.id), ("Token URL", urls["token_url"]), ("SCIM URL", urls["scim_url"])])
    return Answer(client_data(client, session.clock()) | urls, [*lines, "", "Enter these in Entra."])


async def list_trusts(session: Session, given: Namespace) -> Answer:
    """Show the federation trusts of a tenant."""
    found, now = await session.record(given.tenant), session.clock()
    clients = [client for client in found.clients if client.trust is not None]
    data = [client_data(client, now, found.used) for client in clients]
    return Answer(data, trust_lines(clients, now, found.used))


async def verify_assertion(session: Session, given: Namespace) -> Answer:
    """Tell check by check whether a trust believes a token."""
    client = await session.clients.get(given.tenant, given.client_id)
    if client.trust is None:
        raise InvalidTrust(
            f"the OAuth client {client.id} has no trust: `trust list {given.tenant}` shows those that have"
        )
    try:
        token = Jws.parse(_token(session, given))
    except MalformedJws as error:
        raise InvalidTrust(f"the token cannot be verified: {error}") from None
    checks = await _checks(session, client.trust, token)
    rows = [(each.name, each.expected, each.received, "ok" if each.passed else "WRONG") for each in checks]
    failed = failure(checks)
    verdict = "The trust believes the token." if failed is None else f"The token is refused. {failed}."
    data = [
        {"check": each.name, "expected": each.expected, "received": each.received, "passed": each.passed}
        for each in checks
    ]
    lines = [*table(("CHECK", "EXPECTED", "RECEIVED", ""), rows), "", verdict]
    return Answer(data, lines, 0 if failed is None else _FAILED)


async def decode_assertion(session: Session, given: Namespace) -> Answer:
    """Show what a token says, and whether its form is one that is verified at all; nothing is verified."""
    text = _token(session, given)
    try:
        header, claims = peek(text)
    except MalformedJws as error:
        raise InvalidTrust(f"this is not a token: {error}") from None
    try:
        Jws.parse(text)
        form = "as expected"
    except MalformedJws as error:
        form = f"refused: {error}"
    rows = [("header", name, shown(value), "") for name, value in header.items()]
    rows += [("claim", name, shown(value), _moment(name, value)) for name, value in claims.items()]
    lines = table(("PART", "NAME", "VALUE", ""), rows)
    return Answer({"header": header, "claims": claims, "form": form}, [*lines, "", f"Form: {form}"])


async def register_entra(session: Session, given: Namespace) -> Answer:
    """Accept what Entra issues for an Entra tenant where no Secret Token was entered."""
    believed = entra_trust(
        session.hosts,
        given.entra_tenant_id,
        given.audience or NON_GALLERY_AUDIENCE,
        given.issuer,
        given.jwks_url,
    )
    id = guid(given.entra_tenant_id)
    session.confirm(
        f"Whoever administers the Entra tenant {id} will read and change all of the tenant {given.tenant}'s directory."
    )
    registration = await session.registrations.add(given.tenant, id, believed, given.label or "")
    line = f"The tenant {given.tenant} accepts Entra's tokens of the Entra tenant {named(registration)}."
    return Answer(registration_data(registration, session.clock()), [line])


async def list_entra(session: Session, given: Namespace) -> Answer:
    """Show the Entra tenants that a tenant has registered."""
    found, now = await session.record(given.tenant), session.clock()
    data = [registration_data(each, now, found.used) for each in found.registrations]
    return Answer(data, trust_lines(found.registrations, now, found.used))


async def remove_entra(session: Session, given: Namespace) -> Answer:
    """Accept no more of Entra's tokens of an Entra tenant."""
    id = guid(given.entra_tenant_id)
    session.confirm(f"Requests of the tenant {given.tenant} with Entra's tokens of {id} will be refused.")
    await session.registrations.remove(given.tenant, id)
    return Answer({"entra_tenant_id": id}, [f"Removed the Entra tenant {id}: refused within a minute."])


TRUST_COMMANDS: Mapping[tuple[str, str], Callable[[Session, Namespace], Awaitable[Answer]]] = {
    ("trust", "add"): add_trust,
    ("trust", "list"): list_trusts,
    ("trust", "verify"): verify_assertion,
    ("trust", "decode"): decode_assertion,
    ("entra", "add"): register_entra,
    ("entra", "list"): list_entra,
    ("entra", "remove"): remove_entra,
}


def _token(session: Session, given: Namespace) -> str:
    return (session.read() if given.token == _STDIN else str(given.token)).strip()


async def _checks(session: Session, believed: Trust, token: Jws) -> list[Check]:
    """Return every check of a token, with that its issuer's keys can be had first."""
    try:
        key = usable(await fetch(session.hosts, believed.jwks_url)).get(token.kid)
    except FetchError as error:
        keys = Check("keys", f"those of {believed.jwks_url}", str(error), passed=False)
        return [keys, *examine(token, believed, None, session.clock())]
    return examine(token, believed, key, session.clock())


def _moment(name: str, value: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC" if name in _MOMENTS else ""
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
