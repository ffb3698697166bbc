"""The bodies of Microsoft's validators that set every attribute of a user."""

from typing import Any

import pytest

from tests.scim.gadgets import (
    ENTERPRISE,
    op,
    patched,
    user,
)

NAMES = ["givenName", "familyName", "formatted", "middleName", "honorificPrefix", "honorificSuffix"]
ADDRESS = ["formatted", "streetAddress", "locality", "region", "postalCode", "country"]
ORGANISATION = ["employeeNumber", "department", "costCenter", "organization", "division"]
PLAIN = ["displayName", "title", "preferredLanguage", "userType", "nickName", "locale", "timezone", "profileUrl"]

VALIDATED = user(
    active=True,
    **{name: f"new {name}" for name in PLAIN},
    emails=[{"type": "work", "value": "new email", "primary": True}],
    name={name: f"new {name}" for name in NAMES},
    addresses=[{"type": "work", "primary": True} | {name: f"new {name}" for name in ADDRESS}],
    phoneNumbers=[
        {"type": "work", "value": "new work", "primary": True},
        {"type": "mobile", "value": "new mobile"},
        {"type": "fax", "value": "new fax"},
    ],
    roles=[{"primary": True, "display": "new display", "value": "new value", "type": "new type"}],
    **{ENTERPRISE: {name: f"new {name}" for name in ORGANISATION}},
)


def verbose(kind: str, work: str) -> list[dict[str, Any]]:
    """One operation per attribute; `work` is the filter by which the validator names the first value of each."""
    return [
        op(kind, "active", True),
        op(kind, f"emails[{work}].value", "new email"),
        op(kind, f"emails[{work}].primary", True),
        *(op(kind, f"name.{name}", f"new {name}") for name in NAMES),
        *(op(kind, f"addresses[{work}].{name}", f"new {name}") for name in ADDRESS),
        op(kind, f"addresses[{work}].primary", True),
        op(kind, f"phoneNumbers[{work}].value", "new work"),
        op(kind, f"phoneNumbers[{work}].primary", True),
        op(kind, 'phoneNumbers[type eq "mobile"].value', "new mobile"),
        op(kind, 'phoneNumbers[type eq "fax"].value', "new fax"),
        *(op(kind, f"{ENTERPRISE}:{name}", f"new {name}") for name in ORGANISATION),
        *(op(kind, f'roles[primary eq "True"].{name}', f"new {name}") for name in ("display", "value", "type")),
        *(op(kind, name, f"new {name}") for name in PLAIN),
    ]


def without_types(resource: dict[str, Any]) -> dict[str, Any]:
    """What the validator's `[primary eq true]` makes of a minimal user: it never says the type of a first value."""
    untyped = {}
    for name in ("emails", "addresses", "phoneNumbers"):
        first, *others = resource[name]
        untyped[name] = [{sub: item for sub, item in first.items() if sub != "type"}, *others]
    return resource | untyped


@pytest.mark.parametrize("kind", ["replace", "Replace", "add"])
def test_the_validators_verbose_body_fills_a_minimal_user(kind: str) -> None:
    assert len(verbose(kind, 'type eq "work"')) > 30
    assert patched(verbose(kind, 'type eq "work"'), user()) == VALIDATED


def test_the_validators_primary_filters_fill_a_minimal_user() -> None:
    for primary in ("primary eq true", 'primary eq "True"'):
        assert patched(verbose("replace", primary), user()) == without_types(VALIDATED)


def test_the_validators_verbose_body_updates_a_full_user() -> None:
    old = user(
        emails=[{"type": "work", "value": "old", "primary": True}],
        addresses=[{"type": "work", "country": "old", "primary": True}],
        phoneNumbers=[{"type": each, "value": "old"} for each in ("work", "mobile", "fax")],
        roles=[{"primary": True, "value": "old"}],
    )
    for body in (verbose("replace", 'type eq "work"'), verbose("add", 'type eq "work"')):
        after = patched(body, old)
        assert after == VALIDATED
        assert patched(body, after) == after


def test_the_validators_non_verbose_body_means_the_same() -> None:
    single = verbose("replace", 'type eq "work"')
    brackets = [each for each in single if "[" in each["path"]]
    plain = op("replace", None, {each["path"]: each["value"] for each in single if "[" not in each["path"]})
    everything = op("replace", None, {each["path"]: each["value"] for each in single})
    assert patched([*brackets, plain], user()) == VALIDATED
    assert patched([everything], user()) == VALIDATED
