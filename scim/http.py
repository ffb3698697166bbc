"""A request and a response as the protocol sees them: values without a socket, a host or a framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEDIA_TYPE = "application/scim+json"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request below the base URL.

    `headers` are keyed by lower-case name, `query` by name as sent; both hold one string per name, as the
    Functions host delivers them. `base_url` is the Tenant URL without a trailing slash.
    """

    method: str
    base_url: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered: `body` is a JSON value, or None for an empty body (204, 304)."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
