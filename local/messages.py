"""Between HTTP and the values that functions take and give: requests in, responses out, the invocation context."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import azure.functions as func
from aiohttp import web
from multidict import CIMultiDict

from local.target import Target


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The W3C trace context of the request, under both spellings that the worker offers."""

    trace_parent: str
    trace_state: str
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def Traceparent(self) -> str:  # noqa: N802 - the worker's name
        """The header traceparent."""
        return self.trace_parent

    @property
    def Tracestate(self) -> str:  # noqa: N802 - the worker's name
        """The header tracestate."""
        return self.trace_state

    @property
    def Attributes(self) -> dict[str, str]:  # noqa: N802 - the worker's name
        """What the host adds to the trace."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class RetryContext:
    """How often the invocation was tried before: never, for the host retries neither HTTP requests nor manual runs."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """The context that a handler gets when it has a parameter called `context`; the attributes of func.Context."""

    invocation_id: str
    function_name: str
    function_directory: str
    trace_context: TraceContext
    retry_context: RetryContext = field(default_factory=RetryContext)
    thread_local_storage: threading.local = field(default_factory=threading.local)


def trace_of(headers: Mapping[str, str]) -> TraceContext:
    """Read the trace context from lower-cased request headers."""
    return TraceContext(headers.get("traceparent", ""), headers.get("tracestate", ""))


async def read_request(request: web.Request, target: Target, parameters: dict[str, str]) -> func.HttpRequest:
    """Build the request that the handler gets, its body read as the Functions host reads it.

    The host reads a body only when Content-Length announces one: a chunked body arrives empty.
    """
    body = await request.read() if request.content_length else b""
    return func.HttpRequest(
        request.method,
        target.url(request.scheme, request.headers.get("Host", "")),
        headers=_joined(request.headers.items()),
        params=target.values(),
        route_params=parameters,
        body=body,
    )


def write_response(answer: func.HttpResponse, custom: Mapping[str, str]) -> web.Response:
    """Build the HTTP response to a handler's answer; the headers of host.json fill in what it has not set."""
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in answer.headers.items():
        if name.lower() == "set-cookie":
            headers.add(name, value)
        else:
            headers[name] = value  # a dictionary on its way through the host: only cookies may repeat
    # The worker adds the charset to text types alone.
    charset = f"; charset={answer.charset}" if answer.mimetype.startswith("text/") else ""
    headers.setdefault("Content-Type", f"{answer.mimetype}{charset}")
    for name, value in custom.items():
        headers.setdefault(name, value)
    return web.Response(status=answer.status_code, body=answer.get_body(), headers=headers)


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Lower-case the names; join the values of a repeated name by commas, the empty ones left out."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    return {name: ",".join(filter(None, several)) for name, several in values.items()}
