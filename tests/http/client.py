"""The client of the end-to-end tests: HTTP with every byte of the request line, headers and body under control."""

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

MEDIA_TYPE = "application/scim+json"
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names are lower-case; `body` is what the bytes decode to, None when there are none."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON value of the body. Raises ValueError when it is not JSON."""
        return json.loads(self.content) if self.content else None


class Client:
    """One connection to a Tenant URL; sends what Entra's own client sends unless told otherwise.

    Entra sends no User-Agent, `Accept: application/scim+json` always and Content-Type with a body only.
    """

    def __init__(self, tenant_url: str, secret_token: str) -> None:
        self.tenant_url = tenant_url.rstrip("/")
        self.secret_token = secret_token
        parts = urlsplit(self.tenant_url)
        self._prefix = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._connection.close()

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Send one request below the Tenant URL and return the answer.

        `path` and `query` go out as they are. `body` is bytes sent as they are, or a JSON value; None sends none.
        `headers` replace the usual ones by name; None leaves one out.
        """
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        usual = {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {self.secret_token}"}
        if content is not None:
            usual |= {"Content-Type": f"{MEDIA_TYPE}; charset=utf-8", "Content-Length": str(len(content))}
        return self._send(method, self._target(path, query), _merge(usual, headers or {}), content)

    def call_chunked(self, method: str, path: str, chunks: Iterable[bytes]) -> Answer:
        """Send a body in chunks, without a Content-Length."""
        headers = {"Authorization": f"Bearer {self.secret_token}", "Content-Type": MEDIA_TYPE}
        headers["Transfer-Encoding"] = "chunked"
        framed = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks) + b"0\r\n\r\n"
        return self._send(method, self._target(path, ""), headers, framed)

    def get(self, path: str, query: str = "") -> Any:
        """Return the body of a GET that must succeed."""
        answer = self.call("GET", path, query=query)
        assert answer.status == 200, f"GET {path}?{query}: {answer.status} {answer.content[:500]!r}"
        return answer.body

    def post(self, path: str, body: Any) -> Any:
        """Return the body of a POST that must create."""
        answer = self.call("POST", path, body)
        assert answer.status == 201, f"POST {path}: {answer.status} {answer.content[:500]!r}"
        return answer.body

    def walk(self, path: str, size: int = 200) -> Iterator[dict[str, Any]]:
        """Yield every resource of a list, page by page."""
        start, total = 1, 1
        while start <= total:
            page = self.get(path, f"startIndex={start}&count={size}")
            yield from page["Resources"]
            start, total = start + size, page["totalResults"]

    def dump(self) -> dict[str, Any]:
        """Return everything a tenant can read of itself, by endpoint and id: to see that nothing has changed."""
        return {path: {item["id"]: item for item in self.walk(path)} for path in ("/Users", "/Groups")}

    def _target(self, path: str, query: str) -> str:
        return f"{self._prefix}{path}" + (f"?{query}" if query else "")

    def _send(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        try:
            self._connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                self._connection.putheader(name, value)
            self._connection.endheaders()
            if content:
                self._connection.send(content)
            response = self._connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except Exception:
            self._connection.close()
            raise
        return answer


def _merge(usual: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
    names = {name.lower() for name in given}
    kept = {name: value for name, value in usual.items() if name.lower() not in names}
    return kept | {name: value for name, value in given.items() if value is not None}
