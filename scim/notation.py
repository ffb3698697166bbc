"""Attribute notation: `[urn:]name[.sub]`, and what it names of a resource type (RFC 7644 section 3.10)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scim.schema import Attribute, ResourceType
from scim.tree import AttrPath

# RFC 7643 section 2.1 adds "$" to the characters of a name and names an attribute "$ref" that begins with it.
_NAMES = re.compile(r"([A-Za-z$][-\w$]*)(?:\.([A-Za-z$][-\w$]*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a resource an attribute lies: `extension` is the URN of the object that holds it, or ""."""

    extension: str
    attribute: Attribute
    sub: Attribute | None = None

    @property
    def leaf(self) -> Attribute:
        """The attribute or sub-attribute itself."""
        return self.sub or self.attribute

    @property
    def path(self) -> str:
        """The path in the schema's own spelling, as a resource type writes its `unique` and `indexes`."""
        prefix = f"{self.extension}:" if self.extension else ""
        return prefix + self.attribute.name + (f".{self.sub.name}" if self.sub else "")

    def holder(self, resource: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the object that holds the attribute: the resource or its extension."""
        return resource.get(self.extension) or {} if self.extension else resource


def split_urn(text: str, urns: Iterable[str]) -> tuple[str, str]:
    """Return the schema URN that the text begins with, as written, and what follows its colon.

    `urns` are the known ones, longest first. A URN holds colons and dots itself and is therefore found by look-up.
    Where none is known, all before the last colon is taken for one: its attributes are unknown, wherever it ends.
    """
    for urn in urns:
        end = len(urn)
        if text[:end].lower() == urn.lower() and text[end : end + 1] in ("", ":"):
            return text[:end], text[end + 1 :]
    prefix, _, rest = text.rpartition(":")
    return prefix, rest


def read_attr_path(text: str, urns: Iterable[str]) -> AttrPath | None:
    """Return attrPath = [URI ":"] ATTRNAME *1subAttr, or None where the text is not one.

    A known URN alone stands for the whole extension; its `name` is "".
    """
    urn, rest = split_urn(text, urns)
    if urn and not rest and not text.endswith(":"):
        return AttrPath(urn, "")
    names = _NAMES.fullmatch(rest)
    return AttrPath(urn, names[1], names[2] or "") if names else None


def locate(path: AttrPath, resource_type: ResourceType) -> Location | None:
    """Return where the attribute lies, whatever its case, or None where the resource type has no such attribute.

    The URN of an extension SHOULD be written out, but need not be (RFC 7644 section 3.10): a bare name that the
    core schema lacks is looked for in the extensions.
    """
    for extension, attribute in _candidates(path, resource_type):
        if attribute is None:
            continue
        sub = attribute.sub(path.sub) if path.sub else None
        return None if path.sub and sub is None else Location(extension, attribute, sub)
    return None


def _candidates(path: AttrPath, resource_type: ResourceType) -> Iterable[tuple[str, Attribute | None]]:
    if path.urn:
        extension = resource_type.extension(path.urn)
        yield extension.id if extension else "", resource_type.attribute(path.name, path.urn)
        return
    yield "", resource_type.attribute(path.name)
    for extension in resource_type.extensions:
        yield extension.id, extension.attribute(path.name)
