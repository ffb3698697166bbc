"""Choices of hypothesis, made one by one: strategies built for each example would take most of the time."""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

Draw: TypeAlias = st.DrawFn
_T = TypeVar("_T")


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


def number(draw: Draw, least: int, most: int) -> int:
    """Choose a number, `most` included."""
    return least + draw(_below(most - least + 1))


def pick(draw: Draw, options: Sequence[_T]) -> _T:
    """Choose one of the options; a failing example is shrunk towards the first."""
    return options[draw(_below(len(options)))]


def one_in(draw: Draw, count: int) -> bool:
    """Choose whether; true once in `count` times."""
    return draw(_below(count)) == count - 1


def spelled(draw: Draw, name: str) -> str:
    """Choose the case of an attribute's name, a URN or an operator, none of which matters (RFC 7643 section 2.1)."""
    return pick(draw, (str, str, str, str.lower, str.upper))(name)
