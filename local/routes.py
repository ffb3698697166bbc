"""Route templates, and whether a path matches one, by the rules of ASP.NET Core routing that the Functions host uses.

    template = segment *( "/" segment )
    segment  = literal / "{" name *( ":" constraint ) [ "?" ] "}" / "{*" name *( ":" constraint ) "}"

A parameter is always a whole segment here. ASP.NET knows more (`{file}.{extension}`, default values); a template that
this host would read otherwise than Azure is refused when the app starts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[str], bool]

_PARAMETER = re.compile(r"\{(\*{0,2})(\w+)((?::[a-z]+(?:\([\d,]*\))?)*)(\??)\}", re.ASCII)
_CONSTRAINT = re.compile(r":([a-z]+)(?:\(([\d,]*)\))?")
_GUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


class RouteError(ValueError):
    """A route that the Functions host refuses, or one that cannot be served here as it would be there."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A segment that stands for itself, in any letter case."""

    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A segment that becomes a route parameter; a catch-all takes the whole rest of the path."""

    name: str
    optional: bool
    catch_all: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A route template that has been read."""

    text: str
    segments: tuple[Literal | Parameter, ...]

    def match(self, path: str) -> dict[str, str] | None:
        """Return the route parameters of a decoded path such as "/scim/v2/Users/1", or None when it does not match.

        One trailing slash is ignored. A parameter that the path leaves out has no key.
        """
        values: dict[str, str] = {}
        rest = path[1:]
        for segment in self.segments:
            if isinstance(segment, Parameter) and segment.catch_all:
                text, rest = ("", rest) if rest.startswith("/") else (rest, "")
            else:
                text, _, rest = rest.partition("/")
            if not _accepts(segment, text) or (not text and rest):
                return None
            if isinstance(segment, Parameter) and text:
                values[segment.name] = text
        return values if not rest else None


def parse(text: str) -> Template:
    """Read a route template such as "scim/v2/Users/{id}". Raises RouteError."""
    segments = tuple(_segment(part, text) for part in text.strip("/").split("/")) if text.strip("/") else ()
    names = [segment.name.lower() for segment in segments if isinstance(segment, Parameter)]
    if len(names) != len(set(names)):
        raise RouteError(f"route {text!r}: a parameter name stands twice")
    if any(isinstance(segment, Parameter) and segment.catch_all for segment in segments[:-1]):
        raise RouteError(f"route {text!r}: a catch-all parameter must be the last segment")
    return Template(text, segments)


def _segment(part: str, route: str) -> Literal | Parameter:
    if not part:
        raise RouteError(f"route {route!r}: a segment is empty")
    if "{" not in part and "}" not in part:
        return Literal(part)
    found = _PARAMETER.fullmatch(part)
    if found is None:
        raise RouteError(f"route {route!r}: this host does not know the segment {part!r}")
    stars, name, constraints, optional = found.groups()
    if stars and optional:
        raise RouteError(f"route {route!r}: a catch-all parameter cannot be optional")
    checks = tuple(_check(rule[1], rule[2] or "", route) for rule in _CONSTRAINT.finditer(constraints))
    return Parameter(name, bool(optional), bool(stars), checks)


def _accepts(segment: Literal | Parameter, text: str) -> bool:
    match segment:
        case Literal():
            return segment.text.lower() == text.lower()
        case Parameter() if not text:
            return segment.optional or segment.catch_all
        case Parameter():
            return all(check(text) for check in segment.checks)


def _check(name: str, argument: str, route: str) -> Check:
    maker, arguments = _CONSTRAINTS.get(name), [int(number) for number in argument.split(",") if number]
    if maker is None or len(arguments) not in maker[0]:
        raise RouteError(f"route {route!r}: this host does not know the constraint {name}({argument})")
    return maker[1](*arguments)


def _pattern(pattern: str) -> Check:
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)
    return lambda text: compiled.fullmatch(text) is not None


def _integer(bits: int) -> Check:
    digits, limit = _pattern(r"[+-]?\d+"), 2 ** (bits - 1)
    return lambda text: digits(text) and -limit <= int(text) < limit


def _length(least: int, most: int) -> Check:
    return lambda text: least <= len(text) <= most


# Constraint -> how many arguments it takes, and the check that they make.
_CONSTRAINTS: dict[str, tuple[tuple[int, ...], Callable[..., Check]]] = {
    "alpha": ((0,), lambda: _pattern(r"[a-z]*")),
    "bool": ((0,), lambda: _pattern(r"true|false")),
    "guid": ((0,), lambda: _pattern(rf"\{{{_GUID}\}}|\({_GUID}\)|{_GUID}|[0-9a-f]{{32}}")),
    "int": ((0,), lambda: _integer(32)),
    "long": ((0,), lambda: _integer(64)),
    "length": ((1, 2), lambda least, most=None: _length(least, least if most is None else most)),
    "minlength": ((1,), lambda least: lambda text: len(text) >= least),
    "maxlength": ((1,), lambda most: lambda text: len(text) <= most),
}
