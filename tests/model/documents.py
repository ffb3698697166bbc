"""What requests are written with: users, e-mails, PATCH operations and what each of these means."""

from typing import Any

from hypothesis import strategies as st

from tests.model.questions import NAMES, WORDS
from tests.model.reference import (
    ENTERPRISE,
    Change,
    remove_emails,
    set_email_value,
    set_emails,
    set_inside,
    set_simple,
)

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
NOBODY = "01890000-0000-7000-8000-000000000000"
SIMPLE = ("displayName", "externalId", "title", "nickName")
EMAIL = st.fixed_dictionaries(
    {"value": st.sampled_from(["a@x", "A@x", "b@x"]), "type": st.sampled_from(["work", "home"])},
    optional={"primary": st.booleans()},
)
EMAILS = st.lists(EMAIL, max_size=2).filter(lambda emails: sum(e.get("primary", False) for e in emails) < 2)
TEXT = st.sampled_from(WORDS)
NAME = st.sampled_from(NAMES)
OP = st.sampled_from(["add", "Add", "replace", "Replace"])


def operation(op: str, path: str, value: Any) -> dict[str, Any]:
    """Write an operation of a PATCH."""
    return {"op": op, "path": path, "value": value}


def setting(name: str, op: str, value: Any) -> tuple[dict[str, Any], Change]:
    """Write the operation that sets a simple attribute, with what it means."""
    return operation(op, name, value), set_simple(name, value)


def patch_op(*operations: dict[str, Any]) -> dict[str, Any]:
    """Write a PATCH message."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


USER_PATCHES = st.one_of(
    st.builds(setting, st.sampled_from(SIMPLE), OP, TEXT | st.just("")),
    st.builds(setting, st.just("userName"), OP, NAME),
    st.builds(lambda v: (operation("replace", "active", v), set_simple("active", v)), st.booleans()),
    st.builds(lambda v: (operation("Replace", "active", str(v)), set_simple("active", v)), st.booleans()),
    st.builds(lambda v: ({"op": "replace", "value": {"title": v}}, set_simple("title", v)), TEXT),
    st.builds(lambda n: ({"op": "remove", "path": n}, set_simple(n, None)), st.sampled_from([*SIMPLE, "active"])),
    st.builds(lambda op, v: (operation(op, "name.givenName", v), set_inside("name", "givenName", v)), OP, TEXT),
    st.just(({"op": "Remove", "path": "name.givenName"}, set_inside("name", "givenName", None))),
    st.builds(
        lambda op, v: (operation(op, f"{ENTERPRISE}:department", v), set_inside(ENTERPRISE, "department", v)),
        OP,
        TEXT | st.just(""),
    ),
    st.builds(
        lambda v: (operation("add", "emails", v), set_emails(v, add=True)), st.lists(EMAIL, min_size=1, max_size=3)
    ),
    st.builds(lambda v: (operation("replace", "emails", v), set_emails(v, add=False)), st.lists(EMAIL, max_size=3)),
    st.builds(
        lambda op, t, v: (operation(op, f'emails[type eq "{t}"].value', v), set_email_value(t, v)),
        OP,
        st.sampled_from(["work", "home"]),
        st.sampled_from(["a@x", "c@x"]),
    ),
    st.builds(
        lambda t, sub: ({"op": "remove", "path": f'emails[type eq "{t}"]{sub}'}, remove_emails(t)),
        st.sampled_from(["work", "home"]),
        st.sampled_from(["", ".value"]),
    ),
)


def user(name: str, simple: Any, emails: Any, extension: Any, active: bool | None) -> dict[str, Any]:
    """Write a user."""
    document: dict[str, Any] = {"userName": name, **simple}
    if emails:
        document["emails"] = emails
    if extension:
        document[ENTERPRISE] = extension
    return document if active is None else document | {"active": active}


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a body: each e-mail once."""
    kept = dict(document)
    if "emails" in kept:
        set_emails(kept.pop("emails"), add=False)(kept)
    return kept


def becoming(body: dict[str, Any]) -> Change:
    """Return what a PUT means."""

    def change(document: dict[str, Any]) -> None:
        document.clear()
        document.update(kept(body))

    return change


def in_order(*changes: Change) -> Change:
    """Return what several operations mean, one after another."""

    def change(document: dict[str, Any]) -> None:
        for each in changes:
            each(document)

    return change
