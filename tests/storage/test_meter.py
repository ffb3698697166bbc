"""Counting calls, and how many of them wait for each other."""

import asyncio
import time

import pytest

from storage import meter


async def call() -> None:
    with meter.call("get", "directory"):
        await asyncio.sleep(0)


async def test_calls_one_after_another_add_up() -> None:
    with meter.metered() as counted:
        for _ in range(3):
            await call()

    assert (counted.calls, counted.depth) == (3, 3)


async def test_calls_at_the_same_time_count_once() -> None:
    with meter.metered() as counted:
        await asyncio.gather(call(), call(), call())
        await call()

    assert (counted.calls, counted.depth) == (4, 2)


async def test_the_longest_chain_counts() -> None:
    async def chain(length: int) -> None:
        for _ in range(length):
            await call()

    with meter.metered() as counted:
        await asyncio.gather(chain(1), chain(4), chain(2))

    assert (counted.calls, counted.depth) == (7, 4)


async def test_a_call_that_fails_counts() -> None:
    with meter.metered() as counted:
        with pytest.raises(ZeroDivisionError), meter.call("get", "directory"):
            _ = 1 / 0
        await call()

    assert (counted.calls, counted.depth) == (2, 2)


async def test_nothing_is_counted_outside_and_meters_do_not_mix() -> None:
    await call()
    with meter.metered() as outer:
        await call()
        with meter.metered() as inner:
            await call()

    assert (outer.calls, inner.calls) == (1, 1)


class Refused(Exception):
    status_code = 409


@pytest.mark.parametrize(
    ("raised", "error"),
    [(Refused(), "409"), (TimeoutError(), "TimeoutError"), (asyncio.CancelledError(), "CancelledError")],
    ids=["refused", "no answer", "given up"],
)
async def test_a_kept_call_says_what_was_done_when_and_how_it_ended(raised: BaseException, error: str) -> None:
    with meter.metered(keep=True) as counted:
        before = time.monotonic_ns()
        await call()
        with pytest.raises(type(raised)), meter.call("commit", "identity"):
            raise raised

    assert counted.kept is not None
    assert [(each.verb, each.table, each.error) for each in counted.kept] == [
        ("get", "directory", ""),
        ("commit", "identity", error),
    ]
    moments = [before, *(at for each in counted.kept for at in (each.began, each.ended)), time.monotonic_ns()]
    assert moments == sorted(moments)


async def test_only_the_first_calls_are_kept_and_all_are_counted() -> None:
    with meter.metered(keep=True) as counted:
        for _ in range(meter.MOST_KEPT + 5):
            await call()

    assert counted.calls == meter.MOST_KEPT + 5
    assert len(counted.kept or []) == meter.MOST_KEPT


async def test_nothing_is_kept_unless_it_is_asked_for() -> None:
    with meter.metered() as counted:
        await call()

    assert counted.kept is None
