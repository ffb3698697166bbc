"""What is told of one request, to the log and to OpenTelemetry alike: never a value, a name or a token."""

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from storage.meter import Meter


@dataclass(slots=True)
class Report:
    """One request: what was done, for whom, how it ended and what it cost.

    `operation` is the name of the function; `trace_parent` the header of whoever waits for the answer (W3C Trace
    Context), "" for none. `tenant` and `credential` are None where nobody was let in: what a refused request claimed
    is in the line of identity.decisions. `began` and `ended` are nanoseconds of time.monotonic_ns().
    """

    operation: str
    method: str
    invocation: str
    meter: Meter
    activity_id: str = ""
    trace_parent: str = ""
    tenant: str | None = None
    credential: str | None = None
    status: int = 0
    scim_type: str | None = None
    began: int = field(default_factory=time.monotonic_ns)
    ended: int = 0

    def answered(self, status: int, body: Any = None) -> None:
        """Note how the request was answered; of a body, an error's scimType alone."""
        self.status = status
        self.scim_type = body.get("scimType") if body and status >= HTTPStatus.BAD_REQUEST else None

    def end(self) -> None:
        """Note that the request has ended now."""
        self.ended = time.monotonic_ns()

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began) / 1e9

    def fields(self) -> dict[str, Any]:
        """Return the fields of the log line; those that have no value are left out."""
        line = {
            "operation": self.operation,
            "tenant": self.tenant,
            "credential": self.credential,
            "status": self.status,
            "scimType": self.scim_type,
            "milliseconds": round(self.seconds * 1000, 1),
            "storageCalls": self.meter.calls,
            "storageRoundTrips": self.meter.depth,
            "activityId": self.activity_id or None,
            "invocation": self.invocation,
        }
        return {name: value for name, value in line.items() if value is not None}
