"""Run the tests one after another, and leave the service as it was."""

import time
from collections.abc import Callable, Iterable

from entra.errors import JobError, ObjectError
from entra.validation import direct, gallery, groups, pages, setup, tokens, users
from entra.validation.attempt import Attempt, Candidate
from entra.validation.verdict import Failed, Outcome, Skipped, Test, Verdict

# In the order in which Microsoft numbers or runs them.
TESTS: tuple[Test, ...] = (
    *setup.TESTS,
    *users.TESTS,
    *groups.TESTS,
    *users.PREVIEW,
    *groups.PREVIEW,
    *gallery.TESTS,
    *direct.TESTS,
    *tokens.TESTS,
    *pages.TESTS,
    direct.MANAGER_TEST,
)
_REFUSED = {401, 403}


def chosen(words: Iterable[str]) -> list[Test]:
    """Return the tests whose suite or name has one of the words in it; all of them without any word."""
    wanted = [word.lower() for word in words]
    return [test for test in TESTS if not wanted or any(w in f"{test.suite} {test.name}".lower() for w in wanted)]


async def validate(
    candidate: Candidate, tests: Iterable[Test], done: Callable[[Verdict], None] = lambda _: None
) -> list[Verdict]:
    """Run the tests and return their verdicts; `done` is told each of them at once.

    Whatever a test made is deleted before the next one begins. Raise JobError if the service cannot be reached or
    refuses the credentials: there is nothing to test then.
    """
    await _discover(candidate)
    verdicts = []
    for test in tests:
        verdict = await _run(candidate, test)
        verdicts.append(verdict)
        done(verdict)
    return verdicts


async def _discover(candidate: Candidate) -> None:
    try:
        await setup.discover(candidate)
    except ObjectError as problem:
        raise JobError(problem.code, problem.message, problem.exchange) from None
    exchange = candidate.schemas
    if exchange is not None and exchange.status in _REFUSED:
        raise JobError("InvalidCredentials", f"GET /Schemas was answered {exchange.status}: {exchange.text}", exchange)


async def _run(candidate: Candidate, test: Test) -> Verdict:
    candidate.wire.record()
    attempt, began = Attempt(candidate), time.perf_counter()
    outcome: Outcome = "pass"
    reason, failure = "", Failed("", "")
    try:
        await test.run(attempt)
    except Skipped as why:
        outcome, reason = "skip", str(why)
    except Failed as problem:
        outcome, reason, failure = "fail", str(problem), problem
    except (JobError, ObjectError) as problem:
        # No answer at all, or one that ends a cycle: what was expected is in the sentence.
        outcome, reason, failure = "fail", str(problem), Failed("an answer", str(problem), problem.exchange)
    finally:
        left = await attempt.clean_up()
    notes = dict.fromkeys([*attempt.notes, *(f"could not be deleted: {path}" for path in left)])
    return Verdict(
        test=test,
        outcome=outcome,
        reason=reason,
        expected=failure.expected,
        got=failure.got,
        exchange=failure.exchange,
        notes=tuple(notes),
        seconds=time.perf_counter() - began,
    )
