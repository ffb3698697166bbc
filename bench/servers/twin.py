"""Our protocol on the in-process directory, behind the same HTTP server as scim2-server, and like it without tokens.

Usage: python -m bench.servers.twin PORT
"""

import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.dispatch import BASE_PATH, carry_out, request_of
from bench.servers.asgi import run
from scim.errors import ScimError
from scim.http import MEDIA_TYPE, Request, Response
from scim.provider import ServiceProvider
from storage.ids import Mint
from storage.memory import MemoryDirectory

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Twin:
    """An ASGI application: one tenant, kept in memory."""

    def __init__(self) -> None:
        self._provider = ServiceProvider(MemoryDirectory(Mint(time.time, secrets.token_bytes)), time.monotonic)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request; the messages of the server's own life are not ours."""
        if scope["type"] != "http":
            return
        try:
            response = await carry_out(self._provider, await _request(scope, receive))
        except ScimError as error:
            response = Response(error.status, error.body(), error.headers)
        await _send(response, send)


async def _request(scope: Message, receive: Receive) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, query = scope["path"].removeprefix(BASE_PATH), scope["query_string"].decode()
    host, body = headers.get("host", ""), await _body(receive)
    return request_of(scope["method"], path, query, host=host, headers=headers, body=body)


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
