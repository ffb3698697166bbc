"""Attribute-mapping expressions: `Switch([IsSoftDeleted], , "False", "True", "True", "False")` and their like.

    expression = operand [ compareOp operand ]
    operand    = attribute / string / number / call / name
    attribute  = "[" name "]"
    call       = name "(" [ argument *( "," argument ) ] ")"
    argument   = expression / nothing, which stands for a parameter that is not given

Function names are case-sensitive, as all of the language is.
"""

import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from entra.functions import FUNCTIONS
from entra.functions.values import Context, ExpressionError, as_text

MAX_LENGTH = 10_000

_Token: TypeAlias = tuple[str, str, int]  # kind, text, column


@dataclass(frozen=True, slots=True)
class Attribute:
    """`[name]`: an attribute of the source object; None if it has no value."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A string or a number."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`, inside IIF and CBool."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; None where a parameter was left out."""

    function: str
    arguments: tuple["Node | None", ...]


Node: TypeAlias = Attribute | Constant | Comparison | Call

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | \[(?P<attribute>[^\]\[]+)\]
    | (?P<number>&H[0-9A-Fa-f]+|-?\d+)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<operator><>|<=|>=|=|<|>)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str) -> Node:
    """Read an expression. Raise ExpressionError naming the column where it stops making sense."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters, this one has {len(text)}")
    parser = _Parser(text)
    node = parser.expression()
    parser.end()
    return node


def evaluate(node: Node, attributes: Mapping[str, Any], context: Context) -> Any:
    """Compute an expression's value for one source object.

    Raise ExpressionError if a function cannot work on what it is given, IgnoreFlow if nothing is to flow.
    """
    match node:
        case Constant(value):
            return value
        case Attribute(name):
            return attributes.get(name)
        case Comparison(operator, left, right):
            return _compare(operator, evaluate(left, attributes, context), evaluate(right, attributes, context))
        case Call(name, arguments):
            values = [None if each is None else evaluate(each, attributes, context) for each in arguments]
            return FUNCTIONS[name](context, *values)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._read())
        self._place = 0

    def expression(self) -> Node:
        left = self._operand()
        if self._peek()[0] != "operator":
            return left
        _, operator, _ = self._next()
        return Comparison(operator, left, self._operand())

    def end(self) -> None:
        kind, value, column = self._peek()
        if kind != "end":
            raise ExpressionError(f"expected the end of the expression at column {column}, found {value}")

    def _operand(self) -> Node:
        match self._next():
            case "string", text, _:
                return Constant(re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL))
            case "attribute", name, _:
                return Attribute(name.strip())
            case "number", digits, _:
                return Constant(int(digits.replace("&H", "0x"), 0))
            case "name", name, column:
                return self._call(name, column) if self._peek()[1] == "(" else Constant(name)
            case _, value, column:
                raise ExpressionError(f"expected a function, an attribute or a value at column {column}, found {value}")

    def _call(self, name: str, column: int) -> Node:
        _known(name, column)
        self._next()
        arguments: list[Node | None] = []
        if self._peek()[1] == ")":
            self._next()
            return Call(name, ())
        while True:
            arguments.append(None if self._peek()[1] in (",", ")") else self.expression())
            kind, mark, column = self._next()
            if (kind, mark) == ("mark", ")"):
                _check_arity(name, len(arguments))
                return Call(name, tuple(arguments))
            if (kind, mark) != ("mark", ","):
                raise ExpressionError(f'expected "," or ")" at column {column}, found {mark}')

    def _read(self) -> Iterator[_Token]:
        position = 0
        while self._text[position:].strip():
            token = _TOKEN.match(self._text, position)
            if token is None or token.lastgroup is None:
                column = len(self._text) - len(self._text[position:].lstrip()) + 1
                raise ExpressionError(f"cannot read the expression from column {column} on")
            yield token.lastgroup, token[token.lastgroup], token.end() - len(token[0].lstrip()) + 1
            position = token.end()

    def _peek(self) -> _Token:
        if self._place < len(self._tokens):
            return self._tokens[self._place]
        return "end", "the end", len(self._text) + 1

    def _next(self) -> _Token:
        token = self._peek()
        self._place += 1
        return token


def _known(name: str, column: int) -> None:
    if name not in FUNCTIONS:
        close = difflib.get_close_matches(name.lower(), [known.lower() for known in FUNCTIONS], n=1)
        meant = [known for known in FUNCTIONS if close and known.lower() == close[0]]
        advice = f"; did you mean {meant[0]}?" if meant else ""
        raise ExpressionError(f"no function is called {name} (column {column}){advice}")


def _check_arity(name: str, given: int) -> None:
    try:
        inspect.signature(FUNCTIONS[name]).bind(None, *[None] * given)
    except TypeError:
        raise ExpressionError(f"{name} does not take {given} arguments") from None


def _compare(operator: str, left: Any, right: Any) -> bool:
    # "If the source attribute used within the IIF function is empty or null, the condition check fails": the object
    # fails with it, so that a rehearsal shows what a mapping would do to people without that attribute.
    if left in (None, ""):
        raise ExpressionError(f'the condition "{operator}" fails on an empty value; use Switch to test for emptiness')
    pair = _numbers(left, right) or (as_text(left), as_text(right))
    return bool(_OPERATORS[operator](*pair))


def _numbers(left: Any, right: Any) -> tuple[int, int] | None:
    try:
        return int(as_text(left)), int(as_text(right))
    except ValueError:
        return None


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}
