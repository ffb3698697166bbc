"""Counting calls, and how many of them wait for each other."""

import asyncio

import pytest

from storage import meter


async def call() -> None:
    with meter.call():
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
        with pytest.raises(ZeroDivisionError), meter.call():
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
