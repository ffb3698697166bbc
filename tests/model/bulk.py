"""Bulk requests (RFC 7644 section 3.7): random operations that refer to one another, in one message."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.bulk_orders import UNDONE, Orders
from tests.model.bulk_parts import Part
from tests.model.comparing import Comparing, without_meta
from tests.model.documents import (
    EMAILS,
    NAME,
    NOBODY,
    OP,
    SIMPLE,
    TEXT,
    USER_PATCHES,
    in_order,
    operation,
    patch_op,
    user,
)
from tests.model.reference import ENTERPRISE, Reference, set_inside

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_KINDS = st.sampled_from(
    ["new user", "new user", "new group", "new group", "user", "members", "manager", "replace", "delete"]
)
_CREATIONS = st.sampled_from(["new group", "new group", "new user"])
_LIMITS = st.sampled_from([None, None, None, 1, 2])


class Bulk(Comparing):
    """POST /Bulk. Which order the operations have happened in is found out from what is told and read afterwards."""

    @rule(kinds=st.lists(_KINDS, min_size=2, max_size=5), limit=_LIMITS, data=st.data())
    def bulk(self, kinds: list[str], limit: int | None, data: Any) -> None:
        self._bulk(kinds, limit, data)

    @rule(kinds=st.lists(_CREATIONS, min_size=2, max_size=4), limit=_LIMITS, data=st.data())
    def bulk_of_creations(self, kinds: list[str], limit: int | None, data: Any) -> None:
        """Their references often go round in a circle."""
        self._bulk(kinds, limit, data)

    def _bulk(self, kinds: list[str], limit: int | None, data: Any) -> None:
        parts = [replace(self._part(kind, kinds, data), bulk_id=f"b{number}") for number, kind in enumerate(kinds)]
        body = {"schemas": [BULK], "Operations": [part.written() for part in parts]}
        said = self._call("POST", "/Bulk", body | ({"failOnErrors": limit} if limit else {}))
        assert said.status == 200, said
        assert said.body["schemas"] == [BULK_RESPONSE]
        outcomes = _numbered(parts, said.body["Operations"])
        held = self._everything()
        fitting = (
            result
            for result in Orders(parts, outcomes, limit).results(self.model)
            if _is(held, result[0]) and self._are_located(parts, outcomes, result[1])
        )
        found = next(fitting, None)
        assert found is not None, f"no order of {body['Operations']} explains {said.body['Operations']}"
        self.model = found[0]
        for resource in held:
            self._see(self.model.resources[resource["id"]], resource["meta"]["version"], 0)

    def _part(self, kind: str, kinds: list[str], data: Any) -> Part:
        match kind:
            case "new user":
                return self._new_user(kinds, data)
            case "new group":
                return self._new_group(kinds, data)
            case "members":
                return self._members(kinds, data)
            case "delete":
                type = data.draw(st.sampled_from(["User", "Group"]))
                target = self._target(type, kinds, data)
                return Part("DELETE", type, target=target, version=self._version(target, data))
        return self._change_user(kind, kinds, data)

    def _new_user(self, kinds: list[str], data: Any) -> Part:
        document = data.draw(st.builds(user, NAME, st.dictionaries(st.sampled_from(SIMPLE), TEXT, max_size=1),
                                       EMAILS, st.none(), st.none()))  # fmt: skip
        manager = data.draw(st.sampled_from(["", *self._references(kinds)]))
        written = document | ({ENTERPRISE: {"manager": {"value": manager}}} if manager else {})
        return Part("POST", "User", data=written, document=document, manager=manager)

    def _new_group(self, kinds: list[str], data: Any) -> Part:
        document = {"displayName": data.draw(NAME)}
        members = tuple(data.draw(st.lists(st.sampled_from(self._references(kinds)), max_size=3, unique=True)))
        written = document | ({"members": [{"value": each} for each in members]} if members else {})
        return Part("POST", "Group", data=written, document=document, members=members)

    def _members(self, kinds: list[str], data: Any) -> Part:
        target = self._target("Group", kinds, data)
        op = data.draw(st.sampled_from(["add", "replace", "remove"]))
        members = tuple(
            data.draw(st.lists(st.sampled_from(self._references(kinds)), min_size=1, max_size=3, unique=True))
        )
        written = patch_op(operation(op, "members", [{"value": each} for each in members]))
        version = self._version(target, data)
        return Part("PATCH", "Group", target=target, version=version, data=written, op=op, members=members)

    def _change_user(self, kind: str, kinds: list[str], data: Any) -> Part:
        target = self._target("User", kinds, data)
        version = self._version(target, data)
        if kind == "replace":
            document = data.draw(st.builds(user, NAME, st.just({}), EMAILS, st.none(), st.none()))
            return Part("PUT", "User", target=target, version=version, data=document, document=document)
        if kind == "manager":
            manager = data.draw(st.sampled_from(self._references(kinds)))
            written = patch_op(operation(data.draw(OP), f"{ENTERPRISE}:manager", manager))
            return Part("PATCH", "User", target=target, version=version, data=written, manager=manager)
        patches = data.draw(st.lists(USER_PATCHES, min_size=1, max_size=2))
        written, change = patch_op(*(each for each, _ in patches)), in_order(*(each for _, each in patches))
        return Part("PATCH", "User", target=target, version=version, data=written, change=change)

    def _references(self, kinds: list[str]) -> list[str]:
        """Return what an operation may refer to: what it or others create, what is there, and now and then neither."""
        there = [*_created(kinds, "new user"), *_created(kinds, "new group"), *self._ids(range(4))]
        return [*there, *there, NOBODY, "bulkId:b9"]

    def _target(self, type: str, kinds: list[str], data: Any) -> str:
        there = [*(each.id for each in self.model.of(type)[:5]), *_created(kinds, f"new {type.lower()}")]
        return str(data.draw(st.sampled_from([*there, *there, NOBODY, "bulkId:b9"])))

    def _version(self, target: str, data: Any) -> str | None:
        """Return the version that a client saw last, where it wants to be sure of that one."""
        return self.tags[data.draw(st.integers(0, 1))].get(target) if data.draw(st.booleans()) else None

    def _are_located(self, parts: list[Part], outcomes: dict[int, Any], ids: dict[str, str]) -> bool:
        """Whether every outcome says where the resource is or would be; a creation that failed is nowhere."""
        return all(
            outcome.get("location") == self._location(parts[number], outcome, ids)
            for number, outcome in outcomes.items()
        )

    def _location(self, part: Part, outcome: Any, ids: dict[str, str]) -> str | None:
        if part.method == "POST" and outcome["status"] != "201":
            return None
        id = ids.get(part.subject.removeprefix("bulkId:"), part.subject)
        return f"{self.port.base_url}/{part.type}s/{id}"


def _created(kinds: list[str], kind: str) -> list[str]:
    return [f"bulkId:b{number}" for number, each in enumerate(kinds) if each == kind]


def _numbered(parts: list[Part], outcomes: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return the outcomes by the number of the operation; they are told in the order of the message."""
    numbers = {part.bulk_id: number for number, part in enumerate(parts)}
    numbered = {numbers[outcome["bulkId"]]: outcome for outcome in outcomes}
    assert list(numbered) == sorted(numbered)
    assert len(numbered) == len(outcomes)
    assert all(outcome["method"] == parts[number].method for number, outcome in numbered.items())
    return numbered


def _is(held: list[dict[str, Any]], model: Reference) -> bool:
    """Whether what is held is what the reference says, in versions that it allows."""
    _name_what_was_undone(held, model)
    shown = {each["id"]: without_meta(each) for each in held}
    return shown == {id: without_meta(model.shown(each)) for id, each in model.resources.items()} and all(
        model.resources[each["id"]].can_have(each["meta"]["version"]) for each in held
    )


def _name_what_was_undone(held: list[dict[str, Any]], model: Reference) -> None:
    """Take over the ids of managers whose creation was undone after they had become managers."""
    for resource in held:
        document = model.resources[resource["id"]].document if resource["id"] in model.resources else {}
        manager = document.get(ENTERPRISE, {}).get("manager", {}).get("value", "")
        told = resource.get(ENTERPRISE, {}).get("manager", {}).get("value")
        if manager.startswith(UNDONE) and told not in model.resources:
            set_inside(ENTERPRISE, "manager", {"value": told})(document)
