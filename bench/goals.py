"""The goals, each a ratio of CPU times of one run."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.contenders import OURS, SCIM2_SERVER, SCIMMY

Cpu = Mapping[tuple[str, str], float]  # (contender, operation) -> CPU milliseconds per request at one client


@dataclass(frozen=True, slots=True)
class Goal:
    """`ours` costs at most `most` times the cheapest of `others`, each a contender and an operation."""

    text: str
    ours: str
    others: tuple[tuple[str, str], ...]
    most: float

    def ratio(self, cpu: Cpu) -> float | None:
        """Return the ratio that was measured, or None where a part of it was not."""
        others = [cpu[other] for other in self.others if other in cpu]
        mine = cpu.get((OURS, self.ours))
        return mine / min(others) if mine is not None and others else None


_AGAINST_SCIM2 = ("GET by id", "filter by userName", "filter by externalId", "POST", "PATCH one attribute")
GOALS = (
    *(Goal(f"{each}: at most 1/3 of scim2-server", each, ((SCIM2_SERVER, each),), 1 / 3) for each in _AGAINST_SCIM2),
    Goal(
        "page of 100: at most 1/2 of the best peer",
        "page of 100",
        ((SCIM2_SERVER, "page of 100"), (SCIMMY, "page of 100")),
        1 / 2,
    ),
    Goal(
        "adding a member to 10,000: at most 1.2 times adding to 10",
        "add 1 member to 10,000",
        ((OURS, "add 1 member to 10"),),
        1.2,
    ),
    Goal(
        "GET of 10,000 members without them: at most 1.2 times an empty group",
        "GET group of 10,000 without members",
        ((OURS, "GET empty group"),),
        1.2,
    ),
)
