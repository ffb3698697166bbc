"""How many cases are made, and which: DIFFERENTIAL_CASES and DIFFERENTIAL_SEED. Both are printed.

The usual run makes the same cases each time. A run of another size makes others each time, unless it is told which.
"""

import os
import secrets
from collections.abc import Callable
from typing import Final, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_USUAL: Final = 2000
_CASES: Final = int(os.environ.get("DIFFERENTIAL_CASES", _USUAL))
_SEED: Final = int(os.environ.get("DIFFERENTIAL_SEED", 7644 if _CASES == _USUAL else secrets.randbelow(2**32)))
_PARTS: Final = 8  # filters and PATCH, on each of four resource types

Case = TypeVar("Case")


def try_all(
    cases: st.SearchStrategy[Case], check: Callable[[Case], None], record_property: Callable[[str, object], None]
) -> None:
    """Check one part of all cases; the smallest that fails is shown."""
    tried = 0

    @seed(_SEED)
    @settings(
        max_examples=_CASES // _PARTS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(cases)
    def each(case: Case) -> None:
        nonlocal tried
        tried += 1
        check(case)

    record_property("seed", _SEED)
    each()
    record_property("differential", tried)
