"""The service provider: one method per operation on resources (RFC 7644 section 3), over one tenant's directory.

Each reads the request, lets the pure core decide, has the directory carry it out, and shapes the answer.
"""

from collections.abc import Callable, Mapping
from typing import Any

from scim import dialect, patch
from scim.errors import InvalidSyntax, NotFound
from scim.etag import check_match, entity_tag, not_modified
from scim.http import Request, Response
from scim.jsonbody import read_json
from scim.messages import SearchRequest
from scim.projection import Projection
from scim.representation import editable, location, represent, take_members
from scim.schema import ResourceType, resource_types
from scim.search import search
from scim.store import Directory, Draft, MemberView, Stored
from scim.validate import check_immutable, new_document
from scim.walks import Walks


class ServiceProvider:
    """The operations for one tenant. `clock` answers seconds that only ever grow (for what is remembered of walks)."""

    def __init__(self, directory: Directory, clock: Callable[[], float]) -> None:
        self._directory = directory
        self._walks = Walks(clock)

    async def create(self, request: Request, resource_type: ResourceType) -> Response:
        """Create a resource (RFC 7644 section 3.3): 201 with its representation and Location."""
        projection = _projection(request)
        document = _new_document(request, resource_type)
        stored = await self._directory.create(resource_type, _draft(document, resource_type))
        self._walks.forget_totals(resource_type.name)
        return _answer(201, stored, resource_type, request, projection)

    async def read(self, request: Request, resource_type: ResourceType) -> Response:
        """Return a resource (RFC 7644 section 3.4.1), or 304 when the client has this version (section 3.14)."""
        projection = _projection(request)
        stored = await self._read(request, resource_type, projection)
        if not_modified(request.headers, stored.version):
            return Response(304, headers={"ETag": entity_tag(stored.version)})
        return _answer(200, stored, resource_type, request, projection)

    async def replace(self, request: Request, resource_type: ResourceType) -> Response:
        """Replace a resource (RFC 7644 section 3.5.1); attributes that are left out are cleared."""
        projection = _projection(request)
        document = _new_document(request, resource_type)
        draft = _draft(document, resource_type)

        def decide(stored: Stored) -> Draft:
            check_match(request.headers, stored.version)
            check_immutable(draft.document, stored.document, resource_type)
            return draft

        stored = await self._change(request, resource_type, decide, MemberView.ALL)
        return _answer(200, stored, resource_type, request, projection)

    async def patch(self, request: Request, resource_type: ResourceType) -> Response:
        """Modify a resource (RFC 7644 section 3.5.2): all operations or none.

        A user is answered with 200 and its representation. A group is answered with 204, as its members may be
        many, unless the client asks for attributes.
        """
        projection = _projection(request)
        operations = dialect.operations(_body(request), resource_type)

        def decide(stored: Stored) -> Draft | None:
            check_match(request.headers, stored.version)
            before = editable(stored)
            after = patch.apply(operations, before, resource_type)
            return None if after == before else _draft(after, resource_type)

        stored = await self._change(request, resource_type, decide, patch.members_wanted(operations, resource_type))
        if resource_type.attribute("members") is None:
            return _answer(200, stored, resource_type, request, projection)
        if not projection.asked:
            return Response(204, headers={"ETag": entity_tag(stored.version)})
        stored = await self._read(request, resource_type, projection)
        return _answer(200, stored, resource_type, request, projection)

    async def delete(self, request: Request, resource_type: ResourceType) -> Response:
        """Delete a resource (RFC 7644 section 3.6): 204."""
        deleted = await self._directory.delete(
            resource_type, request.path["id"], lambda stored: check_match(request.headers, stored.version)
        )
        if not deleted:
            raise _not_found(request, resource_type)
        self._walks.forget_totals(resource_type.name)
        return Response(204)

    async def list(self, request: Request, resource_type: ResourceType) -> Response:
        """Query one resource type by GET (RFC 7644 section 3.4.2)."""
        return await self._search(request, SearchRequest.from_query(request.query), resource_type)

    async def search(self, request: Request, resource_type: ResourceType | None) -> Response:
        """Query by POST, one resource type or, at the root, all (RFC 7644 section 3.4.3)."""
        return await self._search(request, SearchRequest.from_body(_body(request)), resource_type)

    async def bulk(self, request: Request) -> Response:
        """Carry out many operations (RFC 7644 section 3.7): 200 with the outcome of each."""
        # Here, because a cold start need not pay for what Entra never uses.
        from scim.bulk import Bulk  # noqa: PLC0415
        from scim.bulk_request import BulkRequest  # noqa: PLC0415

        return await Bulk(BulkRequest.read(_body(request)), request, self._perform).run()

    async def _perform(self, request: Request, endpoint: str) -> Response:
        """Carry out the single request that an operation of a bulk request stands for."""
        types = {each.endpoint.lower(): each for each in resource_types().values()}
        if endpoint.lower() not in types:
            raise NotFound(f"There is no endpoint '{endpoint[:100]}'; there are {', '.join(types)}")
        methods = {"POST": self.create, "PUT": self.replace, "PATCH": self.patch, "DELETE": self.delete}
        return await methods[request.method](request, types[endpoint.lower()])

    async def _search(self, request: Request, wanted: SearchRequest, resource_type: ResourceType | None) -> Response:
        types = (resource_type,) if resource_type else tuple(resource_types().values())
        return Response(200, await search(self._directory, types, wanted, request.base_url, self._walks))

    async def _read(self, request: Request, resource_type: ResourceType, projection: Projection) -> Stored:
        members = MemberView.ALL if projection.wants(resource_type, "members") else MemberView.NONE
        stored = await self._directory.read(resource_type, request.path["id"], members=members)
        if stored is None:
            raise _not_found(request, resource_type)
        return stored

    async def _change(
        self, request: Request, resource_type: ResourceType, decide: Callable[[Stored], Draft | None], members: Any
    ) -> Stored:
        stored = await self._directory.change(resource_type, request.path["id"], decide, members=members)
        if stored is None:
            raise _not_found(request, resource_type)
        self._walks.forget_totals(resource_type.name)
        return stored


def _body(request: Request) -> Mapping[str, Any]:
    body = read_json(request.body)
    if not isinstance(body, dict):
        raise InvalidSyntax("The body must be a JSON object")
    return body


def _new_document(request: Request, resource_type: ResourceType) -> dict[str, Any]:
    return new_document(dialect.resource(_body(request), resource_type), resource_type)


def _draft(document: dict[str, Any], resource_type: ResourceType) -> Draft:
    if resource_type.attribute("members") is None:
        return Draft(document)
    return Draft(document, take_members(document))


def _projection(request: Request) -> Projection:
    return Projection.parse(request.query.get("attributes"), request.query.get("excludedAttributes"))


def _answer(
    status: int, stored: Stored, resource_type: ResourceType, request: Request, projection: Projection
) -> Response:
    resource = projection.apply(represent(stored, resource_type, request.base_url), resource_type)
    headers = {"ETag": entity_tag(stored.version)}
    if status == 201:  # noqa: PLR2004
        headers["Location"] = location(resource_type.name, stored.id, request.base_url)
    return Response(status, resource, headers)


def _not_found(request: Request, resource_type: ResourceType) -> NotFound:
    return NotFound(f"There is no {resource_type.name} '{request.path['id'][:100]}'")
