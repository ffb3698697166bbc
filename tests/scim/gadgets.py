"""A resource type with every mutability and what the published schemas lack, and shorthands for PATCH in tests."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim import dialect, patch
from scim.schema import Attribute, ResourceType, Schema, resource_types

USER = resource_types()["User"]
GROUP = resource_types()["Group"]
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MISTYPED = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"
MANAGER = f"{ENTERPRISE}:manager"
WARRANTY = "urn:example:params:scim:2.0:Warranty"


def _attribute(name: str, type: str = "string", **characteristics: Any) -> Attribute:
    return Attribute.model_validate({"name": name, "type": type, **characteristics})


GADGET = ResourceType(
    id="Gadget",
    name="Gadget",
    endpoint="/Gadgets",
    description="A gadget",
    base=Schema(
        id="urn:example:params:scim:2.0:Gadget",
        name="Gadget",
        attributes=(
            _attribute("label", required=True),
            _attribute("serial", mutability="immutable"),
            _attribute("built", "dateTime"),
            _attribute("image", "binary"),
            _attribute("ports", "integer"),
            _attribute("weight", "decimal"),
            _attribute("enabled", "boolean"),
            _attribute("home", "reference"),
            _attribute("tags", multiValued=True),
            _attribute("wear", "integer", mutability="readOnly"),
            _attribute(
                "origin",
                "complex",
                subAttributes=[_attribute("country", required=True), _attribute("city", mutability="immutable")],
            ),
            _attribute(
                "parts",
                "complex",
                multiValued=True,
                subAttributes=[
                    _attribute("value"),
                    _attribute("code", required=True),
                    _attribute("batch", mutability="immutable"),
                    _attribute("grade", mutability="readOnly"),
                    _attribute("sizes", "integer", multiValued=True),
                    _attribute("type"),
                    _attribute("primary", "boolean"),
                ],
            ),
        ),
    ),
    extensions=(
        Schema(
            id=WARRANTY,
            name="Warranty",
            attributes=(
                _attribute("years", "integer", required=True),
                _attribute("seller", mutability="immutable"),
                _attribute("claims", "integer", mutability="readOnly"),
            ),
        ),
    ),
    common=USER.common,
    unique="label",
    indexes=(),
)


WORK = {"type": "work", "value": "a@example.com", "primary": True}
HOME = {"type": "home", "value": "b@example.org"}
BABS = {"value": "2819c223", "type": "User"}
JAMES = {"value": "08e1d05d", "type": "User"}
LABEL = {"label": "g"}


def user(**attributes: Any) -> dict[str, Any]:
    """Return a user with these attributes."""
    return {"userName": "jdoe@contoso.com"} | attributes


def group(*members: dict[str, str]) -> dict[str, Any]:
    """Return a group with these members."""
    return {"displayName": "g"} | ({"members": list(members)} if members else {})


def op(op: str, path: str | None = None, *value: Any) -> dict[str, Any]:
    """Write one operation; without a value it has none, which is not the same as null."""
    written: dict[str, Any] = {"op": op}
    if path is not None:
        written["path"] = path
    if value:
        written["value"] = value[0]
    return written


def patched(
    operations: Sequence[Mapping[str, Any]], resource: Mapping[str, Any], resource_type: ResourceType = USER
) -> dict[str, Any]:
    """Apply a PATCH message with these operations, as a client writes them, to a resource."""
    message = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return patch.apply(dialect.operations(message, resource_type), resource, resource_type)
