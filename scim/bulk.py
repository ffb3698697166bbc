"""Bulk: many operations in one request (RFC 7644 section 3.7), each of them all or nothing.

Operations on one resource are carried out in the order of the message, and those that refer to a new resource by
its bulkId after its creation, wherever that stands; the others side by side. Where references go round in a circle,
one resource is created without them, and they are added once the others are there; if that fails, it is undone.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from scim.bulk_request import BulkOperation, BulkRequest, references, resolve
from scim.errors import ScimError
from scim.http import Request, Response
from scim.patch_op import PATCH_OP_URN

BULK_RESPONSE_URN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_AT_ONCE = 8

# Carries out the single request that an operation stands for, at an endpoint such as "/Users".
Perform: TypeAlias = Callable[[Request, str], Awaitable[Response]]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """An operation still to be carried out. `left_out` is what its creation leaves for later to break a circle."""

    number: int
    operation: BulkOperation
    left_out: Mapping[str, Any] = field(default_factory=dict)


class Bulk:
    """One bulk request under way."""

    def __init__(self, message: BulkRequest, request: Request, perform: Perform) -> None:
        self._request = request
        self._perform = perform
        self._limit = message.fail_on_errors
        self._waiting = [_Part(number, operation) for number, operation in enumerate(message.operations)]
        # The creations that are not done yet, and the ids of what those that are done have made.
        self._expected = {each.bulk_id for each in message.operations if each.method == "POST"}
        self._ids: dict[str, str] = {}
        self._outcomes: dict[int, dict[str, Any]] = {}
        self._errors = 0

    async def run(self) -> Response:
        """Carry out the operations; answer the outcome of each that was processed, in the order of the message.

        When the client set failOnErrors, one runs after another, so that none is done beyond its limit; a creation
        that was begun by then is brought to its end.
        """
        at_once = 1 if self._limit else _AT_ONCE
        while self._waiting and not (self._limit and self._errors >= self._limit):
            parts = self._ready()[:at_once] or [self._incomplete()]
            numbers = {part.number for part in parts}
            self._waiting = [part for part in self._waiting if part.number not in numbers]
            await asyncio.gather(*(self._carry_out(part) for part in parts))
        for part in [part for part in self._waiting if part.number in self._outcomes]:
            await self._carry_out(part)
        outcomes = [self._outcomes[number] for number in sorted(self._outcomes)]
        return Response(200, {"schemas": [BULK_RESPONSE_URN], "Operations": outcomes})

    def _ready(self) -> list[_Part]:
        """Return what waits neither for a creation nor for an earlier operation on the same resource."""
        ready, earlier = [], set()
        for part in self._waiting:
            target = part.operation.target
            if target not in earlier and not part.operation.refers_to & self._expected:
                ready.append(part)
            earlier.add(target)
        return ready

    def _incomplete(self) -> _Part:
        """Return the first creation less what refers to others that are not there: all wait for one another."""
        part = next(each for each in self._waiting if each.operation.method == "POST")
        data = part.operation.data
        left_out = {name: value for name, value in data.items() if references(value) & self._expected}
        kept = {name: value for name, value in data.items() if name not in left_out}
        return _Part(part.number, replace(part.operation, data=kept), left_out)

    async def _carry_out(self, part: _Part) -> None:
        operation = part.operation
        try:
            response = await self._send(operation)
        except ScimError as error:
            await self._fail(part, error)
            return
        outcome = self._outcomes.setdefault(part.number, _outcome(operation))
        if operation.method == "POST":
            self._ids[operation.bulk_id] = response.body["id"]
            self._expected.discard(operation.bulk_id)
            outcome |= {"location": response.headers["Location"], "status": str(response.status)}
        else:
            outcome.setdefault("location", self._location(operation))
            outcome.setdefault("status", str(response.status))
        if "ETag" in response.headers:
            outcome["version"] = response.headers["ETag"]
        if part.left_out:
            self._waiting.insert(0, _Part(part.number, _completion(part)))

    async def _send(self, operation: BulkOperation) -> Response:
        """Carry out one operation. Raises ScimError."""
        if operation.fault:
            raise operation.fault
        return await self._perform(
            replace(
                self._request,
                method=operation.method,
                path={"id": resolve(operation.id, self._ids)},
                query={},
                headers={"if-match": operation.version} if operation.version else {},
                body=json.dumps(resolve(operation.data, self._ids)).encode(),
            ),
            operation.endpoint,
        )

    async def _fail(self, part: _Part, error: ScimError) -> None:
        """Note what an operation failed of; a creation that could not be completed is undone."""
        self._errors += 1
        operation, begun = part.operation, self._outcomes.pop(part.number, None)
        if begun:
            outcome = await self._undo(operation, begun)
        else:
            self._expected.discard(operation.bulk_id)
            outcome = _outcome(operation)
            if operation.method != "POST":
                outcome["location"] = self._location(operation)
        self._outcomes[part.number] = outcome | {"status": str(error.status), "response": error.body()}

    async def _undo(self, operation: BulkOperation, begun: dict[str, Any]) -> dict[str, Any]:
        """Delete what was created but could not be completed. Where even that fails, the outcome says where it is."""
        try:
            await self._send(BulkOperation("DELETE", endpoint=operation.endpoint, id=operation.id))
        except ScimError:
            return {name: begun[name] for name in ("method", "bulkId", "location")}
        for bulk_id in references(operation.id):
            del self._ids[bulk_id]
        return {name: begun[name] for name in ("method", "bulkId")}

    def _location(self, operation: BulkOperation) -> str:
        """Return where the operation's resource is or would be (section 3.7.3 wants it of failures too)."""
        known = references(operation.id) & self._ids.keys()
        id = self._ids[known.pop()] if known else operation.id
        return f"{self._request.base_url}{operation.endpoint}/{id}"


def _completion(part: _Part) -> BulkOperation:
    """Return the change that adds what a creation left out."""
    operation = part.operation
    data = {"schemas": [PATCH_OP_URN], "Operations": [{"op": "add", "value": dict(part.left_out)}]}
    return replace(operation, method="PATCH", id=f"bulkId:{operation.bulk_id}", bulk_id="", version="", data=data)


def _outcome(operation: BulkOperation) -> dict[str, Any]:
    outcome = {"method": operation.method}
    return outcome | {"bulkId": operation.bulk_id} if operation.bulk_id else outcome
