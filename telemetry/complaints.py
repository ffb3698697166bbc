"""What the libraries complain of while they send: a warning now and then, for no request suffers by it.

They log an error for every batch that nobody takes, every few seconds; and an error in the log wakes somebody.
"""

import json
import logging
import time

_LIBRARIES = ("opentelemetry", "azure.monitor.opentelemetry", "azure.identity", "urllib3")
_SECONDS = 600
_LONGEST = 400

_log = logging.getLogger("telemetry")


class Complaints(logging.Handler):
    """Tells of a complaint, and for ten minutes of no other."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._silent_until = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of it as one line of JSON."""
        if time.monotonic() < self._silent_until:
            return
        self._silent_until = time.monotonic() + _SECONDS
        reason = record.getMessage()[:_LONGEST]
        _log.warning(json.dumps({"event": "telemetry", "outcome": "failed", "reason": reason}))


def listen() -> None:
    """Take over what the libraries log."""
    complaints = Complaints()
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.addHandler(complaints)
        library.propagate = False
