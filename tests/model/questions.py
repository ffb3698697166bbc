"""Filters as text together with what they mean, so that nobody has to parse them."""

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tests.model.reference import ENTERPRISE, same_text

Holds: TypeAlias = Callable[[dict[str, Any]], bool]
Question: TypeAlias = tuple[str, Holds]

NAMES = ("ana", "ANA", "bob", "Straße", "STRASSE", "zoë", "o'neil", 'q"uote\\d', "a b")
WORDS = ("Engineer", "engineer", "Sales", "É", "x")
_PATHS: dict[str, Callable[[dict[str, Any]], list[Any]]] = {
    "userName": lambda r: _one(r.get("userName")),
    "displayName": lambda r: _one(r.get("displayName")),
    "externalId": lambda r: _one(r.get("externalId")),
    "title": lambda r: _one(r.get("title")),
    "name.givenName": lambda r: _one(r.get("name", {}).get("givenName")),
    "emails.value": lambda r: [e["value"] for e in r.get("emails", ()) if "value" in e],
    "emails.type": lambda r: [e["type"] for e in r.get("emails", ()) if "type" in e],
    f"{ENTERPRISE}:department": lambda r: _one(r.get(ENTERPRISE, {}).get("department")),
    "members.value": lambda r: [m["value"] for m in r.get("members", ())],
    "groups.value": lambda r: [g["value"] for g in r.get("groups", ())],
}
_OPS: dict[str, Callable[[str, str], bool]] = {
    "eq": operator.eq,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def questions(ids: list[str]) -> st.SearchStrategy[Question]:
    """Return filters about what a tenant may hold; `ids` are those of its resources."""
    return st.recursive(_leaves(ids), _combined, max_leaves=4)


def quoted(text: str) -> str:
    """Return the text as a JSON string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _leaves(ids: list[str]) -> st.SearchStrategy[Question]:
    values = st.sampled_from([*NAMES, *WORDS, "work", *ids])
    compared = st.builds(_compared, st.sampled_from(sorted(_PATHS)), st.sampled_from([*_OPS, "eq", "eq", "ne"]), values)
    present = st.builds(_present, st.sampled_from(sorted(_PATHS)))
    active = st.builds(_active, st.booleans())
    by_id = st.builds(lambda wanted: (f"id eq {quoted(wanted)}", lambda r: r["id"] == wanted), values)
    work = st.builds(_of_type, st.sampled_from(["work", "home"]), values)
    return compared | present | active | by_id | work


def _compared(path: str, op: str, value: str) -> Question:
    read, wanted = _PATHS[path], same_text(value)
    if op == "ne":
        # Any value that differs; of an unassigned attribute it holds too.
        return f"{path} ne {quoted(value)}", lambda r: not read(r) or any(same_text(v) != wanted for v in read(r))
    return f"{path} {op} {quoted(value)}", lambda r: any(_OPS[op](same_text(v), wanted) for v in read(r))


def _present(path: str) -> Question:
    return f"{path} pr", lambda r: bool(_PATHS[path](r))


def _active(value: bool) -> Question:
    return f"active eq {str(value).lower()}", lambda r: r.get("active") is value


def _of_type(type: str, value: str) -> Question:
    wanted = same_text(value)

    def holds(r: dict[str, Any]) -> bool:
        return any(e.get("type") == type and same_text(e.get("value", "")) == wanted for e in r.get("emails", ()))

    return f'emails[type eq "{type}" and value eq {quoted(value)}]', holds


def _combined(terms: st.SearchStrategy[Question]) -> st.SearchStrategy[Question]:
    def both(left: Question, right: Question) -> Question:
        return f"({left[0]}) and ({right[0]})", lambda r: left[1](r) and right[1](r)

    def either(left: Question, right: Question) -> Question:
        return f"{left[0]} or {right[0]}", lambda r: left[1](r) or right[1](r)

    def none(term: Question) -> Question:
        return f"not ({term[0]})", lambda r: not term[1](r)

    return st.builds(both, terms, terms) | st.builds(either, terms, terms) | st.builds(none, terms)


def _one(value: Any) -> list[Any]:
    return [] if value is None else [value]
