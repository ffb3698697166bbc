"""The operations of a bulk request, as written and as what they mean to the reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.model.documents import becoming, in_order, kept
from tests.model.reference import ENTERPRISE, Change, Reference, Refused, Resource, members_after, set_inside

_PREFIX = "bulkId:"


@dataclass(frozen=True, slots=True)
class Part:
    """One operation. Its target, its members and its manager are ids, or references such as "bulkId:b1".

    `document` is what a POST or PUT gives, less members and manager; `change` is what a PATCH means, less these.
    """

    method: str
    type: str
    bulk_id: str = ""
    target: str = ""
    version: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    change: Change = field(default_factory=in_order, repr=False)
    op: str = "replace"
    members: tuple[str, ...] | None = None
    manager: str = ""

    @property
    def subject(self) -> str:
        """The resource that it is about, the same for every operation on it in the message."""
        return f"{_PREFIX}{self.bulk_id}" if self.method == "POST" else self.target

    @property
    def refers_to(self) -> set[str]:
        """The bulkIds that it refers to."""
        named = (self.target, self.manager, *(self.members or ()))
        return {each.removeprefix(_PREFIX) for each in named if each.startswith(_PREFIX)}

    def written(self) -> dict[str, Any]:
        """Write it as the message has it."""
        path = f"/{self.type}s" + (f"/{self.target}" if self.target else "")
        optional = {"bulkId": self.bulk_id, "version": self.version, "data": self.data}
        return {"method": self.method, "path": path} | {name: value for name, value in optional.items() if value}


def carry_out(part: Part, model: Reference, ids: Mapping[str, str], id: str) -> Resource | None:
    """Have the reference do it; a POST makes the resource `id`. Return the resource, unless it is deleted.

    Raises Refused, also for a reference to what was not created.
    """
    target, manager = _resolved(part.target, ids), _resolved(part.manager, ids)
    members = None if part.members is None else {_resolved(each, ids) for each in part.members}
    managing = set_inside(ENTERPRISE, "manager", {"value": manager}) if manager else in_order()
    if part.method == "POST":
        document = kept(dict(part.document))
        managing(document)
        model.check_new(part.type, document, members or ())
        model.add(id, part.type, document, members or ())
        return model.get(part.type, id)
    resource = model.get(part.type, target, part.version)
    if part.method == "DELETE":
        model.remove(resource)
        return None
    first = becoming(dict(part.document)) if part.method == "PUT" else part.change
    model.change(resource, in_order(first, managing), None if members is None else members_after(part.op, members))
    return resource


def _resolved(reference: str, ids: Mapping[str, str]) -> str:
    if not reference.startswith(_PREFIX):
        return reference
    if (bulk_id := reference.removeprefix(_PREFIX)) not in ids:
        raise Refused((400, "invalidValue"))
    return ids[bulk_id]
