"""A collector of OpenTelemetry's own protocol over HTTP, which keeps what it is sent; or does not behave as one."""

import gzip
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE = 60.0  # seconds: the machine may be busy


class Collector:
    """Listens on a free port. `answer` is what it answers with, after `silence`, an event that it waits for."""

    def __init__(self, answer: int = 200, silence: threading.Event | None = None) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self._received: dict[str, list[bytes]] = {"/v1/traces": [], "/v1/metrics": []}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, answer, silence))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """What OTEL_EXPORTER_OTLP_ENDPOINT must be."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Keep what was sent."""
        plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        self.headers.append(headers)
        self.bodies.append(plain)
        self._received[path].append(plain)

    def spans(self) -> list[Span]:
        """Return all spans that have come."""
        requests = map(ExportTraceServiceRequest.FromString, self._received["/v1/traces"])
        return [s for each in requests for r in each.resource_spans for scope in r.scope_spans for s in scope.spans]

    def resources(self) -> list[dict[str, Any]]:
        """Return whom the spans were said to come from."""
        requests = map(ExportTraceServiceRequest.FromString, self._received["/v1/traces"])
        return [attributes(r.resource) for each in requests for r in each.resource_spans]

    def metrics(self) -> dict[str, Metric]:
        """Return the newest state of each metric."""
        requests = map(ExportMetricsServiceRequest.FromString, self._received["/v1/metrics"])
        found = [m for each in requests for r in each.resource_metrics for s in r.scope_metrics for m in s.metrics]
        return {metric.name: metric for metric in found}


def _handler(collector: Collector, answer: int, silence: threading.Event | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.receive(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            if silence is not None:
                silence.wait(PATIENCE)
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def attributes(holder: Any) -> dict[str, Any]:
    """Return the attributes of a span, a resource or a measurement as Python values."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in holder.attributes}


def wait_for(found: Callable[[], Any], what: str) -> Any:
    """Ask until there is an answer that is true, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {PATIENCE:.0f} s")
