"""How a difference between the two on an operation is explained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.differential.patches import Step
from tests.differential.tried import Tried


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two differ: what ours does and by what right, what theirs does, and an operation on a resource.

    `reading` answers what theirs makes of an operation as we mean it, or None where the row is not about it. A row for
    which ours is not at least as right as theirs does not belong in the table: ours has to be mended.
    """

    name: str
    ours: str
    theirs: str
    reading: Callable[[Tried], Tried | None]
    type: str
    resource: Mapping[str, Any]
    example: Step


def explanation(tried: Tried, rows: tuple[Difference, ...], most: int = 3) -> tuple[Difference, ...] | None:
    """Return at most that many rows that, one after another, make the same of both; none where they are the same."""
    if tried.ours == tried.theirs:
        return ()
    for row in rows if most else ():
        again = row.reading(tried)
        if again is None or again.theirs == tried.theirs:
            continue
        more = explanation(again, tuple(other for other in rows if other is not row), most - 1)
        if more is not None:
            return (row, *more)
    return None
