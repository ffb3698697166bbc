"""Whether a target resource is what the mappings say it should be."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from entra.bodies import Difference
from entra.functions.roles import Roles
from entra.mapping import Value
from entra.paths import read


def differences(resource: Mapping[str, Any], values: Iterable[Value]) -> list[Difference]:
    """Return the attributes whose value in the resource is another than it should be."""
    found = []
    for each in values:
        old = resource.get("roles") if isinstance(each.value, Roles) else read(resource, each.path)
        if not same(old, each.value):
            found.append(Difference(old, each))
    return found


def same(current: Any, wanted: Any) -> bool:
    """Whether a value that was read is the wanted one.

    Strings are compared exactly: a target that returns them in another case or form is not what was asked for. A
    boolean may come back as a string, which is a fault of its own but no difference; "" and nothing are the same.
    """
    match wanted:
        case Roles():
            return _same_roles(current, wanted)
        case bool():
            return str(current).lower() == str(wanted).lower()
        case "":
            return current in (None, "")
        case _:
            return bool(current == wanted)


def _same_roles(current: Any, wanted: Roles) -> bool:
    held = {_role_value(each) for each in current} if isinstance(current, list) else set()
    asked = {role.value for role in wanted.roles}
    return held == asked if wanted.form == "Assertive" else asked <= held


def _role_value(element: Any) -> str:
    value = element.get("value") if isinstance(element, Mapping) else element
    if isinstance(value, str) and value.startswith("{"):
        try:
            return str(json.loads(value).get("value"))
        except ValueError:
            return value
    return str(value)
