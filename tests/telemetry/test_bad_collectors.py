"""A collector that is gone, silent or hostile changes no answer, wakes nobody, and keeps no process from ending."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from local.azurite import free_port
from local.service import Service
from tests.telemetry.collector import PATIENCE, Collector, wait_for
from tests.telemetry.conftest import QUICK

ANSWERS = [(201, None), (409, "uniqueness"), (200, None), (400, "invalidFilter"), (404, None)]
COMPLAINT = '"event": "telemetry", "outcome": "failed"'


def _ask(service: Service, tenant: str) -> list[tuple[int, str | None]]:
    """Send requests of several kinds to an empty tenant; return each one's status and scimType."""
    headers = {"Authorization": f"Bearer {service.new_token(tenant)}"}
    with httpx.Client(base_url=service.tenant_url, headers=headers, timeout=PATIENCE) as client:
        answers = [
            client.post("/Users", json={"userName": "ana.quetzal@contoso.example"}),
            client.post("/Users", json={"userName": "ana.quetzal@contoso.example"}),
            client.get("/Users?filter=userName%20eq%20%22nobody@contoso.example%22"),
            client.get("/Users?filter=wrong"),
            client.get("/Nothing"),
        ]
    return [(each.status_code, each.json().get("scimType")) for each in answers]


def _told_to(url: str, **settings: str) -> Service:
    ours = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    return Service(settings=QUICK | ours | settings)


def _log(service: Service) -> str:
    assert service.app.child is not None
    return service.app.child.output()


@contextmanager
def _gone() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_port()}"


@contextmanager
def _answering(status: int) -> Iterator[str]:
    with Collector(status) as collector:
        yield collector.url


@contextmanager
def _hanging_up() -> Iterator[str]:
    """Take connections and close them at once."""

    def take(listener: socket.socket) -> None:
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=take, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "bad",
    [
        _gone,
        _hanging_up,
        lambda: _answering(401),
        lambda: _answering(503),
        lambda: _answering(404),
    ],
    ids=["gone", "hangs up", "refuses", "is overloaded", "is something else"],
)
def test_one_that_takes_nothing_changes_no_answer_and_is_complained_of_once(
    bad: Callable[[], AbstractContextManager[str]],
) -> None:
    with bad() as url, _told_to(url) as service:
        first = _ask(service, "first")
        wait_for(lambda: COMPLAINT in _log(service), "a complaint")
        second = _ask(service, "second")
        log = _log(service)

    assert (first, second) == (ANSWERS, ANSWERS)
    assert log.count(COMPLAINT) == 1
    assert "Traceback" not in log
    assert " opentelemetry" not in log


@pytest.mark.parametrize("timeout", ["1", "600"], ids=["is given up", "is waited for"])
def test_a_silent_one_changes_no_answer_and_keeps_no_process_from_ending(timeout: str) -> None:
    silence = threading.Event()
    with (
        Collector(silence=silence) as collector,
        _told_to(collector.url, OTEL_EXPORTER_OTLP_TIMEOUT=timeout) as service,
    ):
        first = _ask(service, "first")
        wait_for(lambda: len(collector.bodies) >= 2, "spans and measurements, which it does not acknowledge")
        second = _ask(service, "second")

        child = service.app.child
        assert child is not None
        child._process.send_signal(signal.SIGTERM)
        ended = child._process.wait(PATIENCE)
        silence.set()

    assert (first, second) == (ANSWERS, ANSWERS)
    assert ended == 0


def test_what_has_not_been_sent_is_sent_when_the_process_ends() -> None:
    with Collector() as collector:
        late = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_METRIC_EXPORT_INTERVAL": "600000"}
        with _told_to(collector.url, **late) as service:
            _ask(service, "first")
            assert collector.bodies == []

        assert {"users_create", "zz_unmatched"} <= {span.name for span in collector.spans()}
        assert collector.metrics().keys() == {"scim.requests", "scim.request.duration", "scim.request.storage_calls"}


def test_more_spans_than_a_queue_holds_are_lost_and_no_request_is() -> None:
    silence = threading.Event()
    full = {"OTEL_BSP_MAX_QUEUE_SIZE": "2", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"}
    with Collector(silence=silence) as collector, _told_to(collector.url, **full) as service:
        answers = [_ask(service, f"tenant-{number}") for number in range(4)]
        silence.set()

    assert answers == [ANSWERS] * 4
