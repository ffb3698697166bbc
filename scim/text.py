"""How strings are compared: the one rule that keys, filters and uniqueness share."""

import unicodedata


def fold(value: str) -> str:
    """Return the form in which values that are not case-exact are compared: Unicode NFC and full case folding.

    Folding can undo the normal form and is therefore done in between (Unicode 3.13, canonical caseless matching).
    """
    if value.isascii():
        return value.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", value).casefold())
