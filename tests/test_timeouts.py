"""Whoever is asked over the network may be silent: every call that goes out has a time-out of ours."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("scim", "storage", "identity", "maintenance", "telemetry", "entra", "local", "infra", "tools", "bench")

# What opens connections, and the argument that bounds the time; `**` where the options are put together before.
BOUNDED = {
    "aiohttp.ClientSession": {"timeout"},
    "httpx.AsyncClient": {"timeout"},
    "httpx.Client": {"timeout"},
    "urlopen": {"timeout"},
    "urllib.request.urlopen": {"timeout"},
    "http.client.HTTPConnection": {"timeout"},
    "http.client.HTTPSConnection": {"timeout"},
    "socket.create_connection": {"timeout"},
    "AzureCliCredential": {"process_timeout"},
    "AzureDeveloperCliCredential": {"process_timeout"},
    "AzureMonitorTraceExporter": {"**"},
    "AzureMonitorMetricExporter": {"**"},
    "TableServiceClient": {"**"},
    "TableServiceClient.from_connection_string": {"**"},
}
# Names that make a connection where the module is called, without an object that could be given a time-out.
UNBOUNDED = {"httpx.get", "httpx.post", "httpx.request", "httpx.stream", "aiohttp.request", "requests.get"}


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Yield where each call is made, what is called, and the names of its arguments."""
    paths = [*ROOT.glob("*.py"), *(path for part in PARTS for path in (ROOT / part).rglob("*.py"))]
    for path in sorted(paths):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield where, ast.unparse(node.func), {each.arg or "**" for each in node.keywords}


CALLS = tuple(calls())


@pytest.mark.parametrize("name", BOUNDED)
def test_a_connection_has_a_timeout(name: str) -> None:
    assert [where for where, called, given in CALLS if called == name and not BOUNDED[name] <= given] == []


def test_nothing_is_asked_by_a_call_that_has_no_place_for_a_timeout() -> None:
    assert [where for where, called, _ in CALLS if called in UNBOUNDED] == []


def test_what_is_searched_for_is_what_the_code_calls() -> None:
    called = {name for _, name, _ in CALLS}
    assert {"aiohttp.ClientSession", "httpx.AsyncClient", "TableServiceClient", "AzureCliCredential"} <= called
