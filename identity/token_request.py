"""Reading a request to the token endpoint: the form, and how the client says who it is (RFC 6749 sections 2.3, 4.4)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote_plus

from identity.oauth_error import OAuthError
from scim.http import Request

GRANT = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 section 2.2
BASIC = {"WWW-Authenticate": 'Basic realm="IDEO SCIM", charset="UTF-8"'}
_FORM = "application/x-www-form-urlencoded"
_LONGEST = 64 * 1024  # bytes
_MOST_PARAMETERS = 100
_KNOWN = ("grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks for a token and how that is proved: by a secret or by an assertion. `basic`: in the header."""

    client_id: str
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)
    basic: bool = False

    @classmethod
    def read(cls, request: Request) -> Self:
        """Read a request. Raises OAuthError."""
        form = _form(request)
        header = _basic(request.headers.get("authorization", ""))
        _check_grant(form)
        if "client_assertion" in form or "client_assertion_type" in form:
            return cls(*_assertion(form, header))
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if header is not None:
            # RFC 6749 section 2.3: one method only; but Entra can be told to send both, and then they are equal.
            if (client_id and client_id != header[0]) or (secret and secret.encode() != header[1].encode()):
                raise OAuthError(
                    "invalid_request", "The Authorization header and the body name different clients or secrets."
                )
            client_id, secret = header
        if not client_id or not secret:
            missing = "client_secret" if client_id else "client_id"
            raise OAuthError(
                "invalid_client",
                f"No {missing} was sent: send client_id with client_secret, in the body or as a Basic Authorization"
                " header, or client_id with client_assertion and client_assertion_type.",
                status=401,
                headers=BASIC,
            )
        return cls(client_id, secret, basic=header is not None)


def _form(request: Request) -> Mapping[str, str]:
    """Return the parameters that have a value (RFC 6749 section 3.2: those without one count as omitted)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise OAuthError("invalid_request", f"The body must be a form: send Content-Type: {_FORM}.")
    if len(request.body) > _LONGEST:
        raise OAuthError("invalid_request", f"The body has {len(request.body)} bytes; at most {_LONGEST} are read.")
    if not request.body:
        raise OAuthError("invalid_request", "The body is empty: send the form with a Content-Length.")
    try:
        pairs = parse_qsl(request.body.decode(), errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form in UTF-8, or has too many parameters.") from None
    names = [name for name, _ in pairs]
    repeated = next((name for name in _KNOWN if names.count(name) > 1), None)
    if repeated is not None:
        raise OAuthError("invalid_request", f"The parameter {repeated} was sent more than once.")
    return dict(pairs)


def _check_grant(form: Mapping[str, str]) -> None:
    grant = form.get("grant_type")
    if grant is None:
        raise OAuthError("invalid_request", f"The parameter grant_type is missing: send {GRANT}.")
    if grant != GRANT:
        raise OAuthError("unsupported_grant_type", f"The only grant_type here is {GRANT}.")


def _assertion(form: Mapping[str, str], header: tuple[str, str] | None) -> tuple[str, str, str]:
    """Return client id, no secret, and the assertion."""
    if header is not None or "client_secret" in form:
        raise OAuthError("invalid_request", "A client_assertion takes the place of a secret: send one of the two.")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_request", f"The client_assertion_type must be {ASSERTION_TYPE}.")
    if "client_assertion" not in form:
        raise OAuthError("invalid_request", "The parameter client_assertion is missing.")
    if "client_id" not in form:
        # RFC 7521 section 4.2 lets it be left out where the assertion names the client; Entra's names Entra's own.
        raise OAuthError("invalid_request", "The parameter client_id is missing: it says which trust is meant.")
    return form["client_id"], "", form["client_assertion"]


def _basic(authorization: str) -> tuple[str, str] | None:
    """Return client id and secret of a Basic header, both of which are form-encoded (RFC 6749 section 2.3.1)."""
    scheme, _, credentials = authorization.strip().partition(" ")
    if not scheme:
        return None
    try:
        text = b64decode(credentials.strip(), validate=True).decode()
        client_id, colon, secret = text.partition(":")
        pair = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise OAuthError(
            "invalid_client",
            "The Authorization header must be Basic, with client id and client secret joined by a colon, in base64.",
            status=401,
            headers=BASIC,
        )
    return pair
