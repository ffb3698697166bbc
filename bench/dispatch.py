"""From a request to the operation of the service provider that carries it out, without a host."""

from typing import Any
from urllib.parse import parse_qsl

from scim import discovery
from scim.errors import NotFound
from scim.http import Request, Response
from scim.provider import ServiceProvider
from scim.schema import resource_types

BASE_PATH = "/scim/v2"
_TYPES = {each.endpoint.removeprefix("/"): each for each in resource_types().values()}


def request_of(method: str, path: str, query: str, *, host: str = "", **parts: Any) -> Request:
    """Return the request for a path below the base path; `parts` are its headers and body."""
    endpoint, _, id = path.removeprefix("/").partition("/")
    return Request(
        method=method,
        base_url=f"http://{host}{BASE_PATH}",
        path={"endpoint": endpoint, "id": id},
        query=dict(parse_qsl(query, keep_blank_values=True)),
        **parts,
    )


async def carry_out(provider: ServiceProvider, request: Request) -> Response:
    """Return the answer of the provider. Raises ScimError."""
    if request.path["endpoint"] == "ServiceProviderConfig":
        return discovery.service_provider_config(request)
    collection = {"GET": provider.list, "POST": provider.create}
    resource = {
        "GET": provider.read,
        "PUT": provider.replace,
        "PATCH": provider.patch,
        "DELETE": provider.delete,
    }
    resource_type = _TYPES.get(request.path["endpoint"])
    operation = (resource if request.path["id"] else collection).get(request.method)
    if resource_type is None or operation is None:
        raise NotFound("There is no such endpoint")
    return await operation(request, resource_type)
