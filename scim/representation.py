"""From what the directory stores to the resource that clients see (RFC 7643 section 3)."""

from collections.abc import Mapping
from typing import Any

from scim.etag import entity_tag
from scim.schema import ResourceType, resource_types
from scim.store import Member, Stored


def represent(stored: Stored, resource_type: ResourceType, base_url: str) -> dict[str, Any]:
    """Return the full resource: common attributes, the document, members, groups and the addresses of all.

    Members are those that were loaded; projection comes after.
    """
    document = _with_references(stored.document, resource_type, base_url)
    extensions = [extension.id for extension in resource_type.extensions if extension.id in document]
    resource = {"schemas": [resource_type.base.id, *extensions], "id": stored.id, **document}
    if stored.members:
        resource["members"] = [_member(member, base_url) for member in stored.members]
    if stored.groups and resource_type.attribute("groups"):
        resource["groups"] = [
            {"value": group, "$ref": location("Group", group, base_url), "type": "direct"} for group in stored.groups
        ]
    resource["meta"] = {
        "resourceType": resource_type.name,
        "created": stored.created,
        "lastModified": stored.last_modified,
        "location": location(resource_type.name, stored.id, base_url),
        "version": entity_tag(stored.version),
    }
    return resource


def editable(stored: Stored) -> dict[str, Any]:
    """Return what PATCH works on: the document and the members that were loaded, as a client would write them."""
    resource = dict(stored.document)
    if stored.members:
        resource["members"] = [{"value": member.id, "type": member.type} for member in stored.members]
    return resource


def take_members(document: dict[str, Any]) -> tuple[Member, ...]:
    """Remove `members` from a document and return them: the directory keeps them as relations.

    A member's `type` is "" when the client did not say which it is.
    """
    return tuple(Member(member["value"], member.get("type", "")) for member in document.pop("members", ()))


def location(type_name: str, id: str, base_url: str) -> str:
    """Return the address of a resource."""
    return f"{base_url}{resource_types()[type_name].endpoint}/{id}"


def _member(member: Member, base_url: str) -> dict[str, Any]:
    return {"value": member.id, "$ref": location(member.type, member.id, base_url), "type": member.type}


def _with_references(document: Mapping[str, Any], resource_type: ResourceType, base_url: str) -> dict[str, Any]:
    """Add `$ref` to the values that name another resource by its id, such as the manager."""
    referring = dict(document)
    for (urn, name), target in resource_type.references.items():
        holder = document.get(urn) if urn else document
        value = holder.get(name) if isinstance(holder, Mapping) else None
        if isinstance(value, Mapping) and "value" in value:
            refers = {**value, "$ref": location(target, value["value"], base_url)}
            if urn:
                referring[urn] = {**referring[urn], name: refers}
            else:
                referring[name] = refers
    return referring
