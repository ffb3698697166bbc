"""The wire: HTTP as the provisioning service speaks it.

No User-Agent; `Accept: application/scim+json`; a content type only with a body; filters form-encoded; an ActivityId
with every request. Connections are reused. A request that gets no answer at all is sent again, as a caller would who
cannot know whether it arrived; if that goes on, the target is unreachable and the job stops.
"""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

import httpx

from entra.credentials import Credentials
from entra.dialect import FLAG, Dialect
from entra.errors import JobError, ObjectError
from entra.exchange import Exchange

MEDIA_TYPE = "application/scim+json"
TIMEOUT = 100.0  # seconds; Entra's own is not documented, this is the default of its HTTP library
_AGAIN_AFTER = (0.2, 1.0)  # seconds before a request without an answer is sent again
_LONGEST_WAIT = 60.0  # seconds that a Retry-After is honoured for; three times at most
_UNAUTHORIZED, _TOO_MANY = 401, 429


@dataclass(slots=True)
class Traffic:
    """What went over the wire."""

    requests: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    sent_again: int = 0

    @property
    def writes(self) -> int:
        """How many requests were to change something."""
        return sum(count for method, count in self.requests.items() if method != "GET")

    def percentile(self, share: float) -> float:
        """Return the latency in seconds that this share of the requests stayed under (0.95: ninety-five per cent)."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Wire:
    """A connection to one SCIM service provider."""

    def __init__(
        self,
        tenant_url: str,
        credentials: Credentials,
        dialect: Dialect,
        *,
        width: int = 8,
        timeout: float = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base, _ = split_tenant_url(tenant_url)
        self.dialect = dialect
        self.traffic = Traffic()
        self._credentials = credentials
        limits = httpx.Limits(max_connections=width, max_keepalive_connections=width)
        # trust_env off: a proxy of the environment must not stand between the rehearsal and a local service.
        self._client = httpx.AsyncClient(timeout=timeout, limits=limits, transport=transport, trust_env=False)
        for name in ("User-Agent", "Accept-Encoding"):
            del self._client.headers[name]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, **query: str) -> Exchange:
        """Send a GET; the query's parameters go in the order given."""
        return await self.send("GET", path, query=query)

    async def send(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Exchange:
        """Send a request and return the exchange, whatever the status.

        Raise JobError if the target cannot be reached, ObjectError if it does not answer in time.
        """
        url = self.base + path + self._query(query or {})
        exchange = await self._once(method, url, body)
        if exchange.status == _UNAUTHORIZED and self._credentials.refused():
            exchange = await self._once(method, url, body)
        for _ in range(3):
            wait = _seconds(exchange.retry_after) if exchange.status == _TOO_MANY else None
            if wait is None or wait > _LONGEST_WAIT:
                break
            await asyncio.sleep(wait)
            exchange = await self._once(method, url, body)
        return exchange

    async def _once(self, method: str, url: str, body: Any) -> Exchange:
        for wait in (*_AGAIN_AFTER, None):
            try:
                return await self._exchange(method, url, body)
            except httpx.TimeoutException:
                raise ObjectError("Timeout", f"{method} {url} was not answered in time") from None
            except (httpx.TransportError, httpx.DecodingError) as problem:
                if wait is None:
                    said = f"An error occurred while sending the request: {method} {url}: {problem!r}"
                    raise JobError(
                        "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable", said
                    ) from None
                self.traffic.sent_again += 1
                await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    async def _exchange(self, method: str, url: str, body: Any) -> Exchange:
        activity = str(uuid.uuid4())
        token = await self._credentials.token(self._client)
        headers = {"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE, "ADSCIMVersion": "5.0"}
        headers["ActivityId"] = activity
        content = None
        if body is not None:
            headers["Content-Type"] = f"{MEDIA_TYPE}; charset=utf-8"
            content = json.dumps(body, ensure_ascii=False).encode()
        began = time.perf_counter()
        answer = await self._client.request(method, url, headers=headers, content=content)
        seconds = time.perf_counter() - began
        self.traffic.requests[method] += 1
        self.traffic.seconds.append(seconds)
        return Exchange(
            method=method,
            url=url,
            sent=body,
            status=answer.status_code,
            media_type=answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            text=answer.text,
            seconds=seconds,
            activity=activity,
            retry_after=answer.headers.get("Retry-After", ""),
            body=_json(answer.content),
        )

    def _query(self, query: Mapping[str, str]) -> str:
        encode = quote_plus if self.dialect.spaces == "+" else lambda text: quote(text, safe="")
        return "?" + "&".join(f"{name}={encode(value)}" for name, value in query.items()) if query else ""


def split_tenant_url(tenant_url: str) -> tuple[str, bool]:
    """Return the URL that `/Users` is appended to, and whether the flag aadOptscim062020 stood in its query."""
    parts = urlsplit(tenant_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{tenant_url!r} is not a Tenant URL")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", "")), FLAG in parts.query


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _seconds(retry_after: str) -> float | None:
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        return None
