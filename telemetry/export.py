"""Where signals go: OpenTelemetry's SDK, which sends from threads of its own what requests leave in its queues.

A queue that is full loses spans; no request waits for one. What the libraries read from the environment beside the
defaults below (OTEL_EXPORTER_OTLP_HEADERS and many more) means what OpenTelemetry's specification says.
"""

import atexit
import os
from threading import Event, Thread

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind

from telemetry.complaints import listen
from telemetry.signals import Signals
from telemetry.switch import Destination

_SCOPE = "ideo-scim"
_EXPORT_SECONDS = 5  # of one attempt to send, all that belongs to it included
_CLOSING_SECONDS = 5.0

# What the libraries read from the environment, where it says nothing else.
_DEFAULTS = {
    # The name under which the Functions host tells of the same app.
    "OTEL_SERVICE_NAME": os.environ.get("WEBSITE_SITE_NAME", "") or _SCOPE,
    # The SDK's default obeys the caller, and a .NET client that traces nothing itself asks that nothing be traced.
    "OTEL_TRACES_SAMPLER": "always_on",
    "OTEL_EXPORTER_OTLP_TIMEOUT": str(_EXPORT_SECONDS),
    # What Azure Monitor's exporter would tell of itself, and be told, by connections of its own.
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED": "true",
}


def signals_to(destination: Destination) -> Signals:
    """Start what sends to the destination, and return what it is told by. Raises what the libraries raise."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    listen()
    if destination is Destination.OTLP:
        return _signals(*_otlp(), SpanKind.SERVER)
    # The host has told Application Insights of the request itself: a second one would be counted as a second one.
    return _signals(*_azure_monitor(), SpanKind.INTERNAL)


def _signals(spans: SpanExporter, metrics: MetricExporter, kind: SpanKind) -> Signals:
    resource = Resource.create()
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    meters = MeterProvider([PeriodicExportingMetricReader(metrics)], resource, shutdown_on_exit=False)
    atexit.register(_Closing(tracers, meters).wait)
    return Signals(tracers.get_tracer(_SCOPE), meters.get_meter(_SCOPE), kind)


def _otlp() -> tuple[SpanExporter, MetricExporter]:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    return OTLPSpanExporter(), OTLPMetricExporter()


def _azure_monitor() -> tuple[SpanExporter, MetricExporter]:
    """Return what sends to Application Insights, as whom APPLICATIONINSIGHTS_AUTHENTICATION_STRING says."""
    from azure.monitor.opentelemetry.exporter import (  # noqa: PLC0415
        AzureMonitorMetricExporter,
        AzureMonitorTraceExporter,
    )

    options = {
        "timeout": _EXPORT_SECONDS,
        "read_timeout": _EXPORT_SECONDS,
        "retry_total": 1,
        "disable_offline_storage": True,  # nothing is left on a disk
    }
    return AzureMonitorTraceExporter(**options), AzureMonitorMetricExporter(**options)


class _Closing:
    """Sends what has not been sent when the process ends, for some seconds at most: a collector may be silent.

    By a thread that waits for it from the beginning, for at its end a process starts no more.
    """

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self._providers = (tracers, meters)
        self._ending = Event()
        self._thread = Thread(target=self._close, name="telemetry-closing", daemon=True)
        self._thread.start()

    def _close(self) -> None:
        self._ending.wait()
        for provider in self._providers:
            provider.shutdown()

    def wait(self) -> None:
        """Have it done, or give it up."""
        self._ending.set()
        self._thread.join(_CLOSING_SECONDS)
