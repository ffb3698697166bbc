"""The cache: bounded in size and in time."""

from datetime import timedelta

import pytest

from identity.cache import Cache
from tests.identity.clock import Clock


@pytest.fixture
def cache() -> Cache[str, int]:
    return Cache(2, timedelta(seconds=60))


@pytest.mark.parametrize(("age", "expected"), [(0, 1), (59.999, 1), (60, None), (3600, None), (-0.001, None)], ids=str)
def test_a_value_lives_less_than_its_lifetime(
    cache: Cache[str, int], clock: Clock, age: float, expected: int | None
) -> None:
    cache.put("a", 1, clock.now)
    clock.move(seconds=age)

    assert cache.get("a", clock.now) == expected
    assert len(cache) == (expected is not None)


def test_reading_does_not_lengthen_a_life(cache: Cache[str, int], clock: Clock) -> None:
    cache.put("a", 1, clock.now)
    for _ in range(2):
        clock.move(seconds=30)
        last = cache.get("a", clock.now)

    assert last is None


def test_the_least_recently_used_makes_room(cache: Cache[str, int], clock: Clock) -> None:
    cache.put("a", 1, clock.now)
    cache.put("b", 2, clock.now)
    cache.get("a", clock.now)
    cache.put("c", 3, clock.now)

    assert [cache.get(key, clock.now) for key in "abc"] == [1, None, 3]
    assert len(cache) == 2


def test_a_value_put_again_replaces_the_first(cache: Cache[str, int], clock: Clock) -> None:
    cache.put("a", 1, clock.now)
    clock.move(seconds=50)
    cache.put("a", 2, clock.now)
    clock.move(seconds=50)

    assert cache.get("a", clock.now) == 2
