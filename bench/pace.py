"""Conversations driven at a pace: at a fixed rate whether or not answers come in time, or as fast as they come."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import aiohttp

from bench.load import Client, Measured
from bench.traffic import Answer, Asking, Conversation

Clock = Callable[[], float]

_HOPELESS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Done:
    """A request that is over: when it was due and when it was answered, in seconds of one clock; whether it was
    refused; and what was wrong with the answer."""

    what: str
    due: float
    answered: float
    refused: bool
    fault: str

    @property
    def seconds(self) -> float:
        """How long the answer took, from when the request was due: a request that is sent late has waited."""
        return self.answered - self.due


def at_rate(rate: float, seconds: float, clock: Clock = time.perf_counter) -> Iterator[float]:
    """Yield when each request is due: `rate` a second, evenly, from now on.

    Ends early where requests are sent so late that there is no hope of keeping up.
    """
    began = clock()
    for number in range(round(rate * seconds)):
        due = began + number / rate
        if clock() > due + _HOPELESS_SECONDS:
            return
        yield due


def at_once(over: Callable[[], bool], clock: Clock = time.perf_counter) -> Iterator[float]:
    """Yield that each request is due now, until `over` says that it is enough."""
    while not over():
        yield clock()


class Job:
    """A conversation under way: it goes on where it was."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._answer: Answer | None = None

    def ask(self) -> Asking:
        """Return the next request."""
        return next(self._conversation) if self._answer is None else self._conversation.send(self._answer)

    def hear(self, answer: Answer) -> None:
        """Take the answer to it."""
        self._answer = answer


async def drive(client: Client, jobs: Sequence[Job], due: Iterator[float], note: Callable[[Done], None]) -> None:
    """Let whichever job is free send the request that is due next, until no more are; `note` hears of each."""

    async def work(job: Job) -> None:
        for moment in due:
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            asking = job.ask()
            answer = await _ask(client, asking)
            job.hear(answer)
            note(Done(asking.what, moment, time.perf_counter(), answer.refused, answer.fault(asking)))

    await asyncio.gather(*map(work, jobs))


async def _ask(client: Client, asking: Asking) -> Answer:
    try:
        return Answer(*await client.call(asking.method, asking.path, asking.body))
    except (aiohttp.ClientError, TimeoutError) as error:
        return Answer(0, repr(error).encode())


def measured(done: Sequence[Done], cpu: float = 0.0) -> Measured:
    """Return the figures of some requests, at least one; `cpu` are the CPU seconds that the server had for them."""
    seconds = max(each.answered for each in done) - min(each.due for each in done)
    return Measured(len(done), seconds, tuple(sorted(each.seconds for each in done)), cpu)
