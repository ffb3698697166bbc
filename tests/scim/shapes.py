"""A resource type with an attribute of every type and characteristic, and a resource of it."""

from typing import Any

from scim.schema import Attribute, ResourceType, Schema, resource_types

USER = resource_types()["User"]
GROUP = resource_types()["Group"]
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BADGE = "urn:example:params:scim:2.0:badge.v1:Device"


def _attribute(name: str, type: str = "string", **characteristics: Any) -> Attribute:
    return Attribute.model_validate({"name": name, "type": type, **characteristics})


DEVICE = ResourceType(
    id="Device",
    name="Device",
    endpoint="/Devices",
    description="A device",
    base=Schema(
        id="urn:example:params:scim:2.0:Device",
        name="Device",
        attributes=(
            _attribute("label"),
            _attribute("serial", caseExact=True),
            _attribute("home", "reference", caseExact=True),
            _attribute("image", "binary"),
            _attribute("enabled", "boolean"),
            _attribute("ports", "integer"),
            _attribute("weight", "decimal"),
            _attribute("made", "dateTime"),
            _attribute("tags", multiValued=True),
            _attribute("place", "complex", subAttributes=[_attribute("room"), _attribute("floor", "integer")]),
            _attribute("secret", returned="never"),
            _attribute("debug", returned="request"),
            _attribute("key", returned="always"),
            _attribute(
                "parts",
                "complex",
                multiValued=True,
                subAttributes=[
                    _attribute("value"),
                    _attribute("number", "integer", returned="always"),
                    _attribute("pin", returned="never"),
                    _attribute("note", returned="request"),
                    _attribute("spare", "boolean"),
                    _attribute("primary", "boolean"),
                ],
            ),
        ),
    ),
    extensions=(
        Schema(
            id=BADGE,
            name="Badge",
            attributes=(
                _attribute("colour"),
                _attribute("trace", returned="request"),
                _attribute("owner", "complex", subAttributes=[_attribute("value", caseExact=True)]),
            ),
        ),
    ),
    common=USER.common,
    unique="serial",
    indexes=("parts.value", f"{BADGE}:colour"),
)

DEVICE_RESOURCE: dict[str, Any] = {
    "schemas": [DEVICE.base.id, BADGE],
    "id": "d-1",
    "label": "Straße",
    "serial": "Ab12",
    "home": "https://example.com/Home",
    "image": "QUJD",
    "enabled": False,
    "ports": 0,
    "weight": 2.5,
    "made": "2024-02-29T12:00:00.5+02:00",
    "tags": ["Red", "blue"],
    "place": {"room": "B 12", "floor": 3},
    "secret": "hidden",
    "debug": "on",
    "key": "k",
    "parts": [
        {"value": "Lid", "number": 1, "pin": "p", "note": "n", "spare": False},
        {"value": "fan", "number": 20, "spare": True, "primary": True},
    ],
    BADGE: {"colour": "Blue", "trace": "t", "owner": {"value": "Own-1"}},
    "meta": {"resourceType": "Device", "created": "2024-01-01T00:00:00Z", "version": 'W/"1"'},
}
