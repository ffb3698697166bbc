"""Which attributes of a resource an answer shows (RFC 7644 sections 3.4.2.5 and 3.9).

* `returned` "always" is shown whatever is asked, "never" never, "request" only when named, "default" unless
  `attributes` names others or `excludedAttributes` names it.
* A name may be a sub-attribute (`name.familyName`), URN-qualified, or an extension's URN alone, for all of it.
  Names that the resource type does not have are ignored.
* The two parameters exclude each other. A client that sends both gets what `attributes` names, less what
  `excludedAttributes` names.
* A sub-attribute that is always returned is shown whenever its attribute is. A complex attribute of which nothing
  is left is absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

from scim.notation import locate, read_attr_path
from scim.schema import Attribute, ResourceType

# The attributes that a parameter names, by extension URN ("" for the core) and name; the sub-attributes that it
# names of each, or None for the attribute as a whole.
_Named: TypeAlias = dict[tuple[str, str], set[str] | None]
# What is shown of an attribute's value; of a complex one, the sub-attributes of these names.
_Pick: TypeAlias = Literal["nothing", "whole"] | set[str]


@dataclass(frozen=True, slots=True)
class Projection:
    """The `attributes` and `excludedAttributes` of a request; empty where the client sent none."""

    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls, attributes: str | Sequence[str] | None = None, excluded: str | Sequence[str] | None = None
    ) -> "Projection":
        """Read both parameters: comma-separated as in a query, or a list as in a SearchRequest."""
        return cls(_names(attributes), _names(excluded))

    @property
    def asked(self) -> bool:
        """Whether the client asked for anything but the default."""
        return bool(self.attributes or self.excluded)

    def apply(self, resource: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
        """Return the part of a resource that is shown; what the schemas do not have is not."""
        return self.view(resource_type).apply(resource)

    def view(self, resource_type: ResourceType) -> "View":
        """Read the projection against the schemas of a resource type, once for all resources of a page."""
        return View(self, resource_type) if self.asked else _default(resource_type)

    def wants(self, resource_type: ResourceType, name: str) -> bool:
        """Return whether a core attribute may be shown, and so whether it must be loaded."""
        attribute = resource_type.attribute(name)
        return attribute is not None and self.view(resource_type).shows(attribute, "")


class View:
    """A projection read against the schemas of one resource type. What it decides of an attribute it remembers."""

    def __init__(self, projection: Projection, resource_type: ResourceType) -> None:
        """Read what the parameters name."""
        self._only = _named(projection.attributes, resource_type) if projection.attributes else None
        self._less = _named(projection.excluded, resource_type)
        self._resource_type = resource_type
        self._picks: dict[tuple[str, str], _Pick] = {}

    def apply(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of a resource that is shown."""
        extensions = self._resource_type.extension_urns
        shown: dict[str, Any] = {}
        for name, value in resource.items():
            if name in extensions:
                members = {key: self._show(each, key, name) for key, each in value.items()}
                part: Any = {key: each for key, each in members.items() if each is not None}
            else:
                part = self._show(value, name, "")
            if part is not None and part != {}:
                shown[name] = part
        return shown

    def shows(self, attribute: Attribute, extension: str) -> bool:
        """Return whether the attribute, or some part of it, may be shown."""
        key = (extension, attribute.name)
        match attribute.returned:
            case "always":
                return True
            case "never":
                return False
            case "request":
                return self._only is not None and key in self._only and self._less.get(key, ()) is not None
            case _:
                return (self._only is None or key in self._only) and self._less.get(key, ()) is not None

    def _show(self, value: Any, name: str, extension: str) -> Any:
        """Return what is shown of an attribute's value, or None."""
        key = (extension, name)
        pick = self._picks.get(key)
        if pick is None:
            pick = self._picks[key] = self._pick(name, extension)
        if pick == "nothing":
            return None
        if pick == "whole":
            return value
        if isinstance(value, list):
            return [part for each in value if (part := _part(each, pick))] or None
        return _part(value, pick) or None

    def _pick(self, name: str, extension: str) -> _Pick:
        """Decide what is shown of an attribute."""
        attribute = self._resource_type.attribute(name, extension)
        if attribute is None or not self.shows(attribute, extension):
            return "nothing"
        if attribute.type != "complex":
            return "whole"
        key = (extension, attribute.name)
        return _subs(attribute, self._only.get(key) if self._only else None, self._less.get(key) or set())


@cache
def _default(resource_type: ResourceType) -> View:
    """Return the view of nearly every request, which asks for nothing."""
    return View(Projection(), resource_type)


def _subs(attribute: Attribute, only: set[str] | None, less: set[str]) -> set[str]:
    """Return the names of the sub-attributes that are shown of a complex attribute that is."""

    def shown(sub: Attribute) -> bool:
        if sub.returned in ("always", "never"):
            return sub.returned == "always"
        if only is None:
            return sub.returned == "default" and sub.name not in less
        return sub.name in only and sub.name not in less

    return {sub.name for sub in attribute.sub_attributes if shown(sub)}


def _part(value: Any, names: set[str]) -> Any:
    return {name: each for name, each in value.items() if name in names} if isinstance(value, Mapping) else value


def _names(parameter: str | Sequence[str] | None) -> tuple[str, ...]:
    """Split a list of names. An element may hold commas too: the Functions host joins repeated parameters by them.

    Microsoft's Postman collection asks for `emails[type eq "work"]` and expects e-mails: the condition is dropped.
    """
    parts = [parameter] if isinstance(parameter, str) else parameter or []
    return tuple(name for part in parts for each in part.split(",") if (name := each.partition("[")[0].strip()))


def _named(names: Iterable[str], resource_type: ResourceType) -> _Named:
    named: _Named = {}
    for name in names:
        path = read_attr_path(name, resource_type.urns)
        if path is None:
            continue
        if not path.name:
            named |= _whole_schema(path.urn, resource_type)
        elif location := locate(path, resource_type):
            key = (location.extension, location.attribute.name)
            subs = named.setdefault(key, set())
            if location.sub is None:
                named[key] = None
            elif subs is not None:
                subs.add(location.sub.name)
    return named


def _whole_schema(urn: str, resource_type: ResourceType) -> _Named:
    """Return all attributes of a schema or extension that is named by its URN alone, but for those on request."""
    extension = resource_type.extension(urn)
    schema = extension or resource_type.base
    return {
        (extension.id if extension else "", each.name): None for each in schema.attributes if each.returned != "request"
    }
