"""The errors of the protocol: one root, one class per row of RFC 7644 tables 8 and 9.

    ScimError                 anything a client is told
    ├── 400  InvalidFilter  TooMany  InvalidSyntax  InvalidPath  NoTarget  InvalidValue  InvalidVersion  Mutability
    │        InvalidCursor  ExpiredCursor  InvalidCount           (RFC 9865 section 2.3)
    ├── 401  Unauthorized          403  Forbidden  Sensitive
    ├── 404  NotFound              405  MethodNotAllowed
    ├── 409  Uniqueness            411  LengthRequired
    ├── 412  PreconditionFailed    413  TooLarge     415  UnsupportedMediaType
    ├── 429  TooManyRequests       501  NotImplementedHere
    └── 500  InternalError         503  Unavailable

Every error says in `detail` what was wrong and where, because Entra shows that sentence to the customer's
administrator word for word. A detail never holds a secret or anything of the inside.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """What a client is told of a request that could not be served (RFC 7644 section 3.12)."""

    status: ClassVar[int]
    scim_type: ClassVar[str | None] = None

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers: dict[str, str] = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the Error message; `status` is a JSON string (RFC 7644 section 3.12)."""
        message: dict[str, Any] = {"schemas": [ERROR_URN], "status": str(self.status)}
        if self.scim_type:
            message["scimType"] = self.scim_type
        return message | {"detail": self.detail}


class InvalidFilter(ScimError):
    """The filter does not follow the grammar, or compares what cannot be compared."""

    status, scim_type = 400, "invalidFilter"


class TooMany(ScimError):
    """The request would yield or touch more than the service provider is willing to."""

    status, scim_type = 400, "tooMany"


class InvalidSyntax(ScimError):
    """The body is not the message that this endpoint expects."""

    status, scim_type = 400, "invalidSyntax"


class InvalidPath(ScimError):
    """The path of a PATCH operation is malformed or names what cannot be a target."""

    status, scim_type = 400, "invalidPath"


class NoTarget(ScimError):
    """The path names nothing that could be operated on."""

    status, scim_type = 400, "noTarget"


class InvalidValue(ScimError):
    """A required value is missing, or a value does not fit its attribute."""

    status, scim_type = 400, "invalidValue"


class InvalidVersion(ScimError):
    """The SCIM protocol version of the request is not supported."""

    status, scim_type = 400, "invalidVers"


class Mutability(ScimError):
    """The change is not compatible with the attribute's mutability or current state."""

    status, scim_type = 400, "mutability"


class InvalidCursor(ScimError):
    """The cursor was not issued by this service provider for this query (RFC 9865)."""

    status, scim_type = 400, "invalidCursor"


class ExpiredCursor(ScimError):
    """The cursor is no longer valid (RFC 9865)."""

    status, scim_type = 400, "expiredCursor"


class InvalidCount(ScimError):
    """The page size is not one that cursor pagination can serve (RFC 9865)."""

    status, scim_type = 400, "invalidCount"


class Unauthorized(ScimError):
    """The credential is missing or not valid (RFC 6750 section 3)."""

    status = 401


class Forbidden(ScimError):
    """The operation is not permitted to this credential."""

    status = 403


class Sensitive(ScimError):
    """The request would put sensitive information into a URI."""

    status, scim_type = 403, "sensitive"


class NotFound(ScimError):
    """The resource or endpoint does not exist."""

    status = 404


class MethodNotAllowed(ScimError):
    """The endpoint exists, but not for this method; carries `Allow` (RFC 9110 section 15.5.6)."""

    status = 405


class Uniqueness(ScimError):
    """A value that must be unique is taken."""

    status, scim_type = 409, "uniqueness"


class LengthRequired(ScimError):
    """The body came without a Content-Length; the Functions host drops such bodies."""

    status = 411


class PreconditionFailed(ScimError):
    """The resource is not at the version that the client named."""

    status = 412


class TooLarge(ScimError):
    """The request or the resource it would make is larger than the directory can hold."""

    status = 413


class UnsupportedMediaType(ScimError):
    """The body is declared as something other than JSON."""

    status = 415


class TooManyRequests(ScimError):
    """The caller asks more often than it may; carries `Retry-After`."""

    status = 429


class InternalError(ScimError):
    """A bug of ours; says nothing of the inside."""

    status = 500


class NotImplementedHere(ScimError):
    """The service provider does not support the request."""

    status = 501


class Unavailable(ScimError):
    """The directory cannot be reached or will not take more now; trying again is safe. Carries `Retry-After`."""

    status = 503
