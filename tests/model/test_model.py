"""Random sequences of requests by two clients, every answer compared with a simple model of the RFCs.

MODEL_REQUESTS sets the number of steps (`make model`: 10,000), MODEL_SEED the sequence; both are printed. With neither
the sequence is the same each time.
"""

import os
import secrets
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.http.client import Client
from tests.http.conftest import new_client, service  # noqa: F401
from tests.model.machine import Machine
from tests.model.ports import InProcess, OverHttp

STEPS = 40
WANTED = int(os.environ.get("MODEL_REQUESTS", "1200"))
SHRINK = os.environ.get("MODEL_SHRINK") != "no"
SEED = int(os.environ.get("MODEL_SEED", secrets.randbelow(2**32) if "MODEL_REQUESTS" in os.environ else 7644))


def _run(open: Callable[[], Any], steps: int, record_property: Callable[[str, object], None]) -> None:
    class Here(Machine):
        pass

    Here.open = staticmethod(open)
    rules = settings(
        max_examples=max(steps // STEPS, 1),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
        print_blob=True,
    )
    run_state_machine_as_test(seed(SEED)(Here), settings=rules)
    record_property("model", Here.requests)
    record_property("seed", SEED)
    assert Here.requests >= steps / 2


def test_the_service_provider_answers_as_the_model(record_property: Callable[[str, object], None]) -> None:
    _run(InProcess, WANTED, record_property)


def test_the_running_service_answers_as_the_model(
    new_client: Callable[[], Client],  # noqa: F811
    record_property: Callable[[str, object], None],
) -> None:
    _run(lambda: OverHttp(new_client()), WANTED // 5, record_property)
