"""Whole cycles against the running service: what is provisioned, what is not sent, what is noticed."""

import json
from collections.abc import Callable

import httpx
import pytest

from entra.change import Rates, change
from entra.cycle import Outcome, run_cycle
from entra.generate import generate
from entra.job import Job, Options
from entra.on_demand import provision_on_demand
from entra.verify import verify

BUSY = Rates(joiners=0.05, movers=0.2, leavers=0.1)


async def cycle(job: Job) -> Outcome:
    async with job.wire:
        return await run_cycle(job)


async def differences(job: Job) -> list[str]:
    async with job.wire:
        result = await verify(job, exclusive=True)
    assert result.users > 0
    return [str(deviation) for deviation in result.deviations]


class Altered(httpx.AsyncBaseTransport):
    """A wire that changes answers, as a target with a fault would."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, alter: Callable[[httpx.Request, httpx.Response], httpx.Response]
    ):
        self._inner, self._alter = inner, alter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        return self._alter(request, answer)

    async def aclose(self) -> None:
        await self._inner.aclose()


def rewritten(answer: httpx.Response, body: object, status: int | None = None) -> httpx.Response:
    headers = {"Content-Type": answer.headers.get("Content-Type", "application/scim+json")}
    return httpx.Response(status or answer.status_code, headers=headers, content=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("dialect", "people", "groups"),
    [("legacy", 60, 15), ("optscim", 60, 15), ("logicapp-verbose", 14, 6), ("logicapp-nonverbose", 14, 6)],
)
async def test_a_company_is_provisioned_and_follows_every_change(tenant, dialect, people, groups):
    directory = generate(people, groups, seed=3)
    first = await cycle(tenant.job(directory, dialect=dialect))
    assert first.initial
    assert first.healthy, first.tally
    assert await differences(tenant.job(directory, dialect=dialect)) == []
    for seed in range(2):
        change(directory, BUSY, seed)
        outcome = await cycle(tenant.job(directory, dialect=dialect))
        assert not outcome.initial
        assert outcome.healthy, outcome.tally
        assert await differences(tenant.job(directory, dialect=dialect)) == []


@pytest.mark.parametrize("mappings", ["ideo", "default"])
async def test_two_cycles_without_a_change_send_no_write(tenant, mappings):
    directory = generate(16, 8, seed=4)
    await cycle(tenant.job(directory, mappings=mappings))
    for _ in range(2):
        outcome = await cycle(tenant.job(directory, mappings=mappings))
        assert outcome.traffic.writes == 0
        assert dict(outcome.traffic.requests) == {"GET": 2}


async def test_a_restart_reads_everybody_again_and_writes_memberships_only(tenant):
    directory = generate(14, 6, seed=5)
    await cycle(tenant.job(directory))
    tenant.state.restart()
    outcome = await cycle(tenant.job(directory))
    assert outcome.initial
    assert set(outcome.traffic.requests) == {"GET", "PATCH"}
    assert {kind for kind, action, _ in outcome.tally.objects if action == "Update"} == {"Group"}
    assert await differences(tenant.job(directory)) == []


async def test_a_lost_state_is_found_again_by_matching(tenant):
    directory = generate(14, 6, seed=6)
    await cycle(tenant.job(directory))
    tenant.state = type(tenant.state)()
    outcome = await cycle(tenant.job(directory))
    assert outcome.traffic.requests["POST"] == 0
    assert await differences(tenant.job(directory)) == []


async def test_a_value_returned_transformed_is_noticed_at_once_and_as_an_update_without_end(tenant):
    def lower_cased(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = json.loads(answer.content) if answer.content else None
        for resource in [body, *(body or {}).get("Resources", [])] if isinstance(body, dict) else []:
            if "title" in resource:
                resource["title"] = resource["title"].lower()
        return rewritten(answer, body) if body is not None else answer

    def wrong(inner):
        return Altered(inner, lower_cased)

    directory = generate(12, 3, seed=7)
    first = await cycle(tenant.job(directory, wrap=wrong))
    assert first.tally.broken["echo"] > 0
    tenant.state.restart()
    second = await cycle(tenant.job(directory, wrap=wrong))
    assert second.tally.broken["update-without-end"] > 0
    assert second.traffic.writes > 0
    assert not second.healthy
    assert any("title" in text for text in await differences(tenant.job(directory, wrap=wrong)))


def _string_active(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body = json.loads(answer.content) if answer.content else None
    if isinstance(body, dict) and "active" in body:
        body["active"] = str(body["active"])
        return rewritten(answer, body)
    return answer


def _members_in_spite_of_exclusion(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    body = json.loads(answer.content) if answer.content else {}
    if "excludedAttributes" in str(request.url):
        for resource in body.get("Resources", [body]):
            resource["members"] = [{"value": "1"}]
        return rewritten(answer, body)
    return answer


def _ok_instead_of_created(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    return rewritten(answer, json.loads(answer.content), 200) if request.method == "POST" else answer


def _another_media_type(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
    return httpx.Response(answer.status_code, headers={"Content-Type": "text/html"}, content=answer.content)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (_string_active, "active-boolean"),
        (_members_in_spite_of_exclusion, "members-excluded"),
        (_ok_instead_of_created, "created-status"),
        (_another_media_type, "media-type"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_an_answer_that_entra_punishes_is_named(tenant, fault, rule):
    directory = generate(8, 3, seed=8)
    await cycle(tenant.job(directory, wrap=lambda inner: Altered(inner, fault)))
    change(directory, BUSY, 1)
    tenant.state.restart()
    outcome = await cycle(tenant.job(directory, wrap=lambda inner: Altered(inner, fault)))
    assert outcome.tally.broken[rule] > 0


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "SystemForCrossDomainIdentityManagementServiceIncompatible"), (401, "InvalidCredentials")],
)
async def test_a_filter_answered_404_or_401_quarantines_the_job_at_once(tenant, status, code):
    def refused(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status)}
        return rewritten(answer, error, status) if "filter" in str(request.url) else answer

    directory = generate(8, 2, seed=9)
    outcome = await cycle(tenant.job(directory, wrap=lambda inner: Altered(inner, refused)))
    assert outcome.quarantine is not None
    assert (outcome.quarantine.reason, outcome.quarantine.code) == ("EncounteredQuarantineException", code)
    assert outcome.traffic.writes == 0
    assert tenant.state.job.watermark is None
    recovered = await cycle(tenant.job(directory))
    assert recovered.quarantine is None
    assert await differences(tenant.job(directory)) == []


async def test_a_failing_object_is_escrowed_and_succeeds_in_the_next_cycle(tenant):
    directory = generate(10, 2, seed=10)
    unlucky = next(user for user in directory.users.values() if user.enabled and not user.soft_deleted)

    def failing(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        mine = request.method == "POST" and unlucky.attributes["userPrincipalName"].encode() in request.content
        return rewritten(answer, {"detail": "try later"}, 500) if mine else answer

    outcome = await cycle(tenant.job(directory, wrap=lambda inner: Altered(inner, failing)))
    assert outcome.tally.errors["Failure", "InternalServerError"] == 1
    assert outcome.tally.broken["error-body"] == 1
    assert list(tenant.state.escrows) == [unlucky.id]
    await cycle(tenant.job(directory))
    assert tenant.state.escrows == {}
    assert await differences(tenant.job(directory)) == []


async def test_too_many_removals_are_staged_until_somebody_allows_them(tenant):
    directory = generate(20, 2, seed=11)
    await cycle(tenant.job(directory))
    directory.version += 1
    gone = [user for user in directory.users.values() if user.enabled and not user.soft_deleted][:4]
    for user in gone:
        user.soft_deleted, user.version = True, directory.version

    def limited(**options) -> Job:
        job = tenant.job(directory, options=Options(**options))
        job.mappings = job.mappings.model_copy(update={"deletion_threshold": 3})
        return job

    held = await cycle(limited())
    assert held.quarantine is not None
    assert held.quarantine.reason == "TooManyDeletes"
    assert held.staged == 4
    assert held.traffic.writes == 0
    assert held.tally.objects["User", "StagedDelete", "Skipped"] == 4
    allowed = await cycle(limited(allow_deletes=True))
    assert allowed.quarantine is None
    assert allowed.tally.objects["User", "Disable", "Success"] == 4
    assert await differences(tenant.job(directory)) == []


async def test_every_write_can_be_checked_again(tenant):
    directory = generate(12, 6, seed=12)
    options = Options(double_check=True, reference_check=True, parallel_members=True, members_per_patch=3)
    for seed in range(3):
        outcome = await cycle(tenant.job(directory, options=options))
        assert outcome.healthy, outcome.tally
        change(directory, BUSY, seed)


@pytest.mark.parametrize("dialect", ["legacy", "optscim"])
async def test_one_user_and_one_group_are_provisioned_on_demand_step_by_step(tenant, dialect):
    directory = generate(10, 1, seed=13)
    people = [user for user in directory.users.values() if user.enabled and not user.soft_deleted]
    group = next(iter(directory.groups.values()))
    job = tenant.job(directory, dialect=dialect)
    async with job.wire:
        steps = await provision_on_demand(job, people[1])
        assert [step.name for step in steps] == [
            "Import user",
            "Determine if user is in scope",
            "Match user between source and target",
            "Perform action",
        ]
        assert steps[-1].details["userName"]["new"]
        again = await provision_on_demand(job, people[1])
        assert again[-1].details["error code"] == "RedundantExport"
        steps = await provision_on_demand(job, group, people[1:2])
        assert {step.status for step in steps} == {"Success"}
        assert job.state.memberships[group.id].sure == {people[1].id}
        with pytest.raises(ValueError, match="up to 5 members"):
            await provision_on_demand(job, group, people[:6])


async def test_an_account_that_was_never_provisioned_and_is_blocked_is_left_alone(tenant):
    directory = generate(5, 1, seed=14)
    for user in directory.users.values():
        user.attributes["accountEnabled"], user.soft_deleted = False, False
    outcome = await cycle(tenant.job(directory))
    assert outcome.tally.objects["User", "Create", "Success"] == 0
    async with (job := tenant.job(directory)).wire:
        steps = await provision_on_demand(job, next(iter(directory.users.values())))
    assert steps[-1].status == "Skipped"


async def test_an_unassigned_user_is_disabled_and_forgotten_and_comes_back_under_its_id(tenant):
    directory = generate(8, 1, seed=15)
    everybody = next(iter(directory.groups.values()))
    user = next(user for user in directory.users.values() if user.enabled and not user.soft_deleted)
    await cycle(tenant.job(directory))
    target = tenant.state.links[user.id].target
    for present in (False, True):
        directory.version += 1
        everybody.version = user.version = directory.version
        if present:
            everybody.members.append(user.id)
        else:
            everybody.members.remove(user.id)
        outcome = await cycle(tenant.job(directory))
        assert outcome.healthy, outcome.tally
        assert tenant.state.links[user.id].managed is present
        assert await differences(tenant.job(directory)) == []
    assert tenant.state.links[user.id].target == target
