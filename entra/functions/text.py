"""Functions on strings."""

import base64
import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from entra.functions.logic import number
from entra.functions.values import Context, ExpressionError, as_text

# Letters whose plain form is not what remains of them without their marks.
_PLAIN = {
    "æ": "ae",
    "Æ": "AE",
    "ø": "oe",
    "Ø": "OE",
    "œ": "oe",
    "Œ": "OE",
    "ß": "ss",
    "ł": "l",
    "Ł": "L",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
}
_LONGEST_RANDOM = 256
_SPECIAL = "!#$%&*+-.:;=?@^_~"


def join(_: Context, separator: Any, *sources: Any) -> str:
    """Join the values that are there, and every value of a multi-valued one, with the separator between."""
    values: list[Any] = []
    for source in sources:
        values.extend(source if isinstance(source, list) else [source])
    return as_text(separator).join(as_text(value) for value in values if value not in (None, ""))


def left(_: Context, source: Any, length: Any) -> str:
    """Return the first characters; all of them for a negative length."""
    count, text = number("Left", length), as_text(source)
    return text if count < 0 else text[:count]


def mid(_: Context, source: Any, start: Any, length: Any) -> str | None:
    """Return `length` characters from `start` on, which is counted from 1."""
    first = number("Mid", start)
    if first < 1:
        raise ExpressionError("Mid: the first character has the index 1")
    return None if source is None else as_text(source)[first - 1 : first - 1 + max(0, number("Mid", length))]


def split(_: Context, source: Any, delimiter: Any) -> list[str] | None:
    """Split a string into values, without the spaces around them."""
    if not delimiter:
        raise ExpressionError("Split: the delimiter is empty")
    return None if source is None else [part.strip() for part in as_text(source).split(as_text(delimiter))]


def in_str(_: Context, text: Any, sought: Any, start: Any = 1, compare: Any = "vbTextCompare") -> int:
    """Return where a string first occurs from `start` on, counted from 1; 0 if nowhere."""
    whole, part = as_text(text), as_text(sought)
    if compare != "vbBinaryCompare":
        whole, part = whole.casefold(), part.casefold()
    return whole.find(part, max(0, number("InStr", 1 if start is None else start) - 1)) + 1


def word(_: Context, text: Any, index: Any, delimiters: Any) -> str:
    """Return the index-th word, counted from 1; the empty string if there are fewer."""
    words = [part for part in re.split(f"[{re.escape(as_text(delimiters))}]", as_text(text)) if part]
    place = number("Word", index)
    return words[place - 1] if 0 < place <= len(words) else ""


def replace(
    _: Context,
    source: Any,
    old: Any = None,
    pattern: Any = None,
    group: Any = None,
    replacement: Any = None,
    other: Any = None,
    template: Any = None,
) -> str | None:
    """Replace text, in one of the five ways that the given parameters select."""
    text = as_text(source)
    match old, pattern, group, replacement, other, template:
        case str(old), None, _, None, _, str(template):
            return template.replace(old, text)
        case str(old), None, _, replacement, _, None if replacement is not None:
            return None if source is None else text.replace(old, as_text(replacement))
        case _, str(pattern), str(group), None, other, _:
            return text or _group(pattern, group, as_text(other))
        case _, str(pattern), None, replacement, _, _ if replacement is not None:
            return None if source is None else _regex(pattern).sub(_template(as_text(replacement)), text)
        case _, str(pattern), str(group), replacement, _, _:
            return None if source is None else _replace_group(pattern, group, as_text(replacement), text)
    raise ExpressionError("Replace: give oldValue and a replacement or template, or a pattern and what to do with it")


def proper_case(_: Context, source: Any, separators: Any = None) -> str | None:
    """Start every word with a capital. Without separators, words end at anything but letters, digits and "'"."""
    if source is None:
        return None
    lower = as_text(source).lower()
    start = rf"(^|[{re.escape(as_text(separators))}])(\w)" if separators else r"(^|[^\w']|_)(\w)"
    return re.sub(start, lambda found: found[1] + found[2].upper(), lower)


def normalize_diacritics(_: Context, source: Any) -> str | None:
    """Return the text without accent marks."""
    if source is None:
        return None
    # Decomposed before the table is asked, so that an o-slash with a macron is an o-slash.
    decomposed = unicodedata.normalize("NFD", as_text(source))
    bare = "".join(_PLAIN.get(letter, letter) for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare)


def random_string(
    context: Context, length: Any, digits: Any, special: Any, capital: Any, lower: Any, avoid: Any = None
) -> str:
    """Return a random string with at least so many characters of each class."""
    classes = {string.digits: digits, _SPECIAL: special, string.ascii_uppercase: capital, string.ascii_lowercase: lower}
    size, least = number("RandomString", length), {}
    for alphabet, count in classes.items():
        least["".join(c for c in alphabet if c not in as_text(avoid))] = number("RandomString", count)
    if not sum(least.values()) <= size <= _LONGEST_RANDOM or any(
        count and not alphabet for alphabet, count in least.items()
    ):
        raise ExpressionError(f"RandomString: the length is not between the sum of the minimums and {_LONGEST_RANDOM}")
    chosen = [context.random.choice(alphabet) for alphabet, count in least.items() for _ in range(count)]
    # What the minimums leave open is filled from the classes that the caller asked for at all.
    rest = "".join(alphabet for alphabet, count in least.items() if count) or string.ascii_lowercase
    chosen += [context.random.choice(rest) for _ in range(size - len(chosen))]
    context.random.shuffle(chosen)
    return "".join(chosen)


def _regex(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", pattern))
    except re.error as problem:
        raise ExpressionError(f"Replace: {pattern!r} is not a regular expression ({problem})") from None


def _template(replacement: str) -> str:
    escaped = replacement.replace("\\", r"\\")
    return re.sub(r"\$\{(\w+)\}|\$(\d+)", lambda found: rf"\g<{found[1] or found[2]}>", escaped)


def _group(pattern: str, group: str, text: str) -> str | None:
    found = _regex(pattern).search(text)
    return found[group] if found else None


def _replace_group(pattern: str, group: str, replacement: str, text: str) -> str:
    def swap(found: re.Match[str]) -> str:
        start, end = found.start(group) - found.start(), found.end(group) - found.start()
        return found[0][:start] + replacement + found[0][end:] if found[group] is not None else found[0]

    return _regex(pattern).sub(swap, text)


def _on_text(convert: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda _, source: None if source is None else convert(as_text(source))


def _in_case(convert: Callable[[str], str]) -> Callable[..., Any]:
    return lambda _, source, culture=None: None if source is None else convert(as_text(source))  # noqa: ARG005


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Append": lambda _, source, suffix: as_text(source) + as_text(suffix),
    "Join": join,
    "Left": left,
    "Len": lambda _, source: len(as_text(source)),
    "Mid": mid,
    "Split": split,
    "InStr": in_str,
    "Word": word,
    "Replace": replace,
    "PCase": proper_case,
    "NormalizeDiacritics": normalize_diacritics,
    "RandomString": random_string,
    "StripSpaces": _on_text(lambda text: text.replace(" ", "")),
    "ToLower": _in_case(str.lower),
    "ToUpper": _in_case(str.upper),
    "ConvertToBase64": _on_text(lambda text: base64.b64encode(text.encode("utf-16-le")).decode()),
    "ConvertToUTF8Hex": _on_text(lambda text: text.encode().hex().upper()),
}
