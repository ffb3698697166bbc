"""What a test is, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from entra.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from entra.validation.attempt import Attempt

Outcome: TypeAlias = Literal["pass", "fail", "skip"]


class Failed(Exception):
    """The service did something else than Entra needs."""

    def __init__(self, expected: str, got: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected, self.got, self.exchange = expected, got, exchange


class Skipped(Exception):
    """The test does not apply, or lacks something that it needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Test:
    """One test under the name that Microsoft gave it.

    One that is not `required` does not decide on the whole; of those with the same `alternative` one has to pass.
    """

    suite: str
    name: str
    run: "Callable[[Attempt], Awaitable[None]]"
    required: bool = True
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a test. `notes` are rules that answers broke on the way without failing it."""

    test: Test
    outcome: Outcome
    reason: str = ""
    expected: str = ""
    got: str = ""
    exchange: Exchange | None = None
    notes: tuple[str, ...] = field(default=())
    seconds: float = 0.0


def accepted(verdicts: Iterable[Verdict]) -> bool:
    """Whether Microsoft would accept the service: no required test failed that no alternative to it makes up for."""
    known = tuple(verdicts)
    passed = {each.test.alternative for each in known if each.outcome == "pass" and each.test.alternative}
    failed = [each.test for each in known if each.outcome == "fail" and each.test.required]
    return all(test.alternative in passed for test in failed)
