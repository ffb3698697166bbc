"""Which provisioned user a person is, and whether that user may use IDEO: asked at every request."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.cache import Cache
from identity.models import Tenant
from identity.registrations import EntraRegistrations
from identity.session import Session
from identity.signin_token import Account
from identity.tenants import Tenants
from scim.schema import resource_types
from scim.store import Lookup, Stored
from scim.text import fold
from storage.directory import TableDirectory
from storage.tables import Tables

_CACHED = timedelta(seconds=60)
_MOST_TENANTS = 1000
_GROUPS_SHOWN = 200
_OBJECT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class NotAdmitted(Exception):
    """The person cannot use IDEO: `headline` and `detail` are for them, `reason` is for the log."""

    def __init__(self, headline: str, detail: str, reason: str, tenant_id: str = "") -> None:
        super().__init__(reason)
        self.headline = headline
        self.detail = detail
        self.reason = reason
        self.tenant_id = tenant_id


@dataclass(frozen=True, slots=True)
class Person:
    """A user who is provisioned and active, in a tenant that their Entra tenant belongs to."""

    tenant: Tenant
    user: Stored


class People:
    """The users of all tenants as people who sign in; `clock` is the time now, in UTC.

    What is decided of a tenant is remembered for a minute; the user is read anew every time.
    """

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._tables = tables
        self._clock = clock
        self._registrations = EntraRegistrations(tables, clock)
        self._tenants = Tenants(tables, clock)
        self._admitted: Cache[tuple[str, str], Tenant] = Cache(_MOST_TENANTS, _CACHED)

    async def of_account(self, account: Account) -> Person:
        """Return the person whose account it is. Raises NotAdmitted, Unavailable."""
        tenant_id = await self._registrations.tenant_of(account.entra_tenant_id)
        if tenant_id is None:
            raise _unknown_organization(account.entra_tenant_id)
        tenant, users = await asyncio.gather(
            self._tenant(tenant_id, account.entra_tenant_id), self._users_of(tenant_id, account)
        )
        if len(users) != 1:
            reason = "several users have the object id" if users else "no user has the object id or name"
            raise _not_provisioned(tenant, f"{reason} of the account {account.object_id}")
        return _admitted(tenant, users[0])

    async def of_session(self, session: Session) -> Person:
        """Return the person of a session as they are now. Raises NotAdmitted, Unavailable."""
        tenant, user = await asyncio.gather(
            self._tenant(session.tenant_id, session.entra_tenant_id),
            self._directory(session.tenant_id).read(resource_types()["User"], session.user_id),
        )
        if user is None:
            raise _not_provisioned(tenant, f"the user {session.user_id} has been deleted")
        return _admitted(tenant, user)

    async def groups(self, person: Person) -> tuple[str, ...]:
        """Return the names of the groups that the person is a direct member of, in order; 200 at most.

        Raises Unavailable.
        """
        directory, kind = self._directory(person.tenant.id), resource_types()["Group"]
        found = await asyncio.gather(*(directory.read(kind, id) for id in person.user.groups[:_GROUPS_SHOWN]))
        names = [str(group.document.get("displayName", group.id)) for group in found if group is not None]
        return tuple(sorted(names, key=fold))

    def _directory(self, tenant_id: str) -> TableDirectory:
        return TableDirectory(self._tables, tenant_id)

    async def _tenant(self, tenant_id: str, entra_tenant_id: str) -> Tenant:
        """Return the tenant if the Entra tenant is registered with it and it is enabled."""
        now = self._clock()
        known = self._admitted.get((tenant_id, entra_tenant_id), now)
        if known is not None:
            return known
        registration, tenant = await asyncio.gather(
            self._registrations.find(tenant_id, entra_tenant_id), self._tenants.find(tenant_id)
        )
        if tenant is None or registration is None or registration.revoked is not None:
            raise _unknown_organization(entra_tenant_id)
        if tenant.disabled is not None:
            raise NotAdmitted(
                "Your organization cannot use IDEO at the moment",
                "IDEO is switched off for your organization. Ask your IT administrator.",
                "the tenant is disabled",
                tenant.id,
            )
        self._admitted.put((tenant_id, entra_tenant_id), tenant, now)
        return tenant

    async def _users_of(self, tenant_id: str, account: Account) -> list[Stored]:
        """Return the users that the account may be: by object id, else by name.

        A name passes to another person when it is free; a user whose externalId is the object id of somebody else is
        that person's for ever, whatever the name says.
        """
        by_id, by_name = await asyncio.gather(
            self._users(tenant_id, "externalId", account.object_id), self._users(tenant_id, "userName", account.name)
        )
        return by_id or [user for user in by_name if not _OBJECT_ID.fullmatch(str(user.document.get("externalId", "")))]

    async def _users(self, tenant_id: str, path: str, value: str) -> list[Stored]:
        if not value:
            return []
        found = await self._directory(tenant_id).find(resource_types()["User"], [Lookup(path, value)])
        return [user for user in found if fold(str(user.document.get(path, ""))) == fold(value)]


def _admitted(tenant: Tenant, user: Stored) -> Person:
    if user.document.get("active") is False:
        raise NotAdmitted(
            "Your account is disabled",
            "Your organization has disabled your IDEO account. If you need it, ask your IT administrator.",
            f"the user {user.id} is not active",
            tenant.id,
        )
    return Person(tenant, user)


def _unknown_organization(entra_tenant_id: str) -> NotAdmitted:
    return NotAdmitted(
        "Your organization is not connected to IDEO",
        "IDEO does not know the Microsoft Entra tenant that you signed in with. If your organization uses IDEO, give"
        f" your IT administrator its id: {entra_tenant_id}",
        f"the Entra tenant {entra_tenant_id} is not registered",
    )


def _not_provisioned(tenant: Tenant, reason: str) -> NotAdmitted:
    return NotAdmitted(
        "You have no IDEO account yet",
        "Your organization has not given you access to IDEO. Ask your IT administrator to assign IDEO to you in"
        " Microsoft Entra; it can take 40 minutes until the account is there.",
        reason,
        tenant.id,
    )
