"""Our protocol on the in-process directory, behind the same HTTP server as scim2-server, and like it without tokens.

Usage: python -m bench.servers.twin PORT
"""

import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from bench.servers.asgi import run
from scim import discovery
from scim.errors import NotFound, ScimError
from scim.http import MEDIA_TYPE, Request, Response
from scim.provider import ServiceProvider
from scim.schema import resource_types
from storage.ids import Mint
from storage.memory import MemoryDirectory

_BASE = "/scim/v2"
_TYPES = {each.endpoint.removeprefix("/"): each for each in resource_types().values()}

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Twin:
    """An ASGI application: one tenant, kept in memory."""

    def __init__(self) -> None:
        directory = MemoryDirectory(Mint(time.time, secrets.token_bytes))
        provider = ServiceProvider(directory, time.monotonic)
        self._collection = {"GET": provider.list, "POST": provider.create}
        self._resource = {
            "GET": provider.read,
            "PUT": provider.replace,
            "PATCH": provider.patch,
            "DELETE": provider.delete,
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request; the messages of the server's own life are not ours."""
        if scope["type"] != "http":
            return
        try:
            response = await self._carry_out(await _request(scope, receive))
        except ScimError as error:
            response = Response(error.status, error.body(), error.headers)
        await _send(response, send)

    async def _carry_out(self, request: Request) -> Response:
        if request.path["endpoint"] == "ServiceProviderConfig":
            return discovery.service_provider_config(request)
        resource_type = _TYPES.get(request.path["endpoint"])
        operation = (self._resource if request.path["id"] else self._collection).get(request.method)
        if resource_type is None or operation is None:
            raise NotFound("There is no such endpoint")
        return await operation(request, resource_type)


async def _request(scope: Message, receive: Receive) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    endpoint, _, id = scope["path"].removeprefix(f"{_BASE}/").partition("/")
    return Request(
        method=scope["method"],
        base_url=f"{scope['scheme']}://{headers.get('host', '')}{_BASE}",
        path={"endpoint": endpoint, "id": id},
        query=dict(parse_qsl(scope["query_string"].decode())),
        headers=headers,
        body=await _body(receive),
    )


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(response: Response, send: Send) -> None:
    body = b"" if response.body is None else json.dumps(response.body, ensure_ascii=False).encode()
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), **response.headers}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    run(Twin(), int(sys.argv[1]))
