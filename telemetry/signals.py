"""A request as OpenTelemetry tells it: a span, one below it for each storage call, and three instruments.

Names follow OpenTelemetry's semantic conventions where they have one. Everything is told at the end of a request, from
its report: while it is carried out, nothing here has a part in it.
"""

import logging
import time
from typing import Any

from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from storage.meter import Call
from telemetry.report import Report

# Field of the log line -> attribute of the span. How long it took is the length of the span.
_ATTRIBUTES = {
    "operation": "scim.operation",
    "tenant": "scim.tenant",
    "credential": "scim.credential",
    "status": "scim.status",
    "scimType": "scim.scim_type",
    "storageCalls": "scim.storage_calls",
    "storageRoundTrips": "scim.storage_round_trips",
    "activityId": "scim.activity_id",
    "invocation": "faas.invocation_id",
}
# Any other is named so by the conventions: a client may write into it what it likes.
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
_OTHER_METHOD = "_OTHER"
# That a row is not there, there already or changed is an answer, and how most operations find out.
_ANSWERS = {"404", "409", "412"}
_SERVER_ERROR = 500
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_CALLS = (0, 1, 2, 3, 4, 5, 8, 13, 20, 50, 100, 500, 1000)

_log = logging.getLogger("telemetry")
_propagator = TraceContextTextMapPropagator()


class Signals:
    """What tells of requests, through a tracer and a meter; `kind` is that of the spans of requests."""

    def __init__(self, tracer: Tracer, meter: Meter, kind: SpanKind) -> None:
        self._tracer = tracer
        self._kind = kind
        self._requests = meter.create_counter("scim.requests", "{request}", "Requests that were answered")
        # Not http.server.request.duration: Azure Monitor's exporter would leave out all attributes of that one.
        self._duration = meter.create_histogram(
            "scim.request.duration", "s", "How long requests took", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._storage_calls = meter.create_histogram(
            "scim.request.storage_calls",
            "{call}",
            "Storage calls of requests",
            explicit_bucket_boundaries_advisory=_CALLS,
        )

    def record(self, report: Report) -> None:
        """Tell of a request that has ended. Never raises: it has its answer."""
        try:
            self._measure(report, set_span_in_context(self._trace(report), Context()))
        except Exception:  # noqa: BLE001
            _log.exception("OpenTelemetry could not be told of invocation %s", report.invocation)

    def _trace(self, report: Report) -> Span:
        """Make the spans of a request, with the times that were taken, and return the topmost."""
        now = time.time_ns() - time.monotonic_ns()
        # Without the header tracestate: it is free text of the client's.
        caller = _propagator.extract({"traceparent": report.trace_parent}, Context())
        span = self._tracer.start_span(
            report.operation, caller, self._kind, _request_attributes(report), start_time=now + report.began
        )
        if span.is_recording():
            for call in report.meter.kept or ():
                self._trace_call(call, set_span_in_context(span, Context()), now)
        if report.status >= _SERVER_ERROR:
            span.set_status(Status(StatusCode.ERROR))
        span.end(now + report.ended)
        return span

    def _trace_call(self, call: Call, request: Context, now: int) -> None:
        attributes = {
            "db.system.name": "azure.tables",
            "db.operation.name": call.verb,
            "db.collection.name": call.table,
        }
        failed = bool(call.error) and call.error not in _ANSWERS
        if call.error:
            attributes["error.type" if failed else "db.response.status_code"] = call.error
        name = f"{call.verb} {call.table}"
        span = self._tracer.start_span(name, request, SpanKind.CLIENT, attributes, start_time=now + call.began)
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(now + call.ended)

    def _measure(self, report: Report, context: Context) -> None:
        attributes = _dimensions(report)
        self._requests.add(1, attributes, context)
        self._duration.record(report.seconds, attributes, context)
        self._storage_calls.record(report.meter.calls, attributes, context)


def _request_attributes(report: Report) -> dict[str, Any]:
    fields = report.fields()
    attributes = {name: fields[field] for field, name in _ATTRIBUTES.items() if field in fields}
    attributes["http.request.method"] = report.method if report.method in _METHODS else _OTHER_METHOD
    attributes["http.response.status_code"] = report.status
    if report.status >= _SERVER_ERROR:
        attributes["error.type"] = str(report.status)
    return attributes


def _dimensions(report: Report) -> dict[str, str]:
    """Return what measurements are told apart by: few values each, for a series is kept for each combination."""
    dimensions = {
        "scim.operation": report.operation,
        "scim.tenant": report.tenant,
        "scim.status_class": f"{report.status // 100}xx",
        "scim.scim_type": report.scim_type,
    }
    return {name: value for name, value in dimensions.items() if value is not None}
