"""What the app's settings say of signing in with Entra."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from storage.settings import SettingsError

CLIENT_ID = "SIGNIN_CLIENT_ID"
AUTHORITY = "SIGNIN_AUTHORITY"
CERTIFICATE = "SIGNIN_CERTIFICATE"
MANAGED_IDENTITY = "SIGNIN_MANAGED_IDENTITY"
SESSION_MINUTES = "SIGNIN_SESSION_MINUTES"
# Every organization's accounts, but no personal ones.
_ORGANIZATIONS = "https://login.microsoftonline.com/organizations/v2.0"
_LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """`client_id` is the app registration's; "" where people cannot sign in.

    The app proves itself by `certificate` (PEM with the private key, or PKCS #12 in base64), or by the managed
    identity of that client id, which the app registration trusts. There is no client secret.
    """

    client_id: str
    authority: str = _ORGANIZATIONS
    certificate: str = field(default="", repr=False)
    managed_identity: str = ""
    session_life: timedelta = timedelta(hours=8)

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """Read the settings of that name. Raises SettingsError."""
        certificate, identity = settings.get(CERTIFICATE, ""), settings.get(MANAGED_IDENTITY, "")
        if certificate and identity:
            raise SettingsError(f"set {CERTIFICATE} or {MANAGED_IDENTITY}: the app proves itself in one way")
        return cls(
            client_id=settings.get(CLIENT_ID, "").strip(),
            authority=(settings.get(AUTHORITY, "").strip() or _ORGANIZATIONS).rstrip("/"),
            certificate=certificate,
            managed_identity=identity.strip(),
            session_life=_life(settings.get(SESSION_MINUTES, "") or "480"),
        )


def _life(text: str) -> timedelta:
    if not text.isdecimal() or not 1 <= int(text) <= _LONGEST_MINUTES:
        raise SettingsError(f"{SESSION_MINUTES} is {text!r}: give 1 to {_LONGEST_MINUTES}")
    return timedelta(minutes=int(text))
