"""When a credential was last used: to the day, one write a day, behind the request."""

import asyncio
from datetime import date, timedelta

import pytest
from azure.data.tables import TableServiceClient

from identity import record
from identity.authenticate import Authenticator
from identity.credentials import SecretTokens
from identity.models import TABLE
from identity.tokens import Token
from identity.uses import Uses
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Patience, Tables
from tests.identity.clock import Clock
from tests.identity.conftest import Door, SecretClient


@pytest.fixture
async def token(tokens: SecretTokens, customer: str) -> Token:
    return (await tokens.issue(customer))[0]


async def days(tables: Tables, tenant: str) -> dict[str, date]:
    return dict((await record.read(tables.table(TABLE), tenant)).used)


async def test_a_use_is_noted_to_the_day_and_costs_the_request_nothing(
    authenticator: Authenticator, tables: Tables, token: Token, clock: Clock
) -> None:
    with metered() as cost:
        await authenticator.authenticate(f"Bearer {token.render()}")
        await authenticator.uses.settle()

    assert cost.calls == 1, "the look-up of the token alone"
    assert await days(tables, token.tenant_id) == {token.id: clock.now.date()}


async def test_a_credential_costs_at_most_one_write_a_day_over_all_instances(
    tables: Tables, clock: Clock, token: Token, storage_settings: Settings
) -> None:
    written = set()
    for _ in range(3):
        uses = Uses(tables, clock)
        for _ in range(5):
            uses.note(token.tenant_id, token.id)
            await uses.settle()
        with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
            row = service.get_table_client(TABLE).get_entity(token.tenant_id, f"used|{token.id}")
            written.add(row.metadata["etag"])

    assert len(written) == 1


async def test_the_next_day_is_noted_again(tables: Tables, clock: Clock, token: Token) -> None:
    uses = Uses(tables, clock)
    for _ in range(3):
        uses.note(token.tenant_id, token.id)
        await uses.settle()
        assert await days(tables, token.tenant_id) == {token.id: clock.now.date()}
        clock.move(days=1)


async def test_an_instance_whose_clock_is_behind_takes_nothing_back(tables: Tables, clock: Clock, token: Token) -> None:
    for ahead in (1, 0):
        uses = Uses(tables, lambda ahead=ahead: clock.now + timedelta(days=ahead))
        uses.note(token.tenant_id, token.id)
        await uses.settle()

    assert await days(tables, token.tenant_id) == {token.id: clock.now.date() + timedelta(days=1)}


async def test_instances_at_once_agree(tables: Tables, clock: Clock, token: Token) -> None:
    instances = [Uses(tables, clock) for _ in range(6)]
    for each in instances:
        each.note(token.tenant_id, token.id)
    await asyncio.gather(*(each.settle() for each in instances))

    assert await days(tables, token.tenant_id) == {token.id: clock.now.date()}


async def test_a_refused_request_is_no_use(authenticator: Authenticator, tables: Tables, token: Token) -> None:
    with pytest.raises(Exception, match="not known here"):
        await authenticator.authenticate(f"Bearer {Token(token.tenant_id, token.id, Token.new('x').secret).render()}")
    await authenticator.uses.settle()

    assert await days(tables, token.tenant_id) == {}


async def test_asking_for_a_token_is_a_use_of_the_client(
    door: Door, client: SecretClient, tables: Tables, customer: str, clock: Clock
) -> None:
    await door.by_secret(client.id, client.secret)
    await door.authenticator.uses.settle()

    assert await days(tables, customer) == {client.id: clock.now.date()}


async def test_a_storage_failure_is_logged_and_disturbs_nobody(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    endpoint = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;TableEndpoint=http://127.0.0.1:1/a;"
    cut_off = Tables(Settings(connection_string=endpoint), patience=Patience(attempts=0))
    uses = Uses(cut_off, clock)
    uses.note("t", "c")
    await uses.settle()
    await cut_off.close()

    assert '"event": "use", "outcome": "failed", "tenant": "t", "credential": "c"' in caplog.text
