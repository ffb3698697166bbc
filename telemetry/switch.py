"""Whether OpenTelemetry is told of requests, and to whom it passes that on. While it is off, none of it is imported."""

import json
import logging
from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING

from storage.settings import SettingsError

if TYPE_CHECKING:
    from telemetry.signals import Signals

SWITCH = "OPEN_TELEMETRY"
OTLP_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
CONNECTION_STRING = "APPLICATIONINSIGHTS_CONNECTION_STRING"

_log = logging.getLogger("telemetry")


class Destination(Enum):
    """To whom signals are sent."""

    OTLP = auto()
    AZURE_MONITOR = auto()


# The first that has a value decides: Azure always sets the second.
_DESTINATIONS = {OTLP_ENDPOINT: Destination.OTLP, CONNECTION_STRING: Destination.AZURE_MONITOR}
_SWITCHED = {"": False, "false": False, "0": False, "true": True, "1": True}


def destination(settings: Mapping[str, str]) -> Destination | None:
    """Return to whom signals are sent, None while they are switched off. Raises SettingsError."""
    text = settings.get(SWITCH, "").strip().lower()
    if text not in _SWITCHED:
        raise SettingsError(f"{SWITCH} is {text!r}: give true or false")
    if not _SWITCHED[text]:
        return None
    for name, chosen in _DESTINATIONS.items():
        if settings.get(name):
            return chosen
    raise SettingsError(f"{SWITCH} is on, but neither {OTLP_ENDPOINT} nor {CONNECTION_STRING} says where to send to")


def start(settings: Mapping[str, str]) -> "Signals | None":
    """Start to send signals if the settings say so. Never raises: requests are answered as well without them."""
    try:
        chosen = destination(settings)
        if chosen is None:
            return None
        # Here, because it costs a cold start a quarter of a second.
        from telemetry.export import signals_to  # noqa: PLC0415

        return signals_to(chosen)
    except SettingsError as error:
        _log.error(json.dumps({"event": "settings", "outcome": "failed", "reason": str(error)}))
    except Exception:  # noqa: BLE001  # a library that does not start, or is not there
        _log.exception("OpenTelemetry does not start; the service goes on without it")
    return None
