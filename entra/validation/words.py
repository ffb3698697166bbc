"""Random values, of the kinds that Microsoft's validators send: only e-mail addresses look like what they are."""

import random
import uuid
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEX = "0123456789abcdef"
_TIME_ZONES = ("America/Guyana", "Africa/Cairo", "Europe/Riga", "Asia/Tokyo", "America/Argentina/Salta")
_LANGUAGES = ("el-CY", "byn-ER", "ia-001", "uz-Latn", "or", "fr-MG")
_COUNTRIES = ("Estonia", "Sierra Leone", "Guam", "Mali", "Kyrgyz Republic", "Chad")
_SHORTEST_VARIED = 2


class Words:
    """A source of values; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def word(self) -> str:
        """Return twelve capital letters."""
        return "".join(self._random.choices(_LETTERS, k=12))

    def hex(self, length: int = 8) -> str:
        """Return so many hexadecimal digits."""
        return "".join(self._random.choices(_HEX, k=length))

    def guid(self) -> str:
        """Return a GUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def email(self) -> str:
        """Return an e-mail address."""
        return f"{self.word().lower()}_{self.hex(4)}@{self.word().lower()}.example"

    def phone(self) -> str:
        """Return something like a telephone number."""
        digits = "".join(self._random.choices("0123456789", k=9))
        return f"{digits[:2]}-{digits[2:5]}-{digits[5:]}"

    def value(self, name: str, sub: str, type_: str, canonical: Sequence[str] = ()) -> Any:
        """Return a value for an attribute, by its type, its name and the values that it is declared to take."""
        if canonical:
            return self._random.choice(list(canonical))
        match type_:
            case "boolean":
                return True
            case "integer":
                return self._random.randint(1, 10_000)
            case "decimal":
                return self._random.randint(1, 10_000) / 4
            case "dateTime":
                return f"2026-0{self._random.randint(1, 9)}-1{self._random.randint(0, 9)}T08:00:00Z"
            case "binary":
                return b64encode(self.word().encode()).decode()
            case _:
                return self._text(name.lower(), sub.lower())

    def _text(self, name: str, sub: str) -> str:
        match name, sub:
            case ("username", _) | ("emails", "value"):
                return self.email()
            case ("phonenumbers", "value"):
                return self.phone()
            case ("externalid", _):
                return self.guid()
            case ("timezone", _):
                return self._random.choice(_TIME_ZONES)
            case ("preferredlanguage", _):
                return self._random.choice(_LANGUAGES)
            case ("addresses", "country"):
                return self._random.choice(_COUNTRIES)
            case _:
                return self.word()


def other_case(text: str) -> str:
    """Return the text with every letter in the other case. Raise ValueError if it has no letters."""
    changed = text.swapcase()
    if len(text) < _SHORTEST_VARIED or changed == text:
        raise ValueError(f"{text!r} has no other case")
    return changed
