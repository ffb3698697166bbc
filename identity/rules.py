"""What an administrator may call a tenant and a credential, and how long tokens and secrets may live."""

import re
import unicodedata
from datetime import timedelta

from identity.errors import InvalidClient, InvalidTenant, InvalidToken
from identity.tokens import TENANT_ID_PATTERN, random_id

DEFAULT_DAYS = 365
LONGEST_DAYS = 1095
# Microsoft's gallery asks for client secrets of one to three years and access tokens of one to six hours.
SECRET_DAYS = (365, 1095)
ACCESS_TOKEN_MINUTES = (60, 360)
_TENANT_ID = re.compile(TENANT_ID_PATTERN)
_ID_LENGTH = 40
_NAME_LENGTH = 100


def tenant_id(text: str) -> str:
    """Return the text if it is a tenant id. Raises InvalidTenant."""
    if not _TENANT_ID.fullmatch(text):
        raise InvalidTenant(
            f"{text!r} is not a tenant id: use 1 to 40 of a-z, 0-9 and -, beginning and ending with a letter or digit"
        )
    return text


def tenant_name(text: str) -> str:
    """Return the name of a tenant without surrounding space. Raises InvalidTenant."""
    name = text.strip()
    if not 1 <= len(name) <= _NAME_LENGTH or not name.isprintable():
        raise InvalidTenant(f"{text!r} is not a tenant's name: use 1 to {_NAME_LENGTH} printable characters")
    return name


def token_label(text: str) -> str:
    """Return the label of a token without surrounding space; it may be empty. Raises InvalidToken."""
    label = text.strip()
    if len(label) > _NAME_LENGTH or (label and not label.isprintable()):
        raise InvalidToken(f"{text!r} is not a label: use up to {_NAME_LENGTH} printable characters")
    return label


def token_life(days: int) -> timedelta:
    """Return the life of a token of so many days. Raises InvalidToken."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidToken(f"a token cannot live {days} days: choose 1 to {LONGEST_DAYS}")
    return timedelta(days=days)


def secret_life(days: int) -> timedelta:
    """Return the life of a client secret of so many days. Raises InvalidClient."""
    shortest, longest = SECRET_DAYS
    if not shortest <= days <= longest:
        raise InvalidClient(f"a client secret cannot live {days} days: choose {shortest} to {longest}")
    return timedelta(days=days)


def access_token_life(minutes: int) -> timedelta:
    """Return the life of an access token of so many minutes. Raises InvalidClient."""
    shortest, longest = ACCESS_TOKEN_MINUTES
    if not shortest <= minutes <= longest:
        raise InvalidClient(f"an access token cannot live {minutes} minutes: choose {shortest} to {longest}")
    return timedelta(minutes=minutes)


def tenant_id_from(name: str) -> str:
    """Return a tenant id that looks like the name, or a random one where the name has no a-z and 0-9."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:_ID_LENGTH].rstrip("-")
    return slug or random_id()
