"""Faults that services have, as a wire to one that has not."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from entra.validation.surface import GROUP

Alter = Callable[[httpx.Request, httpx.Response], httpx.Response]
Change = Callable[[httpx.Request], httpx.Request]


@dataclass
class Faulty(httpx.AsyncBaseTransport):
    """A wire to a service with a fault: it reads a request otherwise, or answers otherwise."""

    alter: Alter = lambda _, answer: answer
    change: Change = lambda request: request
    inner: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(self.change(request))
        await answer.aread()
        return self.alter(request, answer)

    async def aclose(self) -> None:
        await self.inner.aclose()


def rewritten(answer: httpx.Response, body: object = None, status: int | None = None) -> httpx.Response:
    content = answer.content if body is None else json.dumps(body).encode()
    return httpx.Response(
        status or answer.status_code, headers={"Content-Type": "application/scim+json"}, content=content
    )


def resources(answer: httpx.Response) -> tuple[object, list[dict]]:
    """Return the body of an answer, and the resources in it, which may be changed."""
    body = json.loads(answer.content) if answer.content else {}
    found = body.get("Resources", [body] if "id" in body else []) if isinstance(body, dict) else []
    return body, [each for each in found if isinstance(each, dict)]


def _each(mutate: Callable[[dict], object]) -> Alter:
    def alter(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body, found = resources(answer)
        for resource in found:
            mutate(resource)
        return rewritten(answer, body) if found else answer

    return alter


def _replaced(name: str, change: Callable[[object], object]) -> Alter:
    return _each(lambda resource: resource.update({name: change(resource[name])}) if name in resource else None)


def status(method: str, status: int, becomes: int, path: str = "") -> Alter:
    def alter(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        hit = request.method == method and answer.status_code == status and path in str(request.url)
        return rewritten(answer, {} if hit and becomes == 204 else None, becomes) if hit else answer

    return alter


def _string_manager(resource: dict) -> None:
    extension = resource.get("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", {})
    if "manager" in extension:
        extension["manager"] = extension["manager"]["value"]


def _members_in_spite_of_exclusion(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body, found = resources(answer)
    for resource in found if "excludedAttributes" in str(request.url) else []:
        resource["members"] = [{"value": "1"}]
    return rewritten(answer, body) if found else answer


def _empty_query_is_404(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body, found = resources(answer)
    return rewritten(answer, body, 404) if "filter=" in str(request.url) and not found else answer


def _case_matters(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body, found = resources(answer)
    wanted = httpx.QueryParams(request.url.query.decode()).get("filter", "").partition('"')[2].rstrip('"')
    if wanted and found and wanted not in (found[0].get("userName"), found[0].get("displayName")):
        return rewritten(answer, {**body, "totalResults": 0, "Resources": []})
    return answer


def _start_index_is_text(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body, _found = resources(answer)
    if not isinstance(body, dict) or "startIndex" not in body:
        return answer
    return rewritten(answer, {**body, "startIndex": str(body["startIndex"])})


def _null_in_schemas(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body, found = resources(answer)
    if not str(request.url).endswith("/Schemas"):
        return answer
    found[0]["description"] = None
    return rewritten(answer, body)


def _without_group_schema(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body, found = resources(answer)
    if not str(request.url).endswith("/Schemas"):
        return answer
    kept = [each for each in found if each["id"] != GROUP]
    return rewritten(answer, {**body, "totalResults": len(kept), "Resources": kept})


def _operations(change: Callable[[dict], list[dict]]) -> Change:
    """Return what reads every operation of a PATCH otherwise than it was meant."""

    def changed(request: httpx.Request) -> httpx.Request:
        if request.method != "PATCH":
            return request
        body = json.loads(request.content)
        body["Operations"] = [new for operation in body["Operations"] for new in change(operation)]
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        return httpx.Request("PATCH", request.url, headers=headers, json=body)

    return changed


def _removes_all_members(operation: dict) -> list[dict]:
    wiped = operation["op"].lower() == "remove" and operation.get("path") == "members"
    return [{"op": "remove", "path": "members"}] if wiped else [operation]


def _takes_strings_for_true(operation: dict) -> list[dict]:
    mistaken = operation.get("path") == "active" and isinstance(operation.get("value"), str)
    return [operation | {"value": True}] if mistaken else [operation]


def _ignores_dotted_names(operation: dict) -> list[dict]:
    if "path" in operation:
        return [operation]
    return [operation | {"value": {name: value for name, value in operation["value"].items() if "." not in name}}]


def _ignores_elements_that_are_not_there(operation: dict) -> list[dict]:
    return [] if "[" in operation.get("path", "") and operation["op"] == "add" else [operation]


FAULTS = [
    ({"alter": _replaced("active", str)}, "Patch User - Disable User", "active false"),
    ({"alter": _members_in_spite_of_exclusion}, "Get group by id excluding members", "excludedAttributes"),
    ({"alter": _members_in_spite_of_exclusion}, "Filter for existing group excluding members", "excludedAttributes"),
    ({"alter": _empty_query_is_404}, "Filter for a non-existing user", "status 200, got 404"),
    ({"alter": _empty_query_is_404}, "Test Connection", "404"),
    ({"alter": _case_matters}, "Filter for an existing user with a different case", "exactly 1"),
    ({"alter": _case_matters}, "Filter for an existing group with a different case", "exactly 1"),
    ({"alter": status("POST", 409, 201)}, "Create a duplicate User", "status 409, got 201"),
    ({"alter": status("POST", 409, 201)}, "Create a duplicate Group", "status 409, got 201"),
    ({"alter": status("POST", 201, 200)}, "Create a new User", "status 201, got 200"),
    ({"alter": status("GET", 404, 200)}, "Delete a User", "status 404, got 200"),
    ({"alter": status("DELETE", 404, 204)}, "Delete the same Group twice", "status 404, got 204"),
    ({"alter": _replaced("title", str.lower)}, "Create a new User", "title is"),
    ({"alter": _each(_string_manager)}, "Patch User - Add Manager", "manager as an object"),
    ({"alter": _each(_string_manager)}, "25 SCIM_Update_Manager_Test", "manager as an object"),
    ({"alter": _each(_string_manager)}, "5 User_Update_Manager", "manager as an object"),
    ({"alter": _start_index_is_text}, "23 SCIM_User_Pagination_Test", "startIndex 1, got '1'"),
    ({"alter": _null_in_schemas}, "Discover schema", "null in"),
    ({"alter": _without_group_schema}, "15 Schema_Discoverability_Test", GROUP),
    ({"alter": _without_group_schema}, "8 Create_Group", GROUP),
    ({"change": _operations(_removes_all_members)}, "12 Group_Update_Remove_Member", "the members"),
    ({"change": _operations(_takes_strings_for_true)}, "3 Disable_User", "active false"),
    ({"change": _operations(_ignores_dotted_names)}, "Patch User - Replace Attributes", "name.givenName"),
    (
        {"change": _operations(_ignores_elements_that_are_not_there)},
        "Patch User - Add Attributes Verbose Request",
        "emails[type eq",
    ),
]
