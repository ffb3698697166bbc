"""The directory that is provisioned from: users and groups in a JSON file, with what a delta query would tell.

Every change of the directory has a number, its `version`; every object carries the version that last touched it. What
changed since a watermark is what carries a higher number, which is all that an incremental cycle asks of the source.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Kind: TypeAlias = Literal["User", "Group"]

_GUEST_MARK = "#EXT#"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class AppRole(_Record):
    """One app role that a user holds in the application: the role's id, its value and its name."""

    id: str
    value: str
    display_name: str


class User(_Record):
    """A user: `attributes` under the names that Entra has for them, relations and state beside them."""

    id: str
    attributes: dict[str, Any]
    assigned: bool = False
    soft_deleted: bool = False
    manager: str | None = None
    app_roles: list[AppRole] = Field(default_factory=list)
    version: int = 0

    @property
    def enabled(self) -> bool:
        """Whether the account may sign in."""
        return bool(self.attributes.get("accountEnabled", True))

    @property
    def name(self) -> str:
        """What people and logs call the user: its user principal name."""
        return str(self.attributes.get("userPrincipalName", self.id))


class Group(_Record):
    """A group: `members` are the ids of its direct members, users and groups."""

    id: str
    attributes: dict[str, Any]
    assigned: bool = False
    members: list[str] = Field(default_factory=list)
    version: int = 0

    @property
    def name(self) -> str:
        """What people and logs call the group."""
        return str(self.attributes.get("displayName", self.id))


class Purged(_Record):
    """What is left of an object that is gone for good: enough to delete it from the target."""

    kind: Kind
    name: str
    version: int


class Directory(_Record):
    """A tenant's directory. Objects are keyed by their object id; ids are unique over users and groups.

    `former_names` are names that objects had before they were renamed: nobody gets them again.
    """

    tenant_id: str
    domain: str
    version: int = 1
    users: dict[str, User] = Field(default_factory=dict)
    groups: dict[str, Group] = Field(default_factory=dict)
    purged: dict[str, Purged] = Field(default_factory=dict)
    former_names: list[str] = Field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a directory file. Raise OSError, or pydantic's ValidationError if it is not one."""
        return cls.model_validate_json(path.read_bytes())

    def save(self, path: Path) -> None:
        """Write the file so that a reader sees the old one or the new one, never half of it."""
        write_whole(path, self.model_dump_json(by_alias=True, indent=1, exclude_defaults=True).encode() + b"\n")

    def purge(self, user_or_group: User | Group) -> None:
        """Remove an object for good, as the 30th day in the recycle bin does, and take it out of every group."""
        kind: Kind = "User" if isinstance(user_or_group, User) else "Group"
        gone = user_or_group.id
        if kind == "User":
            del self.users[gone]
        else:
            del self.groups[gone]
        self.purged[gone] = Purged(kind=kind, name=user_or_group.name, version=self.version)
        for group in self.groups.values():
            if gone in group.members:
                group.members.remove(gone)
                group.version = self.version
        for user in self.users.values():
            if user.manager == gone:
                user.manager = None
                user.version = self.version

    def entitled(self) -> set[str]:
        """Return the ids of the users that "sync only assigned users and groups" covers.

        They are assigned themselves or are direct members of an assigned security group: members of groups nested
        in it are not covered, which is Entra's own limit.
        """
        found = {user.id for user in self.users.values() if user.assigned}
        for group in self.groups.values():
            if group.assigned and group.attributes.get("securityEnabled", True):
                found.update(group.members)
        return found & self.users.keys()

    def find(self, name: str) -> User | Group | None:
        """Find an object by object id, user principal name, mail or display name, in this order; None if nobody."""
        if name in self.users:
            return self.users[name]
        if name in self.groups:
            return self.groups[name]
        everything: list[User | Group] = [*self.users.values(), *self.groups.values()]
        for attribute in ("userPrincipalName", "mail", "displayName"):
            for candidate in everything:
                if str(candidate.attributes.get(attribute, "")).casefold() == name.casefold():
                    return candidate
        return None


def imported(source: User | Group, *, soft_deleted: bool = False) -> dict[str, Any]:
    """Return the attributes that mappings and scoping filters see of an object.

    A guest's `userPrincipalName` comes without the "#EXT#", the whole of it is `originalUserPrincipalName`.
    `IsSoftDeleted` is what the caller decided: unassigned, out of scope, in the bin, or blocked.
    """
    values = {name: value for name, value in source.attributes.items() if value is not None}
    values["objectId"] = source.id
    values["IsSoftDeleted"] = soft_deleted
    if isinstance(source, User):
        principal = values.get("userPrincipalName")
        if isinstance(principal, str):
            values["originalUserPrincipalName"] = principal
            values["userPrincipalName"] = principal.replace(_GUEST_MARK, "")
        if source.app_roles:
            values["appRoleAssignments"] = [role.model_dump(by_alias=True) for role in source.app_roles]
    return values


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step, durably: a process killed at any point leaves the old content or the new."""
    with _temporary(path) as draft:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
