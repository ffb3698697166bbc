"""What the table service's errors mean to us: the one place that knows the SDK's exceptions."""

from enum import Enum

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from scim.errors import ScimError, TooLarge, Unavailable

RETRY_AFTER = {"Retry-After": "10"}
ROLE = "Storage Table Data Contributor"
_TOO_LARGE = {"EntityTooLarge", "PropertyValueTooLarge", "RequestBodyTooLarge", "TooManyProperties"}
_NOT_READY = {"TableNotFound", "TableBeingDeleted", "AccountIsDisabled"}
_MISSING, _EXISTS, _CHANGED, _CONTENT_TOO_LARGE = 404, 409, 412, 413
_FORBIDDEN = 403
_CONFLICTS = {_MISSING, _EXISTS, _CHANGED}
_BUSY = {408, 429, 500, 502, 503, 504}
_UNREACHABLE = "the directory cannot be reached at the moment; try again"
_ADVICE = {
    "AuthorizationFailure": f"the network rules of the data account do not admit this address, or the role {ROLE} on it"
    " is missing",
    "KeyBasedAuthenticationNotPermitted": "the account accepts no keys: set STORAGE_TABLE_ENDPOINT instead of"
    " STORAGE_CONNECTION_STRING",
    "AccountIsDisabled": "the storage account is disabled",
    "TableBeingDeleted": "a table is being deleted: wait a minute",
    "TableNotFound": "a table is missing: the deployment makes it (azd provision)",
}


class Conflict(Exception):
    """A write met rows that are not as it expected: there already, changed since, or gone. Nothing was written.

    With `uncertain`, an earlier attempt of the same write got no answer, so that the rows in the way may be the
    write's own: read before judging.
    """

    def __init__(self, status: int, *, uncertain: bool) -> None:
        super().__init__(f"the write met rows that are not as expected ({status})")
        self.status = status
        self.uncertain = uncertain


class Denied(Unavailable):
    """The table service refuses us until somebody repairs something. `advice` tells operators what; clients are told
    no more than of any other Unavailable."""

    def __init__(self, advice: str) -> None:
        super().__init__(_UNREACHABLE, headers=RETRY_AFTER)
        self.advice = advice


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
    code, status = _code(error), error.status_code
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
    return Unavailable(_UNREACHABLE, headers=RETRY_AFTER)


def denied(error: AzureError) -> Denied:
    """Return what clients and operators are told when the table service refuses us."""
    known = _ADVICE.get(_code(error))
    if known is None and getattr(error, "status_code", None) == _FORBIDDEN:
        known = f"the role {ROLE} on the data account is missing; once given, it takes some minutes to count"
    # The first line of what the SDK says; the request's id and time follow.
    return Denied(known or f"signing in to the storage failed: {str(error).partition(chr(10))[0][:400]}")


def advice(error: ScimError) -> str:
    """Return what an operator should know of an error."""
    return error.advice if isinstance(error, Denied) else error.detail


def _code(error: AzureError) -> str:
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code))


def too_large() -> TooLarge:
    """Return what a client is told when the table service finds a row or transaction too large."""
    return TooLarge("the resource is larger than the directory can hold (1 MiB)")
