"""What a run of the maintenance has done, and the lines of JSON in which it tells so: keys and counts, no values."""

import json
import logging
from dataclasses import asdict, dataclass, fields

from identity.expiring import Expiring
from storage.check import Finding

_log = logging.getLogger("maintenance")


@dataclass(slots=True)
class Report:
    """Counts of one run. `credentials` were removed, `expiring` are those that end soon, `rows` those checked;
    `complete` tells whether the day's round is through, `failures` how many tenants or steps could not be maintained.
    """

    tenants: int = 0
    journals: int = 0
    credentials: int = 0
    expiring: int = 0
    events: int = 0
    rows: int = 0
    findings: int = 0
    failures: int = 0
    signing_key: str = ""
    complete: bool = False

    def add(self, other: "Report") -> None:
        """Add what another run has done after this one."""
        for each in fields(self):
            new = getattr(other, each.name)
            counted = type(new) is int
            setattr(self, each.name, getattr(self, each.name) + new if counted else new or getattr(self, each.name))
        self.tenants, self.complete = other.tenants, other.complete

    def tell(self) -> None:
        """Log the run as one line."""
        _log.info(json.dumps({"operation": "maintenance", **asdict(self)}))

    def expires(self, each: Expiring) -> None:
        """Count and log a credential that ends soon, without its label, which people chose."""
        self.expiring += 1
        line = {"event": "expiring", "tenant": each.tenant_id, "kind": each.kind, "credential": each.id}
        _log.warning(json.dumps(line | {"expires": each.expires, "lastUsed": each.last_used}))

    def found(self, tenant: str, finding: Finding) -> None:
        """Count and log a broken invariant."""
        self.findings += 1
        _log.error(json.dumps({"event": "finding", "tenant": tenant, **asdict(finding)}))

    def failed(self, step: str, reason: str, tenant: str = "") -> None:
        """Count and log something that could not be done."""
        self.failures += 1
        line = {"event": step, "outcome": "failed", "tenant": tenant, "reason": reason}
        _log.error(json.dumps({name: value for name, value in line.items() if value}))
