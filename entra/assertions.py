"""Judge answers as Entra does: what breaks a rule, what fails an object, what quarantines the job."""

from collections.abc import Mapping
from typing import Any

from entra.client import MEDIA_TYPE
from entra.compare import differences
from entra.errors import JobError, ObjectError
from entra.exchange import CREATED, NO_CONTENT, OK, Exchange
from entra.functions.roles import Roles
from entra.mapping import Value
from entra.rules import RULES, SLOW, Finding

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_SCIM = "SystemForCrossDomainIdentityManagement"
_NOT_FOUND = 404

_STATUS_CODES = {
    400: f"{_SCIM}BadRequest",
    404: "EntryNotFound",
    405: "MethodNotAllowed",
    409: "EntryConflict",
    415: "UnsupportedMediaType",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    500: "InternalServerError",
    501: "NotImplemented",
}
_CREDENTIALS = {401, 403}


def of_any(exchange: Exchange) -> list[Finding]:
    """Judge what every answer must be like. Raise JobError if the credentials were refused."""
    if exchange.status in _CREDENTIALS:
        said = f"{exchange.method} {exchange.url} was answered {exchange.status}: {exchange.text[:500]}"
        raise JobError("InvalidCredentials", said, exchange)
    found = []
    if exchange.seconds > SLOW:
        found.append(Finding("slow", f"{exchange.seconds:.1f} s", exchange))
    if not exchange.succeeded:
        if not (isinstance(exchange.body, dict) and ERROR in (exchange.body.get("schemas") or ())):
            found.append(Finding("error-body", f"{exchange.status} {exchange.media_type or 'no body'}", exchange))
    elif exchange.text and exchange.media_type != MEDIA_TYPE:
        found.append(Finding("media-type", exchange.media_type or "none", exchange))
    return found


def failure(exchange: Exchange) -> ObjectError:
    """Return the error that an unsuccessful answer is for one object, in the form of Entra's log.

    It carries what else was wrong with the answer. Raise JobError if the credentials were refused.
    """
    code = _STATUS_CODES.get(exchange.status) or ("InternalServerError" if exchange.status >= 500 else "WebException")  # noqa: PLR2004
    said = f"StatusCode: {exchange.status}. {exchange.method} {exchange.url}. Web response: {exchange.text[:2000]}"
    return ObjectError(code, said, exchange, findings=of_any(exchange))


def of_query(exchange: Exchange, *, without_members: bool) -> list[Finding]:
    """Judge the answer to a query. Raise JobError where Entra quarantines, ObjectError where one object fails."""
    found = of_any(exchange)
    if exchange.status == _NOT_FOUND:
        said = f"HTTP/404 instead of HTTP/200 for {exchange.url}. {_sentence('status-of-empty-query')}"
        raise JobError(RULES["status-of-empty-query"][0], said, exchange)
    if exchange.status != OK:
        raise failure(exchange)
    body = exchange.body
    shaped = isinstance(body, dict) and LIST_RESPONSE in (body.get("schemas") or ())
    if not shaped or not _whole(body.get("totalResults")) or (body["totalResults"] and not exchange.resources):
        said = f"HTTP/200 received for {exchange.url}, but the answer is no ListResponse: {exchange.text[:500]}"
        raise JobError(RULES["list-response"][0], said, exchange)
    for resource in exchange.resources:
        found += of_resource(resource, exchange, without_members=without_members)
    return found


def of_resource(
    resource: Any, exchange: Exchange, *, expected: str = "", without_members: bool = False
) -> list[Finding]:
    """Judge one resource in an answer; `expected` is the id that it must have, if one is known."""
    if not isinstance(resource, dict):
        return [Finding("id-present", "the answer is no resource", exchange)]
    found = []
    held = resource.get("id")
    if not isinstance(held, str) or not held:
        found.append(Finding("id-present", f"id is {held!r}", exchange))
    elif expected and held != expected:
        found.append(Finding("id-stable", f"{expected} became {held}", exchange))
    if "active" in resource and not isinstance(resource["active"], bool):
        found.append(Finding("active-boolean", f"active is {resource['active']!r}", exchange))
    manager = _manager(resource)
    if manager is not None and not isinstance(manager, dict):
        found.append(Finding("manager-object", f"manager is {manager!r}", exchange))
    if without_members and "members" in resource:
        found.append(Finding("members-excluded", f"{len(resource['members'] or ())} members returned", exchange))
    return found


def of_creation(exchange: Exchange, values: list[Value]) -> list[Finding]:
    """Judge the answer to a POST. Raise ObjectError if nothing was created or it has no id."""
    found = of_any(exchange)
    if not exchange.succeeded:
        raise failure(exchange)
    if exchange.status != CREATED:
        found.append(Finding("created-status", f"answered {exchange.status}", exchange))
    found += of_resource(exchange.body, exchange)
    if any(each.rule == "id-present" for each in found):
        raise ObjectError(RULES["id-present"][0], f"{_sentence('id-present')} {exchange.text[:500]}", exchange)
    return found + echo(exchange, values)


def of_patch(exchange: Exchange, expected: str, values: list[Value]) -> list[Finding]:
    """Judge the answer to a PATCH: 204, or 200 with the resource. Raise ObjectError if it did not succeed."""
    found = of_any(exchange)
    if not exchange.succeeded:
        raise failure(exchange)
    if exchange.status != NO_CONTENT and exchange.text:
        found += of_resource(exchange.body, exchange, expected=expected) + echo(exchange, values)
    return found


def echo(exchange: Exchange, values: list[Value]) -> list[Finding]:
    """Judge whether a resource in an answer has the values that were sent."""
    if not isinstance(exchange.body, dict):
        return []
    # Roles come back in the target's own form: they are compared when they are read again.
    plain = [value for value in values if not isinstance(value.value, Roles)]
    different = differences(exchange.body, plain)
    return [Finding("echo", f"{d.new.path.text} is {d.old!r}, not {d.new.shown!r}", exchange) for d in different]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _manager(resource: Mapping[str, Any]) -> Any:
    for name, value in resource.items():
        if name.lower().endswith("enterprise:2.0:user") and isinstance(value, dict):
            return value.get("manager")
    return None


def _sentence(rule: str) -> str:
    return RULES[rule][1]
