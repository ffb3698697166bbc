"""What `python -m identity` does with signing keys, and with credentials that will expire."""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta

from identity.command import Answer, Session
from identity.display import table
from identity.errors import UnknownTenant
from identity.expiring import Expiring, expiring
from identity.record import Record
from identity.signing_keys import SigningKey, SigningKeys, encryption_key
from scim.errors import Unavailable
from storage.settings import SettingsError

_READ_AT_ONCE = 16


async def list_keys(session: Session, _: Namespace) -> Answer:
    """Show the keys that sign access tokens, not their private halves."""
    keys, now = await _keys(session).believed(), session.clock()
    data = [_key_data(key, keys, now) for key in keys]
    rows = [(each["kid"], each["created"], each["signs_from"], each["state"]) for each in data]
    return Answer(data, table(("KID", "CREATED", "SIGNS FROM", "STATE"), rows))


async def rotate_key(session: Session, given: Namespace) -> Answer:
    """Make a new signing key. Raises SettingsError where there is nothing to encrypt it with."""
    try:
        encryption_key(session.environment)
    except Unavailable as error:
        raise SettingsError(error.detail) from None
    if given.at_once:
        session.confirm("All access tokens of all tenants will be refused; Entra asks for new ones by itself.")
    key = await _keys(session).rotate(at_once=given.at_once)
    note = "All other keys are gone." if given.at_once else "Tokens of the key before it stay good until they expire."
    return Answer(
        {"kid": key.kid, "signs_from": _moment(key.signs_from)},
        [f"The key {key.kid} signs from {_moment(key.signs_from)}. {note}"],
    )


async def list_expiring(session: Session, given: Namespace) -> Answer:
    """Show the valid credentials of all tenants that expire soon, the first to expire first."""
    now = session.clock()
    ids = [tenant.id for tenant in await session.tenants.all()]
    found: list[Record | None] = []
    for start in range(0, len(ids), _READ_AT_ONCE):
        found += await asyncio.gather(*(_record(session, id) for id in ids[start : start + _READ_AT_ONCE]))
    soon = [each for one in found if one is not None for each in expiring(one, now, timedelta(days=given.days))]
    data = [asdict(each) for each in sorted(soon, key=lambda each: (each.expires, each.tenant_id, each.id))]
    rows = [tuple(str(value or "-") for value in each.values()) for each in data]
    return Answer(data, table([each.name.replace("_", " ").upper() for each in fields(Expiring)], rows))


KEY_COMMANDS: Mapping[tuple[str, str], Callable[[Session, Namespace], Awaitable[Answer]]] = {
    ("keys", "list"): list_keys,
    ("keys", "rotate"): rotate_key,
    ("expiring", "list"): list_expiring,
}


def _keys(session: Session) -> SigningKeys:
    return SigningKeys(session.tables, session.clock, session.environment)


async def _record(session: Session, tenant_id: str) -> Record | None:
    try:
        return await session.record(tenant_id)
    except UnknownTenant:  # removed a moment ago
        return None


def _key_data(key: SigningKey, keys: tuple[SigningKey, ...], now: datetime) -> dict[str, str]:
    begun = [each for each in keys if each.signs_from <= now]
    state = "next" if key not in begun else ("signing" if key is begun[-1] else "ending")
    times = {"created": _moment(key.created), "signs_from": _moment(key.signs_from)}
    return {"kid": key.kid, **times, "state": state}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
