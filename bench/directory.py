"""The directory that every server is filled with, over HTTP, and the ids that it gave to what is in it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bench.load import Client

CORE = "urn:ietf:params:scim:schemas:core:2.0"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MEMBERS = (10, 1_000, 10_000)  # of the groups that are measured
_COPIES = {10: 50, 1_000: 5, 10_000: 1}  # groups of each size, so that additions hardly make them grow
_CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Filled:
    """What a server holds: ids of users, those of them that are in no group, groups by their size, an empty one."""

    users: tuple[str, ...]
    spare: tuple[str, ...]
    groups: dict[int, tuple[str, ...]]
    empty: str


def user(number: int) -> dict[str, Any]:
    """Return a user as Entra creates one, different for every number."""
    name = f"user{number:06}"
    return {
        "schemas": [f"{CORE}:User", ENTERPRISE],
        "externalId": f"external-{number:06}",
        "userName": f"{name}@contoso.example",
        "active": True,
        "displayName": f"Ana {number} García",
        "name": {"formatted": f"Ana {number} García", "givenName": "Ana", "familyName": f"García {number}"},
        "title": "Engineer",
        "preferredLanguage": "en-US",
        "emails": [{"type": "work", "value": f"{name}@contoso.example", "primary": True}],
        "phoneNumbers": [{"type": "work", "value": f"+34 555 {number:06}"}],
        "addresses": [{"type": "work", "streetAddress": "Calle Mayor 1", "locality": "Madrid", "country": "ES"}],
        ENTERPRISE: {"employeeNumber": str(number), "department": "Design", "costCenter": "4130"},
    }


def group(name: str, members: tuple[str, ...]) -> dict[str, Any]:
    """Return a group with its members."""
    return {
        "schemas": [f"{CORE}:Group"],
        "externalId": f"external-{name}",
        "displayName": name,
        "members": [{"value": id, "type": "User"} for id in members],
    }


async def fill(client: Client, users: int, spare: int) -> Filled:
    """Create `users` users, of whom the last `spare` join no group, and groups of each size that there are users for.

    Raises RefusedError.
    """
    numbers = iter(range(users))
    ids: dict[int, str] = {}

    async def create() -> None:
        for number in numbers:
            ids[number] = (await client.send("POST", "/Users", user(number)))["id"]

    await asyncio.gather(*(create() for _ in range(_CLIENTS)))
    everybody = tuple(ids[number] for number in range(users))
    joining = everybody[: users - spare]
    groups = {}
    for size in (each for each in MEMBERS if each <= len(joining)):
        made = [await _found(client, f"{size} members, {n}", joining[-size:]) for n in range(_COPIES[size])]
        groups[size] = tuple(made)
    return Filled(everybody, everybody[users - spare :], groups, await _found(client, "nobody", ()))


async def _found(client: Client, name: str, members: tuple[str, ...]) -> str:
    created: dict[str, str] = await client.send("POST", "/Groups", group(name, members))
    return created["id"]
