"""What the table service's errors mean to us: the one place that knows the SDK's exceptions."""

from enum import Enum

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from scim.errors import TooLarge, Unavailable

RETRY_AFTER = {"Retry-After": "10"}
_TOO_LARGE = {"EntityTooLarge", "PropertyValueTooLarge", "RequestBodyTooLarge", "TooManyProperties"}
_NOT_READY = {"TableNotFound", "TableBeingDeleted", "AccountIsDisabled"}
_MISSING, _EXISTS, _CHANGED, _CONTENT_TOO_LARGE = 404, 409, 412, 413
_CONFLICTS = {_MISSING, _EXISTS, _CHANGED}
_BUSY = {408, 429, 500, 502, 503, 504}


class Conflict(Exception):
    """A write met rows that are not as it expected: there already, changed since, or gone. Nothing was written.

    With `uncertain`, an earlier attempt of the same write got no answer, so that the rows in the way may be the
    write's own: read before judging.
    """

    def __init__(self, status: int, *, uncertain: bool) -> None:
        super().__init__(f"the write met rows that are not as expected ({status})")
        self.status = status
        self.uncertain = uncertain


class Fault(Enum):
    """What to do about an error of the table service."""

    MISSING = "the row is not there"
    CONFLICT = "the rows are not as the write expected"
    RETRY = "it may work in a moment; whether a write was done is unknown"
    REFUSED = "it will not work before somebody repairs something"
    TOO_LARGE = "it is more than a row or a transaction holds"
    BUG = "we asked for something that makes no sense"


def fault_of(error: AzureError) -> Fault:
    """Classify an error of the SDK."""
    if isinstance(error, ClientAuthenticationError):
        return Fault.REFUSED
    if not isinstance(error, HttpResponseError):
        return Fault.RETRY if isinstance(error, ServiceRequestError | ServiceResponseError) else Fault.BUG
    code = str(getattr(getattr(error, "error_code", None), "value", getattr(error, "error_code", None)))
    status = error.status_code
    if status == _CONTENT_TOO_LARGE or code in _TOO_LARGE:
        return Fault.TOO_LARGE
    if status in {401, 403} or code in _NOT_READY:
        return Fault.REFUSED
    if status in _BUSY or status is None:
        return Fault.RETRY
    if status in _CONFLICTS:
        return Fault.MISSING if status == _MISSING else Fault.CONFLICT
    return Fault.BUG


def unavailable() -> Unavailable:
    """Return what a client is told when the table service does not serve us."""
    return Unavailable("the directory cannot be reached at the moment; try again", headers=RETRY_AFTER)


def too_large() -> TooLarge:
    """Return what a client is told when the table service finds a row or transaction too large."""
    return TooLarge("the resource is larger than the directory can hold (1 MiB)")
