"""A simple model of RFC 7643 and 7644 in plain dictionaries, written from the RFCs and knowing nothing of `scim`.

It holds what a tenant should hold and says how each request should be answered. It does not parse: requests come
to it as the test made them, together with what they mean.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
Json: TypeAlias = Any
# Changes a document in place, or raises Refused.
Change: TypeAlias = Callable[[dict[str, Any]], None]


class Refused(Exception):
    """The request is refused, for any of these reasons: a status and, where it matters, a scimType."""

    def __init__(self, *reasons: tuple[int, str | None]) -> None:
        super().__init__(*reasons)
        self.reasons = reasons

    def allows(self, status: int, body: Json) -> bool:
        """Whether an answer gives one of the reasons."""
        scim_type = (body or {}).get("scimType")
        return status in [each for each, wanted in self.reasons if wanted in (None, scim_type)]


def same_text(value: str) -> str:
    """Return the form in which texts are compared that are not case-exact."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


@dataclass(slots=True)
class Resource:
    """A user or group: its attributes as a client sees them, without members and groups; and its history."""

    id: str
    type: str
    document: dict[str, Any]
    etag: str | None = None  # None: changed since a client last saw it
    etags: set[str] = field(default_factory=set)

    def can_have(self, tag: str) -> bool:
        """Whether the entity-tag may be that of the present version: a new one where it has changed."""
        return tag not in self.etags if self.etag is None else tag == self.etag

    def see(self, tag: str) -> None:
        """Note the entity-tag of the present version."""
        self.etag = tag
        self.etags.add(tag)


class Reference:
    """One tenant."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.resources: dict[str, Resource] = {}
        self.members: set[tuple[str, str]] = set()  # group, member

    def of(self, type: str) -> list[Resource]:
        """Return the resources of a type in the order of their creation, which is that of their ids."""
        return sorted((each for each in self.resources.values() if each.type == type), key=lambda each: each.id)

    def get(self, type: str, id: str, tag: str | None = None) -> Resource:
        """Return a resource, in the version of the entity-tag if one is given. Raises Refused (404, 412)."""
        found = self.resources.get(id)
        if found is None or found.type != type:
            raise Refused((404, None))
        if tag is not None and tag != found.etag:
            raise Refused((412, None))
        return found

    def check_new(self, type: str, document: dict[str, Any], members: Collection[str], id: str = "") -> None:
        """Refuse what cannot be stored. Where a member does not exist and the name is taken, either may be told."""
        if not document.get(_name(type)) or _primaries(document.get("emails", ())) > 1:
            raise Refused((400, "invalidValue"))
        reasons: list[tuple[int, str | None]] = []
        if any(member not in self.resources or member == id for member in members):
            reasons.append((400, "invalidValue"))
        name = same_text(document[_name(type)])
        if any(other.id != id and same_text(other.document[_name(type)]) == name for other in self.of(type)):
            reasons.append((409, "uniqueness"))
        if reasons:
            raise Refused(*reasons)

    def add(self, id: str, type: str, document: dict[str, Any], members: Iterable[str]) -> None:
        """Note a resource that was created."""
        self.resources[id] = Resource(id, type, document)
        self._set_members(id, set(members))

    def change(self, resource: Resource, change: Change, members: Callable[[set[str]], set[str]] | None = None) -> None:
        """Change a resource. Raises Refused, and nothing has changed then."""
        document = dict(resource.document)
        change(document)
        before = self.members_of(resource.id)
        after = members(set(before)) if members else before
        self.check_new(resource.type, document, after - before, resource.id)
        if document != resource.document or after != before:
            resource.document = document
            resource.etag = None
            self._set_members(resource.id, after)

    def remove(self, resource: Resource) -> None:
        """Delete a resource; it leaves every group, and its members leave it."""
        for group, member in [pair for pair in self.members if resource.id in pair]:
            self.members.discard((group, member))
            self.resources[group].etag = None
            self.resources[member].etag = None
        del self.resources[resource.id]

    def members_of(self, group: str) -> set[str]:
        """Return the ids of the members of a group."""
        return {member for each, member in self.members if each == group}

    def _set_members(self, group: str, members: set[str]) -> None:
        for member in self.members_of(group) ^ members:
            self.resources[member].etag = None
        self.members = {pair for pair in self.members if pair[0] != group} | {(group, member) for member in members}

    def shown(self, resource: Resource) -> dict[str, Any]:
        """Return the representation, less `meta`."""
        document = dict(resource.document)
        urns = [USER_URN if resource.type == "User" else GROUP_URN]
        if ENTERPRISE in document:
            urns.append(ENTERPRISE)
            extension = dict(document[ENTERPRISE])
            if "manager" in extension:
                reference = f"{self.base_url}/Users/{extension['manager']['value']}"
                extension["manager"] = {**extension["manager"], "$ref": reference}
            document[ENTERPRISE] = extension
        document |= {"schemas": urns, "id": resource.id}
        if members := self.members_of(resource.id):
            document["members"] = [self._member(member) for member in sorted(members)]
        groups = sorted(group for group, member in self.members if member == resource.id)
        if groups and resource.type == "User":
            document["groups"] = [
                {"value": group, "$ref": f"{self.base_url}/Groups/{group}", "type": "direct"} for group in groups
            ]
        return document

    def _member(self, id: str) -> dict[str, Any]:
        type = self.resources[id].type
        return {"value": id, "$ref": f"{self.base_url}/{type}s/{id}", "type": type}


def _name(type: str) -> str:
    return "userName" if type == "User" else "displayName"


# What PATCH operations mean


def members_after(op: str, ids: set[str]) -> Callable[[set[str]], set[str]]:
    """Return what an operation on members makes of those that there are; the members that are named."""
    meanings: dict[str, Callable[[set[str]], set[str]]] = {
        "add": lambda held: held | ids,
        "replace": lambda _: ids,
    }
    return meanings.get(op, lambda held: held - ids)


def set_simple(name: str, value: Json) -> Change:
    """Set a singular attribute; null and "" unassign it."""

    def change(document: dict[str, Any]) -> None:
        if value in (None, ""):
            document.pop(name, None)
        else:
            document[name] = value

    return change


def set_inside(parent: str, name: str, value: Json) -> Change:
    """Set a sub-attribute, or an attribute of an extension; what is left empty is unassigned."""

    def change(document: dict[str, Any]) -> None:
        inside = dict(document.get(parent, {}))
        set_simple(name, value)(inside)
        document[parent] = inside
        if not inside:
            del document[parent]

    return change


def set_emails(given: list[dict[str, Any]], *, add: bool) -> Change:
    """Replace the e-mails, or add to them; one that becomes primary is the only one."""

    def change(document: dict[str, Any]) -> None:
        if _primaries(_distinct(given)) > 1:
            raise Refused((400, "invalidValue"))
        before = document.get("emails", []) if add else []
        _put_emails(document, _one_primary(_distinct([*before, *given]), before))

    return change


def set_email_value(type: str, value: str) -> Change:
    """Set `emails[type eq "…"].value`, which makes an e-mail of that type where there is none."""

    def change(document: dict[str, Any]) -> None:
        before = document.get("emails", [])
        hits = [email.get("type", "").lower() == type for email in before]
        after = [email | {"value": value} if hit else email for email, hit in zip(before, hits, strict=True)]
        if not any(hits):
            after.append({"type": type, "value": value})
        changed = [new for new, old in zip(after, before, strict=False) if new is not old]
        merged = _distinct(after)
        first = next((email for email in merged if email.get("primary") and email in changed), None)
        if first is not None:
            merged = [email if email is first else _secondary(email) for email in merged]
        _put_emails(document, merged)

    return change


def remove_emails(type: str) -> Change:
    """Remove `emails[type eq "…"]`, or its value, with which it goes."""

    def change(document: dict[str, Any]) -> None:
        _put_emails(document, [e for e in document.get("emails", []) if e.get("type", "").lower() != type])

    return change


def _primaries(emails: Iterable[dict[str, Any]]) -> int:
    return sum(1 for email in emails if email.get("primary"))


def _put_emails(document: dict[str, Any], emails: list[dict[str, Any]]) -> None:
    document["emails"] = emails
    if not emails:
        del document["emails"]


def _distinct(emails: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each e-mail once (RFC 7644 section 3.5.2.1); the last that says so decides whether it is primary."""
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for email in emails:
        key = (email.get("type"), email.get("value"))
        if key not in found:
            found[key] = email
        elif "primary" in email and email["primary"] != found[key].get("primary", False):
            found[key] = {**found[key], "primary": email["primary"]}
    return list(found.values())


def _one_primary(emails: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """RFC 7644 section 3.5.2: a value that is added as primary takes that from all others."""
    known = {id(email) for email in before}
    new = next((email for email in emails if email.get("primary") and id(email) not in known), None)
    return emails if new is None else [email if email is new else _secondary(email) for email in emails]


def _secondary(email: dict[str, Any]) -> dict[str, Any]:
    return {**email, "primary": False} if email.get("primary") else email
