"""Load at a pace: when requests are due, how late counts, and what conversations expect of a correct service."""

import json
import secrets
import time
from itertools import islice

import pytest

from bench.dispatch import carry_out, request_of
from bench.pace import Done, Job, at_once, at_rate, drive, measured
from bench.traffic import Answer, Asking, Person, Traffic
from scim.errors import ScimError
from scim.provider import ServiceProvider
from storage.memory import MemoryDirectory
from tests.scim.world import mint


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Directory:
    """A client whose requests are carried out in this process, on a directory in memory."""

    def __init__(self) -> None:
        self._provider = ServiceProvider(MemoryDirectory(mint()), time.monotonic)

    async def call(self, method: str, path: str, body) -> tuple[int, bytes]:
        path, _, query = path.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        try:
            answer = await carry_out(self._provider, request_of(method, path, query, host="localhost", body=content))
        except ScimError as error:
            return error.status, json.dumps(error.body()).encode()
        return answer.status, b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()


def test_requests_are_due_evenly_from_the_moment_when_the_first_is_asked_for():
    clock = Clock()
    due = at_rate(4, 2, clock)
    clock.now = 2000.0
    assert list(due) == [2000 + number / 4 for number in range(8)]


def test_a_schedule_ends_where_requests_are_hopelessly_late():
    clock = Clock()
    due = at_rate(10, 60, clock)
    assert list(islice(due, 2)) == [1000.0, 1000.1]
    clock.now += 10.15
    assert next(due) == 1000.2
    clock.now += 10
    assert list(due) == []


def test_without_a_rate_each_request_is_due_when_somebody_is_free():
    clock = Clock()
    due = at_once(lambda: clock.now > 1002, clock)
    moments = []
    for moment in due:
        moments.append(moment)
        clock.now += 1
    assert moments == [1000, 1001, 1002]


def test_a_request_that_is_sent_late_has_waited_since_it_was_due():
    late = [Done("GET", due, due + 3.0, refused=False, fault="") for due in (10.0, 11.0)]
    figures = measured([*late, Done("GET", 9.0, 9.5, refused=False, fault="")], cpu=0.06)
    assert figures.latencies == (0.5, 3.0, 3.0)
    assert (figures.requests, figures.seconds) == (3, 5.0)
    assert figures.cpu_ms == pytest.approx(20)


@pytest.mark.parametrize(
    ("status", "content", "fault"),
    [
        (200, b'{"id": "x7"}', ""),
        (200, b'{"id": "y"}', "GET user, /Users/x7: 200"),
        (404, b"x7", "GET user, /Users/x7: 404"),
        (0, b"x7", "GET user, /Users/x7: 0"),
        (429, b"", ""),
        (503, b"", ""),
    ],
)
def test_an_answer_to_another_question_is_wrong_and_a_refusal_is_not(status: int, content: bytes, fault: str):
    asking = Asking("GET user", "GET", "/Users/x7", None, 200, "x7")
    answer = Answer(status, content)
    assert answer.fault(asking)[: len(fault) or None] == fault
    assert answer.refused == (status in {429, 503})


async def driven(directory: Directory, jobs: list[Job], requests: int) -> list[Done]:
    done: list[Done] = []
    await drive(directory, jobs, at_once(lambda: len(done) >= requests), done.append)
    return done


async def test_a_correct_service_answers_all_traffic_as_it_expects():
    done = await driven(Directory(), [Job(Traffic(number).conversation()) for number in range(4)], 1_000)
    assert [each.fault for each in done if each.fault] == []
    assert not any(each.refused for each in done)
    kinds = {each.what for each in done}
    assert {"filter users", "filter groups", "GET user", "GET group", "POST user", "DELETE user"} < kinds
    assert {"PATCH user", "PATCH members", "page of 20"} < kinds


async def test_people_and_groups_that_were_there_before_remain_and_nobody_is_created_twice():
    directory = Directory()
    first = Job(Traffic(0, stay=5).conversation())
    await driven(directory, [first], 300)
    _, found = await directory.call("GET", "/Users?count=100", None)
    users = json.loads(found)["Resources"]
    people = [Person(int(each["externalId"].removeprefix("external-")), each["id"]) for each in users]
    _, found = await directory.call("GET", "/Groups?excludedAttributes=members", None)
    groups = [each["id"] for each in json.loads(found)["Resources"]]
    assert 5 <= len(people) <= 6  # one joins before one leaves
    assert len(groups) == 3
    done = await driven(directory, [Job(Traffic(number, people, groups).conversation()) for number in (1, 2)], 600)
    assert [each.fault for each in done if each.fault] == []
    assert "POST group" not in {each.what for each in done}
    for person in people:
        assert (await directory.call("GET", f"/Users/{person.id}", None))[0] == 200


async def test_a_conversation_goes_on_when_it_is_refused_or_gets_no_answer():
    job = Job(Traffic(0).conversation())
    posts = 0
    for number in range(200):
        posts += job.ask().method == "POST"
        job.hear(Answer((429, 503, 0)[number % 3], secrets.token_bytes(3)))
    assert posts > 10
