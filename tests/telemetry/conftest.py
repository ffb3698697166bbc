"""A service that tells a collector of this process about every request, at once; and what it said of one."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from local.service import Service
from tests.secret_forms import check_log
from tests.telemetry.collector import Collector, attributes, wait_for

# Milliseconds, so that a test need not wait for the seconds that suit a deployment.
QUICK = {"OPEN_TELEMETRY": "true", "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "200"}


class Told:
    """A running service, and what it tells of its requests: to its log, and to the collector."""

    def __init__(self, service: Service, collector: Collector) -> None:
        self.service = service
        self.collector = collector
        headers = {"Authorization": f"Bearer {service.secret_token}", "Content-Type": "application/scim+json"}
        self.client = httpx.Client(base_url=service.tenant_url, headers=headers, timeout=60)

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of the log about requests, in their order."""
        assert self.service.app.child is not None
        written = self.service.app.child.output().splitlines()
        return [json.loads(line[line.index("{") :]) for line in written if '"invocation": ' in line]

    def last_line(self) -> dict[str, Any]:
        """Return the line about the last request, which is written before it is answered."""
        return self.lines()[-1]

    def span(self, line: dict[str, Any]) -> Span:
        """Wait for the span of the request that a line is about."""

        def find() -> Span | None:
            spans = [each for each in self.collector.spans() if _invocation(each) == line["invocation"]]
            assert len(spans) < 2, "a request has one span"
            return spans[0] if spans else None

        return wait_for(find, f"the span of {line}")

    def children(self, span: Span) -> list[Span]:
        """Return the spans below a span that has come; they are sent before it."""
        return [each for each in self.collector.spans() if each.parent_span_id == span.span_id]


def _invocation(span: Span) -> str | None:
    return attributes(span).get("faas.invocation_id")


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """A service with the switch on; it must log no secret."""
    with Collector() as collector, Service(settings=QUICK | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}) as service:
        running = Told(service, collector)
        with running.client:
            yield running
        check_log(service)
