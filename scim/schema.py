"""Schemas and resource types: data, loaded once, that validation, PATCH, projection, filters and /Schemas share.

The data lie beside this file: `schemas/core/*.json` and `schemas/extensions/<resource type>/*.json` are schema
documents in the form of RFC 7643 section 7; a further document in an extensions folder is a further extension.
`resource_types/*.json` are resource types (section 6) with what the directory keeps unique and indexes.
"""

import json
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_DATA = Path(__file__).parent

AttributeType = Literal["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"]


class _Document(BaseModel):
    """A fixed shape read from data: unknown members are a mistake in the data."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Attribute(_Document):
    """One attribute and its characteristics (RFC 7643 section 7), with the RFC's defaults (section 2.2).

    Each is loaded once and equals only itself, so that what follows from it alone can be remembered by it.
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    name: str
    type: AttributeType = "string"
    multi_valued: bool = Field(False, alias="multiValued")
    description: str = ""
    required: bool = False
    canonical_values: tuple[str, ...] = Field((), alias="canonicalValues")
    case_exact: bool = Field(False, alias="caseExact")
    mutability: Literal["readOnly", "readWrite", "immutable", "writeOnly"] = "readWrite"
    returned: Literal["always", "never", "default", "request"] = "default"
    uniqueness: Literal["none", "server", "global"] = "none"
    reference_types: tuple[str, ...] = Field((), alias="referenceTypes")
    sub_attributes: tuple["Attribute", ...] = Field((), alias="subAttributes")

    @cached_property
    def _subs(self) -> dict[str, "Attribute"]:
        return {sub.name.lower(): sub for sub in self.sub_attributes}

    def sub(self, name: str) -> "Attribute | None":
        """Return the sub-attribute of that name, whatever its case (RFC 7643 section 2.1)."""
        return self._subs.get(name.lower())


class Schema(_Document):
    """A schema or schema extension: its URN and its attributes."""

    id: str
    name: str
    description: str = ""
    attributes: tuple[Attribute, ...]

    @cached_property
    def _attributes(self) -> dict[str, Attribute]:
        return {attribute.name.lower(): attribute for attribute in self.attributes}

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, whatever its case."""
        return self._attributes.get(name.lower())


class ResourceType(BaseModel):
    """A resource type: its endpoint, its schema, its extensions, and what the directory keeps of it.

    `unique` is the path that one resource of a tenant may hold at a time; `indexes` are the paths whose equality
    the directory answers without a scan. Paths are written "userName", "emails.value", "<extension URN>:name".
    Like an attribute it equals only itself.
    """

    model_config = ConfigDict(frozen=True)
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    id: str
    name: str
    endpoint: str
    description: str
    base: Schema
    extensions: tuple[Schema, ...]
    common: tuple[Attribute, ...]
    unique: str
    indexes: tuple[str, ...]

    @cached_property
    def _extensions(self) -> dict[str, Schema]:
        return {extension.id.lower(): extension for extension in self.extensions}

    @cached_property
    def _base(self) -> dict[str, Attribute]:
        return {attribute.name.lower(): attribute for attribute in (*self.common, *self.base.attributes)}

    @cached_property
    def extension_urns(self) -> frozenset[str]:
        """The URNs of the extensions, as documents spell them."""
        return frozenset(extension.id for extension in self.extensions)

    @cached_property
    def references(self) -> dict[tuple[str, str], str]:
        """The resource types that values refer to by their ids, by extension URN ("" for the core) and attribute."""
        core = [("", attribute) for attribute in self._base.values()]
        extended = [(extension.id, attribute) for extension in self.extensions for attribute in extension.attributes]
        targets = ((urn, attribute.name, _target(attribute)) for urn, attribute in (*core, *extended))
        return {(urn, name): target for urn, name, target in targets if target is not None}

    @cached_property
    def urns(self) -> tuple[str, ...]:
        """The URNs of the schema and its extensions, longest first, as URNs are split off paths."""
        return tuple(sorted((self.base.id, *(e.id for e in self.extensions)), key=len, reverse=True))

    def extension(self, urn: str) -> Schema | None:
        """Return the extension of that URN, whatever its case (RFC 7643 section 2.1)."""
        return self._extensions.get(urn.lower())

    def attribute(self, name: str, urn: str = "") -> Attribute | None:
        """Return a core or common attribute, or with an extension's URN one of that extension."""
        if urn and urn.lower() != self.base.id.lower():
            extension = self.extension(urn)
            return extension.attribute(name) if extension else None
        return self._base.get(name.lower())

    def unique_value(self, document: Mapping[str, Any]) -> str | None:
        """Return the value that the document holds of what is unique in a tenant."""
        return next(iter(_values(document, self._names[self.unique])), None)

    def index_values(self, document: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return every (index path, value) of the document that the directory keeps a look-up for."""
        return [(path, value) for path in self.indexes for value in _values(document, self._names[path])]

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """The names that lead to the values of a path, for each path that is unique or indexed."""
        return {path: self._split(path) for path in (self.unique, *self.indexes)}

    def _split(self, path: str) -> list[str]:
        for extension in self.extensions:
            if path.startswith(f"{extension.id}:"):
                return [extension.id, *path[len(extension.id) + 1 :].split(".")]
        return path.split(".")


def _target(attribute: Attribute) -> str | None:
    """Return the one resource type that `$ref` among the sub-attributes leads to."""
    for sub in attribute.sub_attributes:
        if sub.name == "$ref" and len(sub.reference_types) == 1:
            return sub.reference_types[0]
    return None


def _values(document: Mapping[str, Any], names: list[str]) -> list[str]:
    """Return the strings that the names lead to, through every value of a multi-valued attribute."""
    found: list[Any] = [document]
    for name in names:
        held = [each.get(name) for each in found if isinstance(each, Mapping)]
        found = [value for each in held for value in (each if isinstance(each, list) else [each])]
    return [value for value in found if isinstance(value, str) and value]


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def schemas() -> dict[str, Schema]:
    """Return every published schema by its URN."""
    paths = (*sorted(_DATA.glob("schemas/core/*.json")), *sorted(_DATA.glob("schemas/extensions/*/*.json")))
    return {schema.id: schema for schema in (Schema.model_validate(_read(path)) for path in paths)}


@cache
def resource_types() -> dict[str, ResourceType]:
    """Return every resource type by its name; User is the first."""
    common = tuple(Attribute.model_validate(item) for item in _read(_DATA / "schemas" / "common.json"))
    types = [_resource_type(_read(path), common) for path in _DATA.glob("resource_types/*.json")]
    return {t.name: t for t in sorted(types, key=lambda t: (t.name != "User", t.name))}


def _resource_type(data: dict[str, Any], common: tuple[Attribute, ...]) -> ResourceType:
    folder = _DATA / "schemas" / "extensions" / data["name"]
    extensions = tuple(schemas()[_read(path)["id"]] for path in sorted(folder.glob("*.json")))
    return ResourceType(**(data | {"base": schemas()[data["schema"]], "extensions": extensions, "common": common}))
