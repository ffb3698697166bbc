"""The BulkRequest message (RFC 7644 section 3.7): its operations, and what they refer to by bulkId."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from scim.errors import InvalidSyntax, InvalidValue, ScimError, TooLarge
from scim.limits import MAX_BULK_OPERATIONS

BULK_REQUEST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

_PREFIX = "bulkId:"
_PATH = re.compile(r"/?(?P<endpoint>\w+)(?:/(?P<id>[^/?#]+))?/?")
_METHODS = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)  # without slots: what it refers to is found once and kept
class BulkOperation:
    """One operation as written: `endpoint` is "/Users", `id` an id or "bulkId:…", "" for POST.

    `fault` is what is wrong with it, known before anything is carried out; it fails alone (section 3.7.3).
    """

    method: str
    bulk_id: str = ""
    endpoint: str = ""
    id: str = ""
    version: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    fault: ScimError | None = None

    @cached_property
    def refers_to(self) -> set[str]:
        """The bulkIds that stand in its path and data."""
        return references([self.id, self.data])

    @property
    def target(self) -> str:
        """The resource that it is about, the same for every operation on it in the message."""
        return f"{_PREFIX}{self.bulk_id}" if self.method == "POST" else self.id


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The message: its operations, and the number of errors that end it early (None: none does)."""

    operations: tuple[BulkOperation, ...]
    fail_on_errors: int | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "BulkRequest":
        """Read the message. Raises InvalidSyntax when it is none, TooLarge with more operations than announced."""
        members = _lowered(body)
        schemas = members.get("schemas")
        if not isinstance(schemas, list) or BULK_REQUEST_URN not in schemas:
            raise InvalidSyntax(f"The schemas of the message must have {BULK_REQUEST_URN}")
        written = members.get("operations")
        if not isinstance(written, list) or not written:
            raise InvalidSyntax("Operations must be a list of one operation or more")
        if len(written) > MAX_BULK_OPERATIONS:
            raise TooLarge(f"The request has {len(written)} operations; at most {MAX_BULK_OPERATIONS} are accepted")
        limit = members.get("failonerrors")
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
            raise InvalidValue("failOnErrors must be an integer of 1 or more")
        operations = tuple(_operation(each, f"Operations[{number}]") for number, each in enumerate(written))
        return cls(_distinct(operations), limit)


def references(value: Any) -> set[str]:
    """Return the bulkIds that a value refers to, at any depth."""
    match value:
        case str() if value.startswith(_PREFIX):
            return {value.removeprefix(_PREFIX)}
        case Mapping():
            return {found for each in value.values() for found in references(each)}
        case list():
            return {found for each in value for found in references(each)}
        case _:
            return set()


def resolve(value: Any, ids: Mapping[str, str]) -> Any:
    """Return the value with ids in place of bulkIds. Raises InvalidValue for one that no creation has made."""
    match value:
        case str() if value.startswith(_PREFIX):
            if (bulk_id := value.removeprefix(_PREFIX)) not in ids:
                raise InvalidValue(f"No resource was created with the bulkId '{bulk_id[:100]}'")
            return ids[bulk_id]
        case Mapping():
            return {name: resolve(each, ids) for name, each in value.items()}
        case list():
            return [resolve(each, ids) for each in value]
        case _:
            return value


def _operation(written: Any, place: str) -> BulkOperation:
    """Read one operation; what is wrong with it becomes its fault."""
    members = _lowered(written) if isinstance(written, dict) else {}
    method, bulk_id, version = (_string(members, name) for name in ("method", "bulkid", "version"))
    method = method.upper()
    path = _PATH.fullmatch(_string(members, "path"))
    endpoint, id = (f"/{path['endpoint']}", path["id"] or "") if path else ("", "")
    data = members.get("data")
    fault: ScimError | None = None
    if method not in _METHODS:
        fault = InvalidSyntax(f"{place}.method must be one of {', '.join(_METHODS)}")
    elif path is None or (method == "POST") == bool(id):
        expected = "an endpoint such as /Users" if method == "POST" else "a resource such as /Users/{id}"
        fault = InvalidValue(f"{place}.path must be {expected}")
    elif method == "POST" and not bulk_id:
        fault = InvalidValue(f"{place}.bulkId is required for POST")
    elif method != "DELETE" and not isinstance(data, dict):
        fault = InvalidSyntax(f"{place}.data must be an object")
    return BulkOperation(method, bulk_id, endpoint, id, version, data if isinstance(data, dict) else {}, fault)


def _distinct(operations: tuple[BulkOperation, ...]) -> tuple[BulkOperation, ...]:
    """Refuse a message in which two creations share a bulkId: references to it would mean nothing."""
    made = [operation.bulk_id for operation in operations if operation.method == "POST" and operation.bulk_id]
    twice = next((bulk_id for number, bulk_id in enumerate(made) if bulk_id in made[:number]), None)
    if twice is not None:
        raise InvalidValue(f"bulkId '{twice[:100]}' is used twice; it must be unique in the request")
    return operations


def _lowered(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in members.items()}


def _string(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
