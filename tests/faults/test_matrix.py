"""Every storage call of every operation fails in every way: the client is told the truth, and nothing is half done.

Told the truth: 2xx says that it is done and readable; 503 with Retry-After that trying again is safe and ends well.
The whole matrix runs with FAULTS=all (`make faults`).
"""

import json
import operator
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.operations import BULK, OPERATIONS, Asked, Operation
from tests.faults.proxy import SLOW, Fault
from tests.faults.stage import Stage, Stages, Tenant, picture, plain
from tests.http.client import Answer

WHOLE = os.environ.get("FAULTS") == "all"
# In every run: the two that are hardest to be truthful about, for each operation at its middle call and, when
# only the answer is lost, its last; one operation in all quick ways; and three of those that take long.
_ALWAYS = {Fault.LOST, Fault.OUTAGE}
_ALWAYS_SLOW = {("PATCH user", Fault.VERY_LATE), ("POST user", Fault.SILENT), ("PATCH adds 40", Fault.LATE)}
_TRIES = 10
BULK_STATUSES = ["201", "201", "200", "204", "204"]


def _chosen(operation: Operation, fault: Fault) -> bool:
    if WHOLE or (operation.name, fault) in _ALWAYS_SLOW:
        return True
    if operation.reads:
        return fault is Fault.OUTAGE
    return fault not in SLOW and (fault in _ALWAYS or operation.name == "PUT user")


CASES = [(operation, fault) for operation in OPERATIONS for fault in Fault if _chosen(operation, fault)]


def _calls(number: int, fault: Fault) -> list[int]:
    """Return the numbers of the calls that are to fail, of so many."""
    middle = (number + 1) // 2
    if WHOLE:
        return list(range(1, number + 1))
    return [middle] if fault is Fault.OUTAGE else sorted({middle, number})


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an operation does when nothing disturbs it."""

    calls: int
    before: dict[str, Any]
    after: dict[str, Any]
    answer: Answer
    body: Any


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    with Stages() as running:
        yield running


@pytest.fixture
def stage(stages: Stages) -> Stage:
    return stages.stage()


@pytest.fixture(scope="module")
def rehearsals() -> dict[str, Rehearsal]:
    return {}


@pytest.fixture
def rehearse(stage: Stage, rehearsals: dict[str, Rehearsal]) -> Callable[[Operation], Rehearsal]:
    def rehearse(operation: Operation) -> Rehearsal:
        if operation.name not in rehearsals:
            rehearsals[operation.name] = _rehearsal(stage, operation)
        return rehearsals[operation.name]

    return rehearse


def _rehearsal(stage: Stage, operation: Operation) -> Rehearsal:
    with stage.tenant() as tenant:
        asked = operation.seed(stage, tenant)
        before = picture(tenant.client)
        stage.proxy.arm(None)
        answer = _send(tenant, asked)
        calls = stage.proxy.calls
        assert answer.status in {200, 201, 204}, answer
        after = picture(tenant.client)
        assert stage.check(tenant) == []
        return Rehearsal(calls, before, after, answer, _body(tenant, answer))


def _send(tenant: Tenant, asked: Asked) -> Answer:
    method, path, query, body = asked
    return tenant.client.call(method, path, body, query=query)


def _body(tenant: Tenant, answer: Answer) -> Any:
    names = {
        id: str(r.get("userName") or r["displayName"])
        for part in tenant.client.dump().values()
        for id, r in part.items()
    }
    body = plain(answer.body, names)
    return body and {name: value for name, value in body.items() if name != "nextCursor"}


@pytest.mark.parametrize(("operation", "fault"), CASES, ids=[f"{o.name}: {f.name}" for o, f in CASES])
def test_the_answer_is_true_and_nothing_is_half_done(
    stage: Stage,
    rehearse: Callable[[Operation], Rehearsal],
    operation: Operation,
    fault: Fault,
    record_property: Callable[[str, object], None],
) -> None:
    expected = rehearse(operation)
    struck = 0
    for call in _calls(expected.calls, fault):
        with stage.tenant() as tenant:
            struck += _disturb(stage, tenant, operation, expected, fault, call)
    record_property("faults", struck)
    assert struck >= 1


def _disturb(stage: Stage, tenant: Tenant, operation: Operation, expected: Rehearsal, fault: Fault, call: int) -> bool:
    """Let one call of the operation fail, judge the answer and what came of it, and tell whether it did fail."""
    asked = operation.seed(stage, tenant)
    where = f"{operation.name}: {fault.name} at call {call} of {expected.calls}"
    stage.proxy.arm(fault, call)
    answer = _send(tenant, asked)
    struck = stage.proxy.struck > 0
    stage.proxy.clear()
    if fault is Fault.LATE:
        stage.proxy.release()
    _judge(where, tenant, operation, asked, expected, answer)
    if fault is Fault.VERY_LATE:
        stage.proxy.release()
        assert picture(tenant.client) == expected.after, where
    assert stage.check(tenant) == [], where
    return struck


def _judge(where: str, tenant: Tenant, operation: Operation, asked: Asked, expected: Rehearsal, answer: Answer) -> None:
    if answer.status == 503:
        assert answer.headers.get("retry-after"), f"{where}: 503 without Retry-After"
        left = picture(tenant.client)
        assert left in (expected.before, expected.after), f"{where}: half done: {json.dumps(left)[:2000]}"
        done = left == expected.after
        answer = _send_until_served(tenant, asked)
        if done and operation.again and answer.status == operation.again:
            assert picture(tenant.client) == expected.after, where
            return
    assert answer.status == expected.answer.status, f"{where}: {answer.status} {answer.content[:500]!r}"
    assert picture(tenant.client) == expected.after, f"{where}: answered {answer.status}"
    assert _body(tenant, answer) == expected.body, where


def _send_until_served(tenant: Tenant, asked: Asked) -> Answer:
    for _ in range(_TRIES):
        answer = _send(tenant, asked)
        if answer.status != 503:
            return answer
    raise AssertionError(f"still 503 after {_TRIES} tries without a fault: {answer.content!r}")


@pytest.mark.parametrize("fault", [fault for fault in Fault if WHOLE or fault in _ALWAYS], ids=lambda fault: fault.name)
def test_a_bulk_request_tells_the_truth_of_each_operation(
    stage: Stage,
    fault: Fault,
    rehearse: Callable[[Operation], Rehearsal],
    record_property: Callable[[str, object], None],
) -> None:
    expected = rehearse(BULK)
    assert [operation["status"] for operation in expected.answer.body["Operations"]] == BULK_STATUSES
    struck = 0
    for call in _calls(expected.calls, fault):
        with stage.tenant() as tenant:
            struck += _disturb_bulk(stage, tenant, expected, fault, call)
    record_property("faults", struck)
    assert struck >= 1


def _disturb_bulk(stage: Stage, tenant: Tenant, expected: Rehearsal, fault: Fault, call: int) -> bool:
    asked = BULK.seed(stage, tenant)
    where = f"bulk: {fault.name} at call {call} of {expected.calls}"
    stage.proxy.arm(fault, call)
    answer = _send(tenant, asked)
    struck = stage.proxy.struck > 0
    stage.proxy.clear()
    if fault is Fault.LATE:
        stage.proxy.release()
    assert answer.status == 200, where
    told = [operation["status"] for operation in answer.body["Operations"]]
    assert all(status in {wanted, "503"} for status, wanted in zip(told, BULK_STATUSES, strict=True)), (
        f"{where}: {told}"
    )
    done = _done(picture(tenant.client))
    assert all(map(operator.or_, done, [status == "503" for status in told])), f"{where}: {told} {done}"
    again = _send(tenant, asked).body["Operations"]
    assert {operation["status"] for operation in again} <= {*BULK_STATUSES, "409", "404"}, f"{where}: {again}"
    stage.proxy.release()
    assert picture(tenant.client) == expected.after, where
    assert stage.check(tenant) == [], where
    return struck


def _done(found: dict[str, Any]) -> list[bool]:
    """Tell which of the operations of the bulk request are done."""
    members = [member["value"] for member in found["Team"].get("members", [])]
    return ["a" in found, "b" in found, found["User0"].get("title") == "Boss", "User1" in members, "User2" not in found]
