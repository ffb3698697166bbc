"""The filter and PATCH path parser: one function per rule of RFC 7644 figures 1 and 7, by recursive descent.

Beyond the grammar it takes white space wherever a token ends and the two forms of the section "What Entra sends
beyond the grammar" below. Nesting, terms and length are bounded, so that no input can exhaust the stack.
"""

import json
import math
import re
from collections.abc import Collection
from typing import Final, NoReturn

from scim.errors import InvalidFilter, InvalidPath
from scim.notation import read_attr_path
from scim.schema import ResourceType
from scim.tree import COMPARE_OPS, And, AttrPath, Compare, CompValue, Filter, Not, Or, Path, Present, ValuePath

MAX_LENGTH: Final = 32_768
MAX_TERMS: Final = 500
MAX_DEPTH: Final = 32

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'[^ \t\r\n()\[\]"]+')
_NOT = re.compile(r"not[ \t\r\n]*\(", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_UNQUOTED = re.compile(r"[\w-][^'=<>!&|,;]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS: Final[dict[str, CompValue]] = {"true": True, "false": False, "null": None}
_OPERATORS = f"an operator ({', '.join(COMPARE_OPS)} or pr)"
_SNIPPET = 24
_DECODER = json.JSONDecoder()


def parse_filter(text: str, resource_types: Collection[ResourceType]) -> Filter:
    """Return the tree of FILTER (RFC 7644 section 3.4.2.2).

    The resource types say which URNs can be split off; attributes need not exist. Raises InvalidFilter, whose
    detail gives the column, from 1, what was expected there and what was found.
    """
    urns = sorted({urn for each in resource_types for urn in each.urns}, key=len, reverse=True)
    parser = _Parser(text, urns)
    tree = parser.filter()
    parser.end("'and', 'or' or the end of the filter")
    return tree


def parse_path(text: str, resource_type: ResourceType) -> Path:
    """Return the tree of PATH = attrPath / valuePath [subAttr] (RFC 7644 section 3.5.2).

    A schema URN alone is AttrPath(urn, ""). Raises InvalidPath, or InvalidFilter for what stands in the brackets.
    """
    parser = _Parser(text, resource_type.urns, InvalidPath)
    tree = parser.path()
    parser.end("the end of the path")
    return tree


class _Parser:
    """A text and how far it has been read."""

    def __init__(
        self, text: str, urns: Collection[str], error: type[InvalidFilter | InvalidPath] = InvalidFilter
    ) -> None:
        self._text = text
        self._urns = urns
        self._error = error
        self._at = 0
        self._depth = 0
        self._terms = 0
        self._in_value_path = False
        if len(text) > MAX_LENGTH:
            raise self._error(f"The expression is longer than {MAX_LENGTH} characters")
        if unpaired := _SURROGATE.search(text):
            self._fail("a Unicode character", unpaired.start())
        self._skip()

    def path(self) -> Path:
        """PATH = attrPath / valuePath [subAttr]."""
        attr = self._attr_path()
        if not self._peek("["):
            return Path(attr)
        return Path(attr, self._val_filter(attr), self._sub_attr())

    def filter(self) -> Filter:
        """FILTER = attrExp / logExp / valuePath / *1"not" "(" FILTER ")", of which this is logExp's "or"."""
        terms = [self._conjunction()]
        while self._keyword("or"):
            terms.append(self._conjunction())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _conjunction(self) -> Filter:
        """logExp = FILTER SP "and" SP FILTER, which takes precedence over "or"."""
        terms = [self._term()]
        while self._keyword("and"):
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _term(self) -> Filter:
        """*1"not" "(" FILTER ")" / valuePath / attrExp."""
        if self._peek("("):
            return self._group("(", ")")
        if _NOT.match(self._text, self._at):
            self._token()
            return Not(self._group("(", ")"))
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._error(f"The filter has more than {MAX_TERMS} comparisons")
        path = self._attr_path()
        if self._peek("[") and not self._in_value_path:
            return self._value_path(path)
        return self._attr_exp(path)

    def _group(self, opening: str, closing: str) -> Filter:
        """ "(" FILTER ")" or "[" valFilter "]"."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"The filter is nested deeper than {MAX_DEPTH} levels")
        self._expect(opening)
        tree = self.filter()
        self._expect(closing, f"'and', 'or' or '{closing}'")
        self._depth -= 1
        return tree

    def _value_path(self, path: AttrPath) -> Filter:
        """valuePath = attrPath "[" valFilter "]"."""
        condition = self._val_filter(path)
        if self._at_sub_attr():
            return self._value_of_selected(path, condition)
        return ValuePath(path, condition)

    def _val_filter(self, path: AttrPath) -> Filter:
        """ "[" valFilter "]" behind a complex attribute; no sub-attribute is complex (RFC 7643 section 2.3.8)."""
        if path.sub or not path.name:
            self._fail("an attribute without a sub-attribute before '['")
        outside, self._error, self._in_value_path = self._error, InvalidFilter, True
        condition = self._group("[", "]")
        self._error, self._in_value_path = outside, False
        return condition

    def _attr_exp(self, path: AttrPath) -> Filter:
        """attrExp = (attrPath SP "pr") / (attrPath SP compareOp SP compValue)."""
        start = self._at
        operator = self._token().lower()
        if operator == "pr":
            return Present(path)
        if operator not in COMPARE_OPS:
            self._fail(_OPERATORS, start)
        return Compare(path, operator, self._comp_value())

    def _attr_path(self) -> AttrPath:
        """attrPath = [URI ":"] ATTRNAME *1subAttr."""
        start = self._at
        path = read_attr_path(self._token(), self._urns)
        if path is None:
            self._fail("an attribute name", start)
        return path

    def _at_sub_attr(self) -> bool:
        """Whether a sub-attribute follows the bracket immediately."""
        return self._text[self._at - 1 : self._at + 1] == "]."

    def _sub_attr(self) -> str:
        """[subAttr], where subAttr = "." ATTRNAME."""
        if not self._at_sub_attr():
            return ""
        start = self._at
        path = read_attr_path(self._token()[1:], ())
        if path is None or path.urn or path.sub:
            self._fail("a sub-attribute", start)
        return path.name

    def _comp_value(self) -> CompValue:
        """compValue = false / null / true / number / string, by the rules of JSON."""
        if self._peek('"'):
            return self._string()
        start = self._at
        word = self._token()
        if word.lower() in _CONSTANTS:
            return _CONSTANTS[word.lower()]
        if number := _NUMBER.fullmatch(word):
            # A number beyond the range of a double is no JSON number that both sides understand (RFC 8259 section 6).
            if math.isinf(float(word)):
                self._fail("a number within the range of a double", start)
            return float(word) if number[1] or number[2] else int(word)
        return self._unquoted(word, start)

    def _string(self) -> str:
        """String, with the escapes of JSON."""
        start = self._at
        try:
            value, self._at = _DECODER.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            self._fail(f"a JSON string ({error.msg})", start)
        if _SURROGATE.search(value):
            self._fail("a string without unpaired surrogates", start)
        self._skip()
        return str(value)

    # What Entra sends beyond the grammar

    def _value_of_selected(self, path: AttrPath, condition: Filter) -> ValuePath:
        """Entra matches users by `emails[type eq "work"].value eq "x"`: both hold for the same value."""
        wanted = self._attr_exp(AttrPath("", self._sub_attr()))
        terms = condition.terms if isinstance(condition, And) else (condition,)
        return ValuePath(path, And((*terms, wanted)))

    def _unquoted(self, word: str, start: int) -> str:
        """Entra's older clients leave the quotes out: `externalId eq jyoung`, `id eq 54D382A4-2050-…`."""
        if word.lower() in ("and", "or", "not") or not _UNQUOTED.fullmatch(word):
            self._fail("a value (true, false, null, a number or a string)", start)
        return word

    # Tokens; each leaves the position at the next one

    def end(self, expected: str) -> None:
        """Refuse anything that is left over."""
        if self._at < len(self._text):
            self._fail(expected)

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at

    def _peek(self, sign: str) -> bool:
        return self._text.startswith(sign, self._at)

    def _expect(self, sign: str, expected: str = "") -> None:
        if not self._peek(sign):
            self._fail(expected or f"'{sign}'")
        self._at += 1
        self._skip()

    def _token(self) -> str:
        """Return all up to white space, a bracket or a quote; "" where there is nothing."""
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        self._skip()
        return found[0]

    def _keyword(self, word: str) -> bool:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found[0].lower() != word:
            return False
        self._token()
        return True

    def _fail(self, expected: str, at: int | None = None) -> NoReturn:
        at = self._at if at is None else at
        rest = self._text[at : at + _SNIPPET + 1]
        found = f"'{rest[:_SNIPPET]}{'…' if len(rest) > _SNIPPET else ''}'" if rest else "the end"
        printable = found.encode(errors="backslashreplace").decode()
        raise self._error(f"Expected {expected} at column {at + 1}, found {printable}")
