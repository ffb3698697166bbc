"""What goes wrong in a cycle: with one object, or with the job as a whole."""

from entra.exchange import Exchange


class ObjectError(Exception):
    """One object could not be provisioned. `code` is Entra's; the object is escrowed unless it is `skipped`."""

    def __init__(self, code: str, message: str, exchange: Exchange | None = None, *, skipped: bool = False) -> None:
        super().__init__(message)
        self.code, self.message, self.exchange, self.skipped = code, message, exchange, skipped


class JobError(Exception):
    """Nothing can be provisioned: credentials refused, target unreachable or not SCIM. Quarantines the job."""

    def __init__(self, code: str, message: str, exchange: Exchange | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.exchange = code, message, exchange
