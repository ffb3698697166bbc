"""The edge: from the Functions host's request to the protocol's and back, with the bearer check in between.

Beside function_app.py the only module that knows azure.functions. Errors are translated here, once: a ScimError is
the client's answer; anything else is a bug, logged with its traceback and answered with a 500 that says nothing.
"""

import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import azure.functions as func

from identity.limits import caller_of
from identity.settings import BASE_URL, tenant_url
from scim.errors import (
    InternalError,
    LengthRequired,
    MethodNotAllowed,
    NotFound,
    ScimError,
    TooLarge,
    UnsupportedMediaType,
)
from scim.http import MEDIA_TYPE, Request, Response
from scim.limits import MAX_BODY
from scim.provider import ServiceProvider
from service import Service
from storage.faults import Denied
from storage.meter import metered
from storage.settings import SettingsError
from telemetry import switch
from telemetry.report import Report

if TYPE_CHECKING:
    from identity.oauth import OAuth
    from identity.signin import SignIn
    from identity.signin_pages import Page

BASE_PATH = "scim/v2"

_log = logging.getLogger("scim")
_service = Service()
_signals = switch.start(os.environ)
_MEDIA_TYPES = {"", MEDIA_TYPE, "application/json"}
_WITH_BODY = {"POST", "PUT", "PATCH"}
_BARE_CURSOR = re.compile(r"[?&]cursor=?(?:&|$)")
_declared: dict[str, set[str]] = {}

Operation: TypeAlias = Callable[[ServiceProvider, Request], Response | Awaitable[Response]]
Authorization: TypeAlias = "Callable[[OAuth, Request, str], Response | Awaitable[Response]]"
Visit: TypeAlias = "Callable[[SignIn, Request, str], Awaitable[Page]]"


def declare(method: str, path: str) -> None:
    """Note that a function answers this method of this path below the base path; the others are answered 405."""
    _declared.setdefault(path, set()).add(method)


async def serve(http: func.HttpRequest, context: func.Context, operation: Operation) -> func.HttpResponse:
    """Carry out one SCIM operation and answer it, whatever happens, as SCIM; write one line about it to the log."""

    async def carry_out(request: Request) -> Response:
        principal = await _service.authenticate(request)
        report.tenant, report.credential = principal.tenant_id, principal.credential_id
        async with _service.turn(principal.tenant_id):
            answer = operation(_service.provider(principal.tenant_id), request)
            return answer if isinstance(answer, Response) else await answer

    with _reported(http, context) as report:
        response = await _scim(http, context, carry_out)
        report.answered(response.status, response.body)
    return _http_response(response)


async def serve_me(http: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Carry out an operation on the user who is signed in, and answer it as `serve` does."""
    with _reported(http, context) as report:
        response = await _scim(http, context, _service.me)
        report.answered(response.status, response.body)
    return _http_response(response)


async def _scim(
    http: func.HttpRequest, context: func.Context, carry_out: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        return await carry_out(_request(http))
    except ScimError as error:
        _tell(error)
        return _refusal(error)
    except Exception:  # noqa: BLE001  # the one boundary: whatever a bug raises, the client gets SCIM
        _log.exception("The operation failed; invocation %s", context.invocation_id)
        return _refusal(InternalError("The service failed. The failure is logged; please try again later."))


async def authorize(http: func.HttpRequest, context: func.Context, operation: Authorization) -> func.HttpResponse:
    """Answer a request to the authorization server as OAuth does, whatever happens; write one line to the log."""
    with _reported(http, context) as report:
        try:
            answer = operation(_service.oauth(), _message(http), caller_of(_headers(http)))
            response = answer if isinstance(answer, Response) else await answer
        except ScimError as error:
            body = {"error": "temporarily_unavailable", "error_description": error.detail}
            response = Response(error.status, body, error.headers)
            _tell(error)
        except Exception:  # noqa: BLE001  # the one boundary here
            _log.exception("The operation failed; invocation %s", context.invocation_id)
            response = Response(500, {"error": "server_error", "error_description": "The service failed."})
        report.answered(response.status)
    return _http_response(response, "application/json")


async def browse(http: func.HttpRequest, context: func.Context, visit: Visit) -> func.HttpResponse:
    """Answer a browser with a page, whatever happens; write one line to the log."""
    with _reported(http, context) as report:
        try:
            answer = _page(await _visit(http, visit))
        except Exception as error:  # noqa: BLE001  # the one boundary here
            _tell(error)
            _log.exception("The page failed; invocation %s", context.invocation_id)
            answer = func.HttpResponse("The service failed. Please try again later.", status_code=500)
        report.answered(answer.status_code)
    return answer


async def _visit(http: func.HttpRequest, visit: Visit) -> "Page":
    signin = _service.signin()
    try:
        return signin.switched_off() or await visit(signin, _message(http), caller_of(_headers(http)))
    except ScimError as error:
        _tell(error)
        return signin.unavailable(error)


async def health() -> func.HttpResponse:
    """Answer whether the storage answers: 200, or 503."""
    return await _told(_service.ping)


async def readiness() -> func.HttpResponse:
    """Answer whether every setting has a meaning and every table is there: 200, or 503."""

    async def ready() -> None:
        switch.destination(os.environ)
        await _service.ready()

    return await _told(ready)


async def _told(check: Callable[[], Awaitable[None]]) -> func.HttpResponse:
    """Answer 200, or 503 and the reason, with Retry-After where waiting may help."""
    try:
        await check()
    except (ScimError, SettingsError) as error:
        detail = error.detail if isinstance(error, ScimError) else str(error)
        headers = error.headers if isinstance(error, ScimError) else {}
        _tell(error)
        body, status = {"status": "fail", "detail": detail}, 503
    else:
        body, status, headers = {"status": "pass"}, 200, {}
    return func.HttpResponse(json.dumps(body), status_code=status, headers=headers, mimetype="application/json")


async def maintain() -> None:
    """Take care of the data of all tenants. What it raises, the host counts and logs as a failure."""
    try:
        await _service.maintain()
    except (ScimError, SettingsError) as error:
        _tell(error)
        raise


def unmatched(request: Request) -> Response:
    """Refuse what no function declares: 405 with Allow where the path is one of ours, else 404."""
    path = request.path.get("path", "").strip("/")
    allowed = [method for declared, methods in _declared.items() if _matches(declared, path) for method in methods]
    if allowed:
        allow = ", ".join(sorted(set(allowed)))
        raise MethodNotAllowed(f"{request.method} is not allowed here; allowed: {allow}", headers={"Allow": allow})
    raise NotFound("There is no such endpoint: the Tenant URL ends with /scim/v2, and /Users or /Groups follow it")


def _matches(declared: str, path: str) -> bool:
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(f"{BASE_PATH}/{declared}"))
    return re.fullmatch(pattern, f"scim/{path}", re.IGNORECASE) is not None


def _request(http: func.HttpRequest) -> Request:
    """Translate the host's request. Raises what can be known to be wrong before it is read."""
    request = _message(http)
    if http.method in _WITH_BODY:
        _check_body(request.headers, request.body)
    return request


def _headers(http: func.HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in http.headers.items()}


def _message(http: func.HttpRequest) -> Request:
    return Request(
        method=http.method,
        base_url=tenant_url(os.environ.get(BASE_URL, "")) or _base_url(http.url),
        path=dict(http.route_params),
        query=_query(http),
        headers=_headers(http),
        body=http.get_body() or b"",
    )


def _query(http: func.HttpRequest) -> dict[str, str]:
    """Return the query. The host drops what has no value, but `cursor` asks for the first page so (RFC 9865)."""
    query = dict(http.params)
    return query | {"cursor": ""} if "cursor" not in query and _BARE_CURSOR.search(http.url) else query


def _check_body(headers: Mapping[str, str], body: bytes) -> None:
    if not body and "chunked" in headers.get("transfer-encoding", "").lower():
        raise LengthRequired("Send the body with a Content-Length; a chunked body cannot be read here")
    if len(body) > MAX_BODY:
        raise TooLarge(f"The body has {len(body)} bytes; at most {MAX_BODY} are accepted")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise UnsupportedMediaType(f"The body is declared as '{media_type[:100]}'; send {MEDIA_TYPE}")


def _base_url(url: str) -> str:
    """Return scheme, host and base path of the URL that the client called."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{BASE_PATH}"


def _refusal(error: ScimError) -> Response:
    return Response(error.status, error.body(), error.headers)


def _http_response(response: Response, media_type: str = MEDIA_TYPE) -> func.HttpResponse:
    body = b"" if response.body is None else json.dumps(response.body, ensure_ascii=False).encode()
    return func.HttpResponse(
        body, status_code=response.status, headers={**response.headers}, mimetype=media_type, charset="utf-8"
    )


def _page(page: "Page") -> func.HttpResponse:
    answer = func.HttpResponse(
        page.html, status_code=page.status, headers={**page.headers}, mimetype="text/html", charset="utf-8"
    )
    for cookie in page.cookies:
        answer.headers.add("Set-Cookie", cookie)
    return answer


def _tell(error: Exception) -> None:
    """Log what an operator has to repair before the service can serve anybody again."""
    if isinstance(error, Denied):
        _log.error(json.dumps({"event": "storage", "outcome": "denied", "reason": error.advice}))
    elif isinstance(error, SettingsError):
        _log.error(json.dumps({"event": "settings", "outcome": "failed", "reason": str(error)}))


@contextmanager
def _reported(http: func.HttpRequest, context: func.Context) -> Iterator[Report]:
    """Measure a request; write one JSON line about it to the log, and tell OpenTelemetry the same where it is on."""
    with metered(keep=_signals is not None) as meter:
        report = Report(
            context.function_name,
            http.method,
            context.invocation_id,
            meter,
            activity_id=http.headers.get("activityid", "")[:64],
            trace_parent=context.trace_context.trace_parent or http.headers.get("traceparent", ""),
        )
        yield report
    report.end()
    _log.info(json.dumps(report.fields()))
    if _signals is not None:
        _signals.record(report)
