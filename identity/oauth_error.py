"""What a client of the token endpoint is told when it gets no token (RFC 6749 section 5.2)."""

import re
from collections.abc import Mapping

from scim.http import Response

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 section 5.1
_NOT_ALLOWED = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749 section 5.2, of error_description
_LONGEST = 800


class OAuthError(Exception):
    """A request that gets no token: the error code, and a sentence that an administrator can act on."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = printable(description)
        self.status = status
        self.headers = {**NO_STORE, **(headers or {})}

    def response(self) -> Response:
        """Return the answer."""
        return Response(self.status, {"error": self.error, "error_description": self.description}, self.headers)


def printable(text: str) -> str:
    """Return the text with what error_description and headers may not hold replaced, and no longer than that."""
    return _NOT_ALLOWED.sub(lambda found: "'" if found[0] == '"' else "?", text)[:_LONGEST]
