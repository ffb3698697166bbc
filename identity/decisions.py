"""The record of every decision: one line of JSON in the log, without any secret, token or assertion."""

import json
import logging

_log = logging.getLogger("identity")
_LONGEST = 400


def record(event: str, *, refused: str | None = None, tenant: str = "", credential: str = "", method: str = "") -> None:
    """Log who was accepted, or why who was refused; of a refused one, tenant and credential are what it claimed.

    `event` is what was asked for: "request" or "token".
    """
    line = {
        "event": event,
        "outcome": "accepted" if refused is None else "refused",
        "tenant": tenant,
        "credential": credential,
        "method": method,
        "reason": refused or "",
    }
    # Claims of a token that nobody verified may be of any length.
    shown = {name: value[:_LONGEST] for name, value in line.items() if value}
    _log.log(logging.INFO if refused is None else logging.WARNING, json.dumps(shown))
