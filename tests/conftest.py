"""What tests share: one in-memory Azurite for each test process, and empty tables for each test."""

import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import hypothesis
import pytest
from azure.data.tables import TableServiceClient

from local.azurite import Azurite
from storage.settings import Settings
from storage.tables import Patience, Tables
from tests.secret_forms import Watch

TABLES = ("directory", "identity")

# The same inputs in every run, however busy the machine is; `make fuzz`, `model` and `differential` look for new ones.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured; how many faults, model steps, fuzz inputs and cases there were, and their seeds."""
    counted: Counter[str] = Counter()
    seeds: set[object] = set()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "seed":
                seeds.add(value)
            elif isinstance(value, int):
                counted[name] += value
            else:
                terminalreporter.write_line(f"{name}: {value}")
    if counted:
        sizes = ", ".join(f"{name}: {count:,}" for name, count in sorted(counted.items()))
        terminalreporter.write_line(f"{sizes} (seeds: {', '.join(map(str, seeds)) or 'none'})")


@pytest.fixture(scope="session", autouse=True)
def no_secret_is_logged() -> Iterator[None]:
    """Search every line that this process logs in the whole run; services of their own are searched at their end."""
    watch = Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    assert watch.found == set()


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """A running table service with its data in memory, for this test process alone."""
    with Azurite() as service:
        yield service


@pytest.fixture
def storage_settings(azurite: Azurite) -> Settings:
    """Settings that lead to the test's table service."""
    return Settings(connection_string=azurite.connection_string)


@pytest.fixture
async def tables(storage_settings: Settings) -> AsyncIterator[Tables]:
    """An open connection to empty tables. They are dropped afterwards, so that no test meets the rows of another."""
    opened = Tables(storage_settings, patience=Patience(answer=30.0))
    await opened.ensure(*TABLES)
    yield opened
    await opened.close()
    with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
        for name in TABLES:
            service.delete_table(name)


@pytest.fixture
def tenant() -> str:
    """The id of a tenant that no other test has seen."""
    return f"t-{secrets.token_hex(4)}"
