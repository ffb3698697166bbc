"""Whose turn it is: how many requests of a tenant are worked on at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from identity.turns import AT_ONCE, LEAST, MOST_WAITING, Turns
from scim.errors import TooManyRequests


class Crowd:
    """Requests that work until they are told to end; `working` are those whose turn it is, in the order it came."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.working: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def send(self, tenant: str, number: int) -> None:
        """Send so many requests, named by their tenant and by when they came."""
        for _ in range(number):
            name = f"{tenant}{len(self._tasks)}"
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._request(tenant, name))
        await self.settle()

    async def _request(self, tenant: str, name: str) -> None:
        async with self.turns.turn(tenant):
            self.working.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.working.remove(name)

    async def end(self, name: str) -> None:
        """Let a request end, and whoever waited for it begin."""
        self._ends[name].set()
        await self.settle()

    async def cancel(self, name: str) -> None:
        """Have the client of a request go away."""
        self._tasks[name].cancel()
        await self.settle()

    @staticmethod
    async def settle() -> None:
        """Let every task go as far as it can: each needs a few rounds of the loop."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def disperse(self) -> None:
        """Let all end, however they do."""
        for end in self._ends.values():
            end.set()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def of(self, tenant: str) -> int:
        """How many requests of a tenant are worked on."""
        return sum(name.startswith(tenant) for name in self.working)


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    made = Crowd()
    yield made
    await made.disperse()
    assert len(made.turns) == 0, "nothing is remembered of who has no request"


async def test_a_tenant_alone_has_all_turns_and_its_requests_come_in_their_order(crowd: Crowd) -> None:
    await crowd.send("a", AT_ONCE + 2)
    assert crowd.working == [f"a{n}" for n in range(AT_ONCE)]
    await crowd.end("a3")
    assert crowd.working[-1] == f"a{AT_ONCE}"
    await crowd.end("a0")
    assert crowd.working[-1] == f"a{AT_ONCE + 1}"


async def test_a_tenant_that_comes_to_one_who_floods_waits_for_nobody(crowd: Crowd) -> None:
    await crowd.send("flood", AT_ONCE + 50)
    await crowd.send("b", 3)
    assert (crowd.of("flood"), crowd.of("b")) == (AT_ONCE, 3)


async def test_who_floods_gets_no_new_turns_beyond_its_share_while_another_has_requests(crowd: Crowd) -> None:
    await crowd.send("flood", AT_ONCE + 50)
    await crowd.send("b", 1)
    for number in range(AT_ONCE // 2):
        await crowd.end(f"flood{number}")
    assert crowd.of("flood") == AT_ONCE // 2
    await crowd.end(f"flood{AT_ONCE // 2}")
    assert crowd.of("flood") == AT_ONCE // 2
    await crowd.end(f"b{AT_ONCE + 50}")
    assert crowd.of("flood") == AT_ONCE


async def test_however_many_tenants_there_are_each_has_a_few_turns(crowd: Crowd) -> None:
    tenants = [f"{chr(ord('a') + n)}-" for n in range(20)]
    for tenant in tenants[1:]:
        await crowd.send(tenant, 5)
    await crowd.send(tenants[0], 5)
    assert crowd.of(tenants[0]) == crowd.of(tenants[-1]) == LEAST


async def test_the_turn_of_a_request_that_fails_or_is_given_up_goes_to_the_next(crowd: Crowd) -> None:
    await crowd.send("a", AT_ONCE + 2)
    await crowd.cancel("a0")
    assert crowd.working[-1] == f"a{AT_ONCE}"
    with pytest.raises(ZeroDivisionError):
        async with crowd.turns.turn("b"):
            raise ZeroDivisionError
    assert len(crowd.turns) == 1


async def test_a_request_that_is_given_up_while_it_waits_has_no_turn(crowd: Crowd) -> None:
    await crowd.send("a", AT_ONCE + 3)
    await crowd.cancel(f"a{AT_ONCE}")
    await crowd.end("a0")
    assert crowd.working[-1] == f"a{AT_ONCE + 1}"
    # Given up in the moment between its turn and its work.
    crowd._ends["a1"].set()
    await asyncio.sleep(0)
    assert len(crowd.working) == AT_ONCE - 1
    await crowd.cancel(f"a{AT_ONCE + 2}")
    await crowd.send("a", 1)
    assert crowd.working[-1] == f"a{AT_ONCE + 3}"


async def test_who_has_too_many_waiting_is_refused_at_once_and_the_others_are_not(crowd: Crowd) -> None:
    await crowd.send("a", AT_ONCE + MOST_WAITING)
    with pytest.raises(TooManyRequests) as caught:
        async with crowd.turns.turn("a"):
            raise AssertionError
    assert int(caught.value.headers["Retry-After"]) >= 1
    assert "tenant a wait already" in caught.value.detail
    await crowd.send("b", 1)
    assert crowd.of("b") == 1
    await crowd.disperse()
    await crowd.send("a", 1)
    assert crowd.of("a") == 1
