"""What goes wrong in a cycle: with one object, or with the job as a whole."""

from collections.abc import Sequence

from entra.exchange import Exchange
from entra.rules import Finding


class ObjectError(Exception):
    """One object could not be provisioned. `code` is Entra's; the object is escrowed unless it is `skipped`."""

    def __init__(
        self,
        code: str,
        message: str,
        exchange: Exchange | None = None,
        *,
        skipped: bool = False,
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.exchange = code, message, exchange
        self.skipped, self.findings = skipped, findings


class JobError(Exception):
    """Nothing can be provisioned: credentials refused, target unreachable or not SCIM. Quarantines the job."""

    def __init__(self, code: str, message: str, exchange: Exchange | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.exchange = code, message, exchange
