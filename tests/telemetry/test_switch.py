"""One setting switches OpenTelemetry on, another says where it sends to; while it is off, nothing of it is loaded."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.service import Service
from storage.settings import SettingsError
from telemetry.switch import Destination, destination

ROOT = Path(__file__).parent.parent.parent
LIBRARIES = ("opentelemetry", "azure.monitor", "azure.identity", "requests", "google.protobuf")
OTLP = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
AZURE = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=00000000-0000-0000-0000-000000000001;"
    "IngestionEndpoint=http://127.0.0.1:9/"
}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        (OTLP | AZURE, None),
        ({"OPEN_TELEMETRY": ""} | OTLP, None),
        ({"OPEN_TELEMETRY": "False"} | OTLP, None),
        ({"OPEN_TELEMETRY": "0"} | AZURE, None),
        ({"OPEN_TELEMETRY": "true"} | OTLP, Destination.OTLP),
        ({"OPEN_TELEMETRY": " True "} | AZURE, Destination.AZURE_MONITOR),
        ({"OPEN_TELEMETRY": "1"} | AZURE | OTLP, Destination.OTLP),
        ({"OPEN_TELEMETRY": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": ""} | AZURE, Destination.AZURE_MONITOR),
    ],
    ids=str,
)
def test_the_switch_and_the_first_destination_decide(settings: dict[str, str], expected: Destination | None) -> None:
    assert destination(settings) == expected


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"OPEN_TELEMETRY": "yes please"} | OTLP, "OPEN_TELEMETRY is 'yes please': give true or false"),
        ({"OPEN_TELEMETRY": "true"}, "neither OTEL_EXPORTER_OTLP_ENDPOINT nor APPLICATIONINSIGHTS_CONNECTION_STRING"),
    ],
    ids=["no meaning", "nowhere to send to"],
)
def test_settings_without_a_meaning_are_named(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        destination(settings)


def _loaded(settings: dict[str, str]) -> set[str]:
    """Return which of the libraries a new process has loaded when it has imported the app."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "APPLICATION"))}
    show = "import function_app, sys; print(*sys.modules)"
    command = [sys.executable, "-c", show]
    done = subprocess.run(command, cwd=ROOT, env=inherited | settings, capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "function_app" in modules
    return modules.intersection(LIBRARIES)


@pytest.mark.parametrize(
    ("settings", "loaded"),
    [
        ({}, set()),
        (OTLP | AZURE, set()),
        ({"OPEN_TELEMETRY": "true"}, set()),
        ({"OPEN_TELEMETRY": "true"} | OTLP, {"opentelemetry", "requests", "google.protobuf"}),
        ({"OPEN_TELEMETRY": "true"} | AZURE, {"opentelemetry", "azure.monitor", "azure.identity", "requests"}),
    ],
    ids=["nothing set", "off with destinations", "on without a destination", "to a collector", "to Azure Monitor"],
)
def test_only_what_sends_is_loaded_and_only_while_it_is_on(settings: dict[str, str], loaded: set[str]) -> None:
    assert _loaded(settings) == loaded


@pytest.mark.parametrize(
    ("settings", "ready", "told"),
    [
        ({"OPEN_TELEMETRY": "true"}, 503, "neither OTEL_EXPORTER_OTLP_ENDPOINT nor"),
        ({"OPEN_TELEMETRY": "maybe"}, 503, "give true or false"),
        (
            {"OPEN_TELEMETRY": "true", "APPLICATIONINSIGHTS_CONNECTION_STRING": "nonsense"},
            200,
            "OpenTelemetry does not start; the service goes on without it",
        ),
    ],
    ids=["nowhere to send to", "no meaning", "a library that does not start"],
)
def test_what_cannot_start_is_told_to_operators_and_changes_no_answer(
    settings: dict[str, str], ready: int, told: str
) -> None:
    with Service(settings=settings) as service:
        headers = {"Authorization": f"Bearer {service.secret_token}"}
        made = httpx.post(f"{service.tenant_url}/Users", json={"userName": "a@b.example"}, headers=headers, timeout=60)
        readiness = httpx.get(f"{service.app.url}/readyz", timeout=60)
        assert service.app.child is not None
        log = service.app.child.output()

    assert (made.status_code, readiness.status_code) == (201, ready)
    assert told in log
    assert ready == 200 or told in readiness.json()["detail"]


def test_the_tests_themselves_run_with_the_switch_off() -> None:
    assert not logging.getLogger("opentelemetry").handlers
