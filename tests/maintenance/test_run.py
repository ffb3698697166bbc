"""What the timer does for the data of all tenants."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from identity import retention
from identity.clients import OAuthClients
from identity.credentials import SecretTokens
from identity.models import ENTRA_PARTITION, USED_PREFIX, Trust
from identity.record import read
from identity.registrations import EntraRegistrations
from identity.tenants import Tenants
from identity.uses import Uses
from maintenance.position import Position
from maintenance.run import Maintenance
from maintenance.settings import event_age
from scim.errors import Unavailable
from scim.store import Draft
from storage import keys
from storage.directory import TABLE, TableDirectory
from storage.journal import Membership, Removal, rows_of
from storage.settings import SettingsError
from storage.tables import Tables, Write
from tests.identity.clock import Clock
from tests.storage.conftest import GROUP, USER, add
from tests.storage.line import seed_users

ENTRA = "3f2a6c1e-0000-4000-8000-000000000001"


@pytest.fixture
def clock() -> Clock:
    """A clock at the present moment: rows of the directory get their times from the real one."""
    return Clock(datetime.now(UTC))


class Lines(logging.Handler):
    """Keeps the lines that are logged, read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(json.loads(record.getMessage()))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, object]]]:
    """The lines that are logged."""
    caplog.set_level(logging.INFO, "maintenance")
    handler, logger = Lines(), logging.getLogger("maintenance")
    logger.addHandler(handler)
    yield handler.found
    logger.removeHandler(handler)


@pytest.fixture
async def three(tables: Tables, clock: Clock) -> list[str]:
    """Three tenants."""
    return [(await Tenants(tables, clock).create(name)).id for name in ("Ada", "Bob", "Cyd")]


async def test_a_quiet_run_finds_nothing_and_says_so_in_one_line(
    tables: Tables, clock: Clock, three: list[str], lines: list[dict[str, object]]
) -> None:
    await add(TableDirectory(tables, three[0]), "ana")

    report = await Maintenance(tables, clock, {}).run()

    assert (report.tenants, report.rows, report.complete) == (3, 3, True)
    assert (report.findings, report.failures) == (0, 0)
    assert [line["operation"] for line in lines] == ["maintenance"]


async def test_left_over_journals_are_finished_in_every_run(tables: Tables, clock: Clock, three: list[str]) -> None:
    for tenant in three:
        directory = TableDirectory(tables, tenant)
        user = await add(directory, "ana")
        group = await add(directory, "g", GROUP)
        journal = Removal(group.id, group.id, "Group", "2026-01-01T00:00:00.000Z", frozenset())
        await tables.table(TABLE).commit(tenant, rows_of(journal))
        assert user.groups == ()

    report = await Maintenance(tables, clock, {}).run()

    assert report.journals == 3
    assert (await Maintenance(tables, clock, {}).run()).journals == 0


async def test_a_journal_that_cannot_be_read_is_told_of_and_stops_nobody_else(
    tables: Tables, clock: Clock, three: list[str], lines: list[dict[str, object]]
) -> None:
    await tables.table(TABLE).commit(three[0], [Write("insert", "j|x", {"kind": "nonsense"})])
    await add(TableDirectory(tables, three[2]), "ana")

    report = await Maintenance(tables, clock, {}).run()

    assert report.failures >= 1
    assert report.rows > 0
    assert (lines[0]["event"], lines[0]["outcome"], lines[0]["tenant"]) == ("journal", "failed", three[0])
    assert report.complete


async def test_what_is_broken_is_told_of_and_what_changes_meanwhile_is_not(
    tables: Tables, clock: Clock, three: list[str], lines: list[dict[str, object]]
) -> None:
    directory = TableDirectory(tables, three[1])
    user, group = await add(directory, "ana"), await add(directory, "g", GROUP)
    journal = Membership(group.id, group.id, "2026-01-01T00:00:00.000Z", {}, {})
    await tables.table(TABLE).commit(
        three[1],
        [
            *rows_of(journal),  # a change under way is none
            Write("delete", keys.claim("User", "ana", user.id)),
        ],
    )

    report = await Maintenance(tables, clock, {}).run()

    assert report.findings == 1
    assert lines[0] == {
        "event": "finding",
        "tenant": three[1],
        "problem": "resource without its claim",
        "key": keys.claim("User", "ana", user.id),
        "detail": user.id,
    }


async def test_a_run_without_time_makes_one_step_and_the_next_goes_on(
    tables: Tables, clock: Clock, three: list[str]
) -> None:
    for tenant in three:
        await seed_users(tables, tenant, 20)
    rows, runs, complete, places = 0, 0, False, []
    while not complete:
        assert runs < 30
        report = await Maintenance(tables, clock, {}, slice_rows=25).run(0)
        assert report.rows <= 25
        position = await Position.read(tables)
        assert position is not None
        places.append((position.tenant, position.row))
        rows, runs, complete = rows + report.rows, runs + 1, report.complete

    assert rows == 3 * 60
    assert runs > 6
    assert places[:-1] == sorted(places[:-1])


async def test_a_round_is_made_once_a_day(tables: Tables, clock: Clock, three: list[str]) -> None:
    await add(TableDirectory(tables, three[0]), "ana")
    rows = []
    for days, anew in ((0, False), (0, False), (0, True), (1, False)):
        clock.move(days=days)
        rows.append((await Maintenance(tables, clock, {}).run(anew=anew)).rows)

    assert rows == [3, 0, 3, 3]


async def test_events_are_kept_for_the_days_that_the_setting_says(
    tables: Tables, clock: Clock, three: list[str]
) -> None:
    for age, count in ((40, 150), (20, 3)):
        then = (clock() - timedelta(days=age)).timestamp()
        directory = TableDirectory(tables, three[0], clock=lambda then=then: then)
        for n in range(count):
            await directory.create(USER, Draft({"userName": f"u{age}-{n}"}))

    async def events() -> int:
        return len([row async for row in tables.table(TABLE).rows(three[0], keys.EVENTS)])

    first = await Maintenance(tables, clock, {}).run()
    assert (first.events, await events()) == (150, 3)
    second = await Maintenance(tables, clock, {"EVENT_RETENTION_DAYS": "10"}).run(anew=True)
    assert (second.events, await events(), second.findings) == (3, 0, 0)


@pytest.mark.parametrize("text", ["0", "-1", "ten", "1.5", "3651", "٣"])
def test_a_retention_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="EVENT_RETENTION_DAYS"):
        event_age({"EVENT_RETENTION_DAYS": text})


async def test_credentials_are_removed_a_month_after_their_end(tables: Tables, clock: Clock, three: list[str]) -> None:
    tenant = three[0]
    tokens, clients, uses = SecretTokens(tables, clock), OAuthClients(tables, clock), Uses(tables, clock)
    _, revoked = await tokens.issue(tenant)
    uses.note(tenant, revoked.id)
    await uses.settle()
    await tokens.revoke(tenant, revoked.id)
    _, expiring = await tokens.issue(tenant, days=5)
    _, living = await tokens.issue(tenant, days=90)
    gone, kept = await clients.create(tenant), await clients.create(tenant)
    await clients.revoke(tenant, gone.id)
    _, old = await clients.add_secret(tenant, kept.id, 365)
    await clients.revoke_secret(tenant, kept.id, old.id)
    _, new = await clients.add_secret(tenant, kept.id, 365)

    async def left(days: float) -> tuple[int, set[str]]:
        clock.move(days=days)
        report = await Maintenance(tables, clock, {}).run(anew=True)
        found = await read(tables.table("identity"), tenant)
        secrets = {each.id for client in found.clients for each in client.secrets}
        return report.credentials, {each.id for each in found.credentials} | secrets

    everything = {revoked.id, expiring.id, living.id, gone.id, kept.id, old.id, new.id}
    assert await left(29.9) == (0, everything)
    assert await left(0.2) == (3, {expiring.id, living.id, kept.id, new.id})
    assert await tables.table("identity").get(tenant, USED_PREFIX + revoked.id) is None
    assert await left(4.8) == (0, {expiring.id, living.id, kept.id, new.id})
    assert await left(0.2) == (1, {living.id, kept.id, new.id})


async def test_credentials_that_end_soon_are_told_of_once_a_day(
    tables: Tables, clock: Clock, three: list[str], lines: list[dict[str, object]]
) -> None:
    tokens, clients, uses = SecretTokens(tables, clock), OAuthClients(tables, clock), Uses(tables, clock)
    client = await clients.create(three[1])
    _, secret = await clients.add_secret(three[1], client.id, 365)
    clock.move(days=345)
    _, soon = await tokens.issue(three[0], "who is told of", days=5)
    await tokens.issue(three[0], days=90)
    _, revoked = await tokens.issue(three[2], days=5)
    await tokens.revoke(three[2], revoked.id)
    uses.note(three[0], soon.id)
    await uses.settle()

    reports = [await Maintenance(tables, clock, {}).run() for _ in range(2)]

    def line(tenant: str, kind: str, credential: str, days: int, used: str | None) -> dict[str, object]:
        expires = f"{clock() + timedelta(days=days):%Y-%m-%d}"
        told = {"tenant": tenant, "kind": kind, "credential": credential, "expires": expires, "lastUsed": used}
        return {"event": "expiring", **told}

    assert [each for each in lines if each.get("event") == "expiring"] == [
        line(three[0], "secret_token", soon.id, 5, f"{clock():%Y-%m-%d}"),
        line(three[1], "client_secret", f"{client.id} secret {secret.id}", 20, None),
    ]
    assert [report.expiring for report in reports] == [2, 0]


async def test_more_credentials_than_a_transaction_holds_are_removed(
    tables: Tables, clock: Clock, three: list[str]
) -> None:
    clients = OAuthClients(tables, clock)
    for _ in range(100):
        await clients.revoke(three[0], (await clients.create(three[0])).id)
    clock.move(days=30)

    assert await retention.remove_ended(tables, three[0], clock) == 100
    assert await clients.list(three[0]) == ()


async def test_a_removal_of_an_entra_tenant_that_was_cut_off_is_completed(
    tables: Tables, clock: Clock, three: list[str]
) -> None:
    registrations = EntraRegistrations(tables, clock)
    believed = Trust(
        issuer=f"https://sts.windows.net/{ENTRA}/",
        jwks_url="https://login.microsoftonline.com/common/discovery/keys",
        audiences=("a",),
        entra_tenant_id=ENTRA,
    )
    await registrations.add(three[0], ENTRA, believed)
    await registrations.remove(three[0], ENTRA)
    await tables.table("identity").commit(ENTRA_PARTITION, [Write("insert", ENTRA, {"tenant_id": three[0]})])
    clock.move(days=31)

    await retention.remove_ended(tables, three[0], clock)

    assert await registrations.tenant_of(ENTRA) is None
    assert await registrations.list(three[0]) == ()


async def test_the_signing_key_is_rotated_and_a_failure_of_it_stops_nothing(
    tables: Tables, clock: Clock, three: list[str], lines: list[dict[str, object]]
) -> None:
    async def rotate() -> str | None:
        return "new-key"

    async def fail() -> str | None:
        raise Unavailable("OAuth is not set up")

    assert (await Maintenance(tables, clock, {}, rotate).run()).signing_key == "new-key"
    report = await Maintenance(tables, clock, {}, fail).run()

    assert (report.failures, report.signing_key, report.tenants) == (1, "", len(three))
    assert {"event": "signing key", "outcome": "failed", "reason": "OAuth is not set up"} in lines
