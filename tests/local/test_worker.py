"""The same app, the same requests: once called directly, once through the worker library of Azure."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

if sys.version_info < (3, 13):
    pytest.skip("needs Python 3.13: azure-functions-runtime runs on nothing older", allow_module_level=True)

from local.app import App
from local.functions import Functions
from local.service import Service
from tests.local.cases import CASES, Case
from tests.local.conftest import serving
from tests.local.wire import Answer, send
from tests.local.worker import index, through_worker
from tests.telemetry.collector import Collector, wait_for

APP = "sample_app"
VARYING = {"date"}


@pytest.fixture(scope="module")
def ids() -> dict[str, str]:
    return index(Path(__file__).parent, APP)


@pytest.fixture
async def worker_port(functions: Functions, ids: dict[str, str]) -> AsyncIterator[int]:
    async with serving(through_worker(functions, ids)) as number:
        yield number


def _steady(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
    return answer.status, headers, answer.body


def test_the_worker_finds_the_functions_that_the_local_host_finds(functions: Functions, ids: dict[str, str]) -> None:
    assert {each.name for each in functions.http} | {each.name for each in functions.timers.values()} == set(ids)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
async def test_the_worker_gives_the_answer_of_the_local_host(case: Case, port: int, worker_port: int) -> None:
    here, there = [await send(each, case.request, *case.headers, body=case.body) for each in (port, worker_port)]

    assert _steady(here) == _steady(there)


@pytest.mark.parametrize("path", ["answers/text", "answers/headers", "answers/other", "context", "threads"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_worker_gives_the_headers_of_the_local_host(
    method: str, path: str, port: int, worker_port: int
) -> None:
    trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    here, there = [await send(each, f"{method} /{path}", trace) for each in (port, worker_port)]

    assert _steady(here) == _steady(there)


async def test_the_worker_runs_a_timer_function(worker_port: int) -> None:
    ticks = importlib.import_module(APP).ticks
    ticks.clear()

    answer = await send(worker_port, "POST /admin/functions/tick", "Content-Length: 2", body=b"{}")
    await asyncio.sleep(0)

    assert (answer.status, ticks) == (202, [False])


REQUESTS = [
    ("GET", "/healthz", None),
    ("GET", "/scim/v2/ServiceProviderConfig", None),
    ("GET", "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", None),
    ("GET", "/scim/v2/Users/{id}", None),
    ("GET", "/scim/v2/Users?filter=userName%20eq%20%22ana%40example.test%22", None),
    ("POST", "/scim/v2/Users/.search", {"filter": "userName sw"}),
    ("POST", "/scim/v2/Users", {"userName": "ana@example.test"}),
    ("PUT", "/scim/v2/Users", {}),
    ("DELETE", "/scim/v2/Users/unknown", None),
    ("GET", "/scim/v2/Nothing", None),
    ("GET", "/nothing", None),
]


def test_the_projects_app_gives_the_same_answers_through_the_worker() -> None:
    with Service() as service, httpx.Client(timeout=120) as client:
        client.headers = {"Authorization": f"Bearer {service.secret_token}", "Host": "example.test"}
        worker = App(service.connection_string, host="tests.local.worker_host").start()
        try:
            worker.wait()
            user = client.post(f"{worker.url}/scim/v2/Users", json={"userName": "ana@example.test"}).json()
            here, there = [_ask(client, url, user["id"]) for url in (service.app.url, worker.url)]
        finally:
            worker.stop()

    assert [status for status, _, _ in here] == [200, 200, 200, 200, 200, 400, 409, 405, 404, 404, 404]
    assert here == there


def test_the_projects_app_tells_opentelemetry_of_its_caller_through_the_worker() -> None:
    trace, caller = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with Service() as service, Collector() as collector:
        settings = {
            "OPEN_TELEMETRY": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        worker = App(service.connection_string, host="tests.local.worker_host", settings=settings).start()
        try:
            worker.wait()
            httpx.get(f"{worker.url}/scim/v2/Users", headers={"traceparent": f"00-{trace}-{caller}-00"}, timeout=120)
            (span,) = wait_for(collector.spans, "the span of the request")
        finally:
            worker.stop()

    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("users_list", trace, caller)


def _ask(client: httpx.Client, url: str, id: str) -> list[tuple[int, dict[str, str], bytes]]:
    answers = [client.request(method, url + path.format(id=id), json=body) for method, path, body in REQUESTS]
    return [_steady(Answer(answer.status_code, dict(answer.headers), answer.content)) for answer in answers]
