"""The discovery endpoints: ServiceProviderConfig, ResourceTypes and Schemas (RFC 7644 section 4)."""

from typing import Any

from scim.errors import Forbidden, NotFound
from scim.http import Request, Response
from scim.limits import DEFAULT_COUNT, MAX_BODY, MAX_BULK_OPERATIONS, MAX_COUNT
from scim.messages import list_response
from scim.schema import Attribute, ResourceType, Schema, resource_types, schemas

_CORE = "urn:ietf:params:scim:schemas:core:2.0:"

# Accepted, stored and echoed, but not published: Entra's schema discovery refuses a user schema that names them.
_UNPUBLISHED = {("urn:ietf:params:scim:schemas:core:2.0:User", "emails"): {"display", "primary"}}


def service_provider_config(request: Request) -> Response:
    """Answer what of the protocol is supported (RFC 7643 section 5, RFC 9865 section 4)."""
    _refuse_filter(request)
    return Response(
        200,
        {
            "schemas": [f"{_CORE}ServiceProviderConfig"],
            "patch": {"supported": True},
            "bulk": {"supported": True, "maxOperations": MAX_BULK_OPERATIONS, "maxPayloadSize": MAX_BODY},
            "filter": {"supported": True, "maxResults": MAX_COUNT},
            "changePassword": {"supported": False},
            "sort": {"supported": True},
            "etag": {"supported": True},
            "pagination": {
                "cursor": True,
                "index": True,
                "defaultPaginationMethod": "index",
                "defaultPageSize": DEFAULT_COUNT,
                "maxPageSize": MAX_COUNT,
            },
            "authenticationSchemes": [
                {
                    "type": "oauthbearertoken",
                    "name": "Secret Token",
                    "description": "The Secret Token of the customer's tenant, as bearer token",
                    "specUri": "https://www.rfc-editor.org/info/rfc6750",
                    "primary": True,
                }
            ],
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": f"{request.base_url}/ServiceProviderConfig",
            },
        },
    )


def list_resource_types(request: Request) -> Response:
    """Answer every resource type (RFC 7643 section 6)."""
    _refuse_filter(request)
    return _all([_resource_type(each, request.base_url) for each in resource_types().values()])


def read_resource_type(request: Request) -> Response:
    """Answer one resource type by its name. Raises NotFound."""
    name = request.path["id"]
    for each in resource_types().values():
        if each.id.lower() == name.lower():
            return Response(200, _resource_type(each, request.base_url))
    raise NotFound(f"There is no resource type '{name}'")


def list_schemas(request: Request) -> Response:
    """Answer every schema and extension (RFC 7643 section 7)."""
    _refuse_filter(request)
    return _all([_schema(each, request.base_url) for each in schemas().values()])


def read_schema(request: Request) -> Response:
    """Answer one schema by its URN. Raises NotFound."""
    urn = request.path["id"]
    for each in schemas().values():
        if each.id.lower() == urn.lower():
            return Response(200, _schema(each, request.base_url))
    raise NotFound(f"There is no schema '{urn}'")


def _refuse_filter(request: Request) -> None:
    """RFC 7644 section 4: a filter on a discovery endpoint is answered with 403."""
    if "filter" in request.query:
        raise Forbidden("A filter is not supported on this endpoint")


def _all(resources: list[dict[str, Any]]) -> Response:
    return Response(200, list_response(resources, total=len(resources), start_index=1))


def _resource_type(each: ResourceType, base_url: str) -> dict[str, Any]:
    return {
        "schemas": [f"{_CORE}ResourceType"],
        "id": each.id,
        "name": each.name,
        "description": each.description,
        "endpoint": each.endpoint,
        "schema": each.base.id,
        "schemaExtensions": [{"schema": extension.id, "required": False} for extension in each.extensions],
        "meta": {"resourceType": "ResourceType", "location": f"{base_url}/ResourceTypes/{each.id}"},
    }


def _schema(schema: Schema, base_url: str) -> dict[str, Any]:
    attributes = [_attribute(each, _UNPUBLISHED.get((schema.id, each.name), set())) for each in schema.attributes]
    return {
        "schemas": [f"{_CORE}Schema"],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{base_url}/Schemas/{schema.id}"},
    }


def _attribute(attribute: Attribute, unpublished: set[str]) -> dict[str, Any]:
    """Return the definition as the data has it: only the characteristics that apply are in it, and no nulls."""
    data: dict[str, Any] = attribute.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if unpublished:
        data["subAttributes"] = [sub for sub in data["subAttributes"] if sub["name"] not in unpublished]
    return data
