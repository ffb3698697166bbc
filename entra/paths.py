"""Target attributes, as mappings name them: `name.givenName`, `emails[type eq "work"].value`, `urn:x:User:manager`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PATH = re.compile(
    r"""(?:(?P<schema>urn:(?:[^:\[\]"]+:)*[^:\[\]"]+):)?
        (?P<name>\$?\w[\w-]*)
        (?:\[(?P<key>\w+)\ eq\ (?P<value>"(?:[^"\\]|\\.)*"|\w+)\])?
        (?:\.(?P<sub>\$?\w+))?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Target:
    """One target attribute; `text` is how it was written, which is how PATCH sends it.

    `key` and `value` are the filter of a multi-valued attribute, the value without its quotation marks.
    """

    text: str
    schema: str
    name: str
    key: str
    value: str
    sub: str

    @property
    def filtered(self) -> bool:
        """Whether the path selects an element of a multi-valued attribute."""
        return bool(self.key)


def parse_target(text: str) -> Target:
    """Read a target attribute. Raise ValueError if it is none."""
    found = _PATH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a target attribute")
    part = {name: value or "" for name, value in found.groupdict().items()}
    literal = part["value"]
    if literal.startswith('"'):
        literal = re.sub(r"\\(.)", r"\1", literal[1:-1])
    return Target(text, part["schema"], part["name"], part["key"], literal, part["sub"])


def read(resource: Mapping[str, Any], target: Target) -> Any:
    """Return the attribute's value in a resource, None if it has none. Names are compared without case."""
    holder = _member(resource, target.schema) if target.schema else resource
    value = _member(holder, target.name)
    if target.key:
        value = next((element for element in _elements(value) if _selected(element, target)), None)
    return _member(value, target.sub) if target.sub else value


def write(resource: dict[str, Any], target: Target, value: Any) -> None:
    """Set the attribute in a resource that is being made, with the element that its filter selects."""
    holder = resource.setdefault(target.schema, {}) if target.schema else resource
    if target.key:
        elements = holder.setdefault(target.name, [])
        element = next((each for each in elements if _selected(each, target)), None)
        if element is None:
            element = {target.key: _literal(target.value)}
            elements.append(element)
        holder = element
    elif target.sub:
        holder = holder.setdefault(target.name, {})
    holder[target.sub or ("value" if target.key else target.name)] = value


def _member(holder: Any, name: str) -> Any:
    if not isinstance(holder, Mapping):
        return None
    if name in holder:
        return holder[name]
    return next((value for key, value in holder.items() if key.lower() == name.lower()), None)


def _elements(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _selected(element: Any, target: Target) -> bool:
    # `[primary eq "True"]` selects a boolean true: Entra compares the texts.
    return str(_member(element, target.key)).lower() == target.value.lower()


def _literal(value: str) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value)
