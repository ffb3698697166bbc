"""What Microsoft's gallery validation makes of /Schemas: one flat attribute path for each value it will write."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_EXCEPT = {"id", "schemas", "meta", "groups"}
_TYPES = {"string", "integer", "dateTime", "boolean"}


def paths(schema: Mapping[str, Any], *, extension: bool = False) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each path of a schema with the attribute that it ends in.

    A multi-valued attribute whose `type` has canonical values becomes `emails[type eq "work"].value`, one without
    `roles[primary eq "True"].value`; references are left out.
    """
    for attribute in schema["attributes"]:
        name, subs = attribute["name"], attribute.get("subAttributes", [])
        if extension:
            yield f"{schema['id']}:{name}", attribute
        elif name in {"manager", "members"}:
            yield name, attribute
        elif attribute["type"] == "complex" and attribute["multiValued"]:
            yield from _values(name, subs)
        elif attribute["type"] == "complex":
            yield from ((f"{name}.{sub['name']}", sub) for sub in subs if sub["type"] not in {"complex", "reference"})
        elif attribute["type"] != "reference":
            yield name, attribute


def _values(name: str, subs: list[dict[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    types = next((sub.get("canonicalValues", []) for sub in subs if sub["name"] == "type"), [])
    filters = [f'type eq "{each}"' for each in types] or ['primary eq "True"']
    kept = [sub for sub in subs if sub["name"] != "primary" and not (types and sub["name"] == "type")]
    yield from ((f"{name}[{each}].{sub['name']}", sub) for each in filters for sub in kept)


def writable(schemas: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return every path of the first schema and its extensions that a single value can be written to."""
    return {
        path: attribute
        for schema in schemas
        for path, attribute in paths(schema, extension=schema is not schemas[0])
        if attribute["type"] in _TYPES
        and attribute["mutability"] in {"readWrite", "writeOnly"}
        and not attribute["multiValued"]
        and path.partition("[")[0] not in _EXCEPT
    }


def operations(values: Mapping[str, Any], *, verbose: bool) -> dict[str, Any]:
    """Return the PATCH that replaces the values: an operation each, or one without a path for all plain names."""
    plain = {path: value for path, value in values.items() if "[" not in path and not verbose}
    single = [{"op": "replace", "path": path, "value": value} for path, value in values.items() if path not in plain]
    rest = [{"op": "replace", "value": plain}] if plain else []
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": single + rest}


def found(resource: Mapping[str, Any], path: str) -> Any:
    """Return what the validation reads at a path: of a multi-valued attribute the text of all its values."""
    if "[" in path:
        return json.dumps(resource.get(path.partition("[")[0], []))
    if path.startswith("urn:"):
        urn, _, name = path.rpartition(":")
        return resource.get(urn, {}).get(name)
    head, _, sub = path.partition(".")
    return resource.get(head, {}).get(sub) if sub else resource.get(head)
