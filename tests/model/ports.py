"""Two ways to the service: the service provider on the in-process directory, and the running app over HTTP."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from scim.errors import ScimError
from scim.http import Request
from scim.schema import resource_types
from tests.http.client import Client
from tests.scim.world import BASE, World


@dataclass(frozen=True, slots=True)
class Said:
    """What the service answers; header names are lower-case."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Port(Protocol):
    """A tenant of the service."""

    base_url: str

    def call(self, method: str, path: str, body: Any = None, query: Any = None, headers: Any = None) -> Said:
        """Send one request below the Tenant URL."""

    def close(self) -> None:
        """Forget the tenant."""


class InProcess:
    """A tenant in memory: everything but the edge and the storage."""

    def __init__(self) -> None:
        self.base_url = BASE
        self._runner = asyncio.Runner()
        self._provider = World().provider

    def call(self, method: str, path: str, body: Any = None, query: Any = None, headers: Any = None) -> Said:
        """Have the service provider carry out one request, and translate its errors as the edge does."""
        request = Request(
            method,
            BASE,
            path={"id": path.split("/")[2]} if path.count("/") == 2 else {},
            query={name: str(value) for name, value in (query or {}).items()},
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=b"" if body is None else json.dumps(body).encode(),
        )
        try:
            answer = self._runner.run(self._perform(request, path))
        except ScimError as error:
            return Said(error.status, error.body(), error.headers)
        return Said(answer.status, answer.body, {name.lower(): value for name, value in answer.headers.items()})

    async def _perform(self, request: Request, path: str) -> Any:
        provider = self._provider
        if path == "/Bulk":
            return await provider.bulk(request)
        type = resource_types()["User" if path.startswith("/Users") else "Group"]
        if path.endswith("/.search"):
            return await provider.search(request, type)
        one = {"GET": provider.read, "PUT": provider.replace, "PATCH": provider.patch, "DELETE": provider.delete}
        many = {"GET": provider.list, "POST": provider.create}
        return await (one if request.path else many)[request.method](request, type)

    def close(self) -> None:
        """Close the event loop."""
        self._runner.close()


class OverHttp:
    """A tenant of the running app."""

    def __init__(self, client: Client) -> None:
        self.base_url = client.tenant_url
        self._client = client

    def call(self, method: str, path: str, body: Any = None, query: Any = None, headers: Any = None) -> Said:
        """Send one request."""
        answer = self._client.call(method, path, body, query=urlencode(query or {}), headers=headers)
        return Said(answer.status, answer.body, answer.headers)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
