"""What holds for every answer of the service, whatever was asked: checked on each exchange."""

from collections.abc import Iterator
from typing import Any

from tests.http.client import MEDIA_TYPE, Answer

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def faults(answer: Answer) -> list[str]:
    """Return one sentence for each rule of RFC 7644 that the answer breaks; none when it is sound."""
    if answer.status in {204, 304}:
        return ["a body where none may be"] if answer.content else []
    if not answer.content:
        return [f"{answer.status} without a body"]
    found = [] if answer.headers.get("content-type", "").split(";")[0] == MEDIA_TYPE else ["not application/scim+json"]
    body = answer.body
    found += [f"null at {at}" for at in _nulls(body, "")]
    if answer.status >= 400:
        return found + list(_error(answer, body))
    if body.get("schemas") == [LIST]:
        return found + list(_list(body))
    return found + list(_resource(answer, body))


def _nulls(value: Any, at: str) -> Iterator[str]:
    """Yield where a null is: unassigned attributes are left out (RFC 7643 section 2.5)."""
    if value is None:
        yield at
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _nulls(item, f"{at}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, f"{at}/{index}")


def _error(answer: Answer, body: Any) -> Iterator[str]:
    """RFC 7644 section 3.12: the Error message, its status a JSON string."""
    if body.get("schemas") != [ERROR] or body.get("status") != str(answer.status):
        yield f"not a SCIM error of status {answer.status}: {body!r}"
    if not body.get("detail"):
        yield "an error without a detail"
    if not set(body) <= {"schemas", "status", "scimType", "detail"}:
        yield f"an error that says more than it should: {body!r}"


def _list(body: Any) -> Iterator[str]:
    """RFC 7644 section 3.4.2: the counts are integers and Resources is there even when empty."""
    resources = body.get("Resources")
    if not isinstance(resources, list):
        yield "Resources is not a list"
        return
    if type(body.get("totalResults")) is not int or body["totalResults"] < len(resources):
        yield f"totalResults is {body.get('totalResults')!r} with {len(resources)} Resources"
    if body.get("itemsPerPage") != len(resources):
        yield f"itemsPerPage is {body.get('itemsPerPage')!r} with {len(resources)} Resources"
    for resource in resources:
        yield from _values(resource)


def _resource(answer: Answer, body: Any) -> Iterator[str]:
    """RFC 7644 sections 3.1, 3.3 and 3.14: location and version agree with the headers."""
    meta = body.get("meta", {})
    if answer.status == 201 and "location" in meta and answer.headers.get("location") != meta["location"]:
        yield f"Location is {answer.headers.get('location')!r}, meta.location {meta['location']!r}"
    if answer.status == 201 and "location" not in answer.headers:
        yield "201 without Location"
    if "version" in meta and answer.headers.get("etag") != meta["version"]:
        yield f"ETag is {answer.headers.get('etag')!r}, meta.version {meta['version']!r}"
    yield from _values(body)


def _values(resource: Any) -> Iterator[str]:
    """Entra cannot deserialise a manager that is a string or an `active` that is not a boolean."""
    manager = resource.get(ENTERPRISE, {}).get("manager", {"value": ""})
    if not isinstance(manager, dict) or "value" not in manager:
        yield f"manager is {manager!r}"
    if not isinstance(resource.get("active", True), bool):
        yield f"active is {resource['active']!r}"
    if "password" in resource:
        yield "a password in an answer"
