"""HTTP, as much of it as the issuer needs: requests and replies as values, and the server that carries them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

FORM = "application/x-www-form-urlencoded"
_LONGEST = 64 * 1024  # bytes of a form
_IDLE = 30.0  # seconds that a connection is kept open without a request


@dataclass(frozen=True, slots=True)
class Request:
    """A request: parameters of the query and of a form apart."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    authorization: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the query and of the form."""
        return {**self.query, **self.form}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: str = ""
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    """Return JSON; names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body), "application/json; charset=utf-8", named)


def redirect(url: str, parameters: Mapping[str, str], **headers: str) -> Reply:
    """Send the browser to a URL with parameters added to its query."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(HTTPStatus.FOUND, headers={"Location": urlunsplit(parts._replace(query=query))} | named)


def make_server(port: int, answer: Callable[[Request], Reply]) -> ThreadingHTTPServer:
    """Return a server on the loopback interface; port 0 takes a free one. Raise OSError if it is in use."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _IDLE

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > _LONGEST:
                self.close_connection = True
                self._send(Reply(HTTPStatus.BAD_REQUEST, "a form with a Content-Length is expected"))
                return
            content = self.rfile.read(int(length))
            form = self.headers.get_content_type() == FORM
            self._answer(_parameters(content.decode(errors="replace")) if form else {})

        def _answer(self, form: Mapping[str, str]) -> None:
            parts = urlsplit(self.path)
            self._send(
                answer(
                    Request(
                        self.command,
                        parts.path,
                        _parameters(parts.query),
                        form,
                        _cookies(self.headers.get("Cookie", "")),
                        self.headers.get("Authorization", ""),
                    )
                )
            )

        def _send(self, reply: Reply) -> None:
            content = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: what is asked of the issuer has codes and tokens in it."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


def _parameters(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
