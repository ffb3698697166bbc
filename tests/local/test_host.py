import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local.host import HostSettings
from tests.local import sample_app
from tests.local.cases import CASES, Case
from tests.local.wire import send

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
async def test_a_request_is_answered_as_the_functions_host_does(case: Case, port: int) -> None:
    answer = await send(port, case.request, *case.headers, body=case.body)

    assert answer.status == case.status
    told = json.loads(answer.body) if answer.body else {}
    assert {name: told.get(name) for name in case.told} == case.told
    assert case.told or not answer.body


@pytest.mark.parametrize(
    ("kind", "content_type", "body"),
    [("text", "text/plain; charset=utf-8", b"plain"), ("headers", "application/scim+json", b"{}")],
)
async def test_only_text_types_get_a_charset(kind: str, content_type: str, body: bytes, port: int) -> None:
    answer = await send(port, f"GET /answers/{kind}")

    assert (answer.headers["content-type"], answer.body) == (content_type, body)


async def test_a_handlers_headers_come_before_those_of_host_json(port: int) -> None:
    own, host = await send(port, "GET /answers/headers"), await send(port, "GET /answers/text")

    assert (own.headers["x-content-type-options"], host.headers["x-content-type-options"]) == ("own", "nosniff")
    assert (own.headers["etag"], own.headers["set-cookie"]) == ('W/"7"', "a=b")


async def test_the_answer_to_head_has_the_length_but_not_the_body(port: int) -> None:
    answer = await send(port, "HEAD /answers/text")

    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "5", b"")


async def test_a_handler_that_wants_its_context_gets_it(port: int) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    asynchronous = await send(port, "GET /context", f"traceparent: {trace}")
    synchronous = await send(port, "GET /threads")

    assert json.loads(asynchronous.body) == ["GET", "context_of", 36, trace, trace]
    assert json.loads(synchronous.body) == ["threads", "GET"]


@pytest.mark.parametrize(
    ("request_line", "status", "runs"),
    [
        ("POST /admin/functions/tick", 202, 1),
        ("POST /admin/functions/TICK", 202, 1),
        ("GET /admin/functions/tick", 404, 0),
        ("POST /admin/functions/healthz", 404, 0),
        ("POST /admin/functions/unknown", 404, 0),
    ],
)
async def test_a_timer_function_runs_when_it_is_asked_to(request_line: str, status: int, runs: int, port: int) -> None:
    sample_app.ticks.clear()

    answer = await send(port, request_line, "Content-Length: 2", body=b"{}")
    await asyncio.sleep(0)

    assert (answer.status, len(sample_app.ticks)) == (status, runs)


async def test_requests_are_answered_at_the_same_time(port: int) -> None:
    answers = await asyncio.gather(*(send(port, f"GET /things/{number}") for number in range(50)))

    assert [json.loads(answer.body)["route_params"]["id"] for answer in answers] == [str(n) for n in range(50)]


def test_the_projects_host_json_has_no_route_prefix() -> None:
    settings = HostSettings.read(ROOT)

    assert settings.route_prefix == ""
    assert settings.custom_headers == {"X-Content-Type-Options": "nosniff"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_the_host_finishes_the_request_under_way_and_ends_well_on(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "local.host", "--port", "0", "--app", "tests.local.sample_app"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    port = int((await process.stderr.readline()).rsplit(b":", 1)[1])

    request = asyncio.create_task(send(port, "GET /slow"))
    assert b"has begun" in await process.stderr.readline()
    process.send_signal(number)
    answer = await request

    assert (answer.status, await asyncio.wait_for(process.wait(), 15)) == (200, 0)


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = _start("--port", str(taken.getsockname()[1]), "--app", "tests.local.sample_app")

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "Address already in use" in done.stderr


def test_a_function_that_the_host_refuses_is_told_in_one_sentence() -> None:
    done = _start("--port", "0", "--app", "tests.local.refused_app")

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "'administrators/{id}' conflicts with the host's own routes" in done.stderr


def _start(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.host", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
