"""The request target, read as Kestrel and the Functions host read it: path, query values, absolute URL."""

import codecs
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

# %2F stays escaped in a path: decoded, it would become a separator of segments.
_PATH_ESCAPES = re.compile(r"(?:%(?!2[Ff])[0-9A-Fa-f]{2})+")
_QUERY_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PATH_SAFE = "/!$&'()*+,;=:@-._~%"


class TargetError(ValueError):
    """A request target that Kestrel answers with 400."""


def _keep_escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"%{byte:02X}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("keep-escaped", _keep_escaped)


@dataclass(frozen=True, slots=True)
class Target:
    """A decoded path, which begins with "/", and the query as it was sent, without its "?"."""

    path: str
    query: str

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read the origin-form of a request target (RFC 9112 section 3.2.1). Raises TargetError."""
        if not raw.startswith("/") or not raw.isascii():
            raise TargetError("a request target is a path of ASCII characters that begins with a slash")
        path, _, query = raw.partition("?")
        path = _decode(_PATH_ESCAPES, path)
        if "\0" in path:
            raise TargetError("the path contains a null character")
        return cls(_without_dots(path), query)

    def values(self) -> dict[str, str]:
        """Return the query values by name: empty ones are lost, repeated ones are joined by commas.

        Names that differ in letter case only are one name, spelt as it came first.
        """
        spelling: dict[str, str] = {}
        values: dict[str, list[str]] = {}
        for pair in filter(None, self.query.split("&")):
            name, value = (_decode(_QUERY_ESCAPES, text.replace("+", " ")) for text in pair.partition("=")[::2])
            name = spelling.setdefault(name.lower(), name)
            values.setdefault(name, []).append(value)
        joined = {name: ",".join(filter(None, several)) for name, several in values.items()}
        return {name: value for name, value in joined.items() if value}

    def url(self, scheme: str, host: str) -> str:
        """Return the absolute URL that a function sees: the path escaped anew, the query as it was sent."""
        # quote leaves a percent sign alone, for %2F; one that begins no escape is itself escaped.
        path = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(self.path, safe=_PATH_SAFE))
        return f"{scheme}://{host}{path}" + (f"?{self.query}" if self.query else "")


def _decode(escapes: re.Pattern[str], text: str) -> str:
    """Decode escapes; those that are not UTF-8 stay as they are."""
    return escapes.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "keep-escaped"), text)


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
