"""How often a caller may fail and a tenant may ask."""

import pytest

from identity.authenticate import Authenticator
from identity.credentials import SecretTokens
from identity.limits import Buckets, Failures, budgets, caller_of
from identity.tenants import Tenants
from identity.tokens import Token
from scim.errors import TooManyRequests, Unauthorized
from storage.meter import metered
from storage.settings import SettingsError
from storage.tables import Tables
from tests.identity.clock import Clock

ENTRA = "40.126.25.32"


def test_a_bucket_gives_what_it_holds_and_fills_again(clock: Clock) -> None:
    buckets: Buckets[str] = Buckets(3, 2.0)
    waits = []
    for _ in range(4):
        waits.append(buckets.wait("a", clock()))
        buckets.take("a", clock())

    assert waits == [0.0, 0.0, 0.0, 0.5]
    assert buckets.wait("b", clock()) == 0.0
    clock.move(seconds=0.5)
    assert buckets.wait("a", clock()) == 0.0
    clock.move(hours=1)
    for _ in range(3):
        assert buckets.wait("a", clock()) == 0.0
        buckets.take("a", clock())
    assert buckets.wait("a", clock()) > 0.0, "it never holds more than its capacity"


def test_a_clock_that_is_set_back_fills_nothing(clock: Clock) -> None:
    buckets: Buckets[str] = Buckets(1, 1.0)
    buckets.take("a", clock())
    clock.move(hours=-1)

    assert buckets.wait("a", clock()) == 1.0


def test_the_number_of_buckets_is_bounded(clock: Clock) -> None:
    buckets: Buckets[str] = Buckets(1, 1.0, size=10)
    for n in range(1000):
        buckets.take(str(n), clock())

    assert len(buckets) == 10
    assert buckets.wait("999", clock()) > 0.0


def test_what_strangers_write_does_not_fill_the_memory(clock: Clock) -> None:
    failures = Failures()
    for n in range(100):
        failures.note("x" * 100_000, f"{n}" * 100_000, clock())

    assert sum(len(part) for key in failures._buckets._levels for part in key) <= 100 * 200


@pytest.mark.parametrize(
    ("forwarded", "caller"),
    [
        (None, ""),
        ("40.126.25.32", "40.126.25.32"),
        ("40.126.25.32:50123", "40.126.25.32"),
        ("10.0.0.1, 40.126.25.32:50123", "40.126.25.32"),
        ("[2603:1026::1]:443", "2603:1026::1"),
        ("2603:1026::1", "2603:1026::1"),
        ("", ""),
        ("a, ", ""),
    ],
)
def test_the_caller_is_who_the_front_end_saw(forwarded: str | None, caller: str) -> None:
    assert caller_of({} if forwarded is None else {"x-forwarded-for": forwarded}) == caller


@pytest.mark.parametrize("text", ["99", "0", "-1", "many", "nan", "inf"])
def test_a_budget_below_100_requests_a_second_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="TENANT_REQUESTS_PER_SECOND"):
        budgets({"TENANT_REQUESTS_PER_SECOND": text})


@pytest.fixture
async def token(tokens: SecretTokens, customer: str) -> Token:
    return (await tokens.issue(customer))[0]


async def failing(authenticator: Authenticator, header: str, caller: str, times: int) -> int:
    """How many of the requests were answered 401; the others were answered 429."""
    refused = 0
    for _ in range(times):
        with pytest.raises((Unauthorized, TooManyRequests)) as caught:
            await authenticator.authenticate(header, caller=caller)
        refused += isinstance(caught.value, Unauthorized)
    return refused


async def test_repeated_failures_of_a_caller_are_answered_429_without_a_storage_call(
    authenticator: Authenticator, token: Token, clock: Clock
) -> None:
    guess = f"Bearer {Token(token.tenant_id, token.id, Token.new('x').secret).render()}"
    assert await failing(authenticator, guess, ENTRA, 80) == 60
    with metered() as cost, pytest.raises(TooManyRequests) as caught:
        await authenticator.authenticate(guess, caller=ENTRA)

    assert cost.calls == 0
    assert int(caught.value.headers["Retry-After"]) >= 1
    clock.move(seconds=1)
    assert await failing(authenticator, guess, ENTRA, 2) == 1


async def test_a_failing_customer_locks_out_no_other_who_shares_its_address(
    authenticator: Authenticator, token: Token, tokens: SecretTokens, tenants: Tenants
) -> None:
    await tenants.create("Other", "other")
    other, _ = await tokens.issue("other")
    await failing(authenticator, f"Bearer {Token(token.tenant_id, token.id, other.secret).render()}", ENTRA, 100)
    await failing(authenticator, "Bearer junk", ENTRA, 100)

    await authenticator.authenticate(f"Bearer {other.render()}", caller=ENTRA)
    await authenticator.authenticate(f"Bearer {token.render()}", caller="40.126.25.33")


async def test_a_guesser_does_not_end_what_is_in_use(authenticator: Authenticator, token: Token) -> None:
    await authenticator.authenticate(f"Bearer {token.render()}", caller=ENTRA)
    await failing(
        authenticator, f"Bearer {Token(token.tenant_id, token.id, Token.new('x').secret).render()}", ENTRA, 100
    )

    await authenticator.authenticate(f"Bearer {token.render()}", caller=ENTRA)


@pytest.mark.parametrize("header", [None, "Bearer junk", "Bearer eyJ.eyJ.x"])
async def test_junk_without_end_is_bounded_too(authenticator: Authenticator, header: str | None) -> None:
    assert await failing(authenticator, header or "", "203.0.113.7", 100) >= 60


async def test_a_tenant_is_served_its_budget_and_the_others_theirs(
    tables: Tables, clock: Clock, token: Token, tokens: SecretTokens, tenants: Tenants
) -> None:
    authenticator = Authenticator(tables, clock, {"TENANT_REQUESTS_PER_SECOND": "100"})
    await tenants.create("Other", "other")
    other, _ = await tokens.issue("other")
    for _ in range(1000):
        await authenticator.authenticate(f"Bearer {token.render()}")
    with pytest.raises(TooManyRequests, match=f"The tenant {token.tenant_id} sends more requests") as caught:
        await authenticator.authenticate(f"Bearer {token.render()}")

    assert caught.value.headers == {"Retry-After": "1"}
    await authenticator.authenticate(f"Bearer {other.render()}")
    for _ in range(5):
        clock.move(seconds=1)
        for _ in range(100):
            await authenticator.authenticate(f"Bearer {token.render()}")
