"""Secret tokens as credentials, in a real table service."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables import TableServiceClient

from identity.credentials import SecretTokens
from identity.errors import InvalidToken, TenantDisabled, TooManyTokens, UnknownToken
from identity.models import TABLE
from identity.tenants import Tenants
from storage.settings import Settings
from storage.tables import Tables
from tests.identity.clock import Clock


async def test_a_token_is_stored_as_it_was_issued(tokens: SecretTokens, customer: str, clock: Clock) -> None:
    token, stored = await tokens.issue(customer, " Entra ", 30)

    assert (stored.tenant_id, stored.id, stored.label) == (customer, token.id, "Entra")
    assert (stored.created, stored.expires) == (clock.now, clock.now + timedelta(days=30))
    assert (stored.revoked, stored.suspended) == (None, False)
    assert await tokens.find(customer, token.id) == await tokens.get(customer, token.id) == stored
    assert await tokens.list(customer) == (stored,)


async def test_only_the_hash_of_a_secret_is_stored(
    tokens: SecretTokens, customer: str, storage_settings: Settings
) -> None:
    token, _ = await tokens.issue(customer, "label")
    await tokens.revoke(customer, token.id)

    with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
        rows = [dict(row) for row in service.get_table_client(TABLE).list_entities()]

    held = repr(rows)
    assert token.digest() in held
    assert token.secret not in held
    assert all(token.secret[start : start + 8] not in held for start in range(len(token.secret) - 7))


async def test_two_tokens_are_valid_at_once_and_no_third(tokens: SecretTokens, customer: str, clock: Clock) -> None:
    first, _ = await tokens.issue(customer)
    clock.move(days=1)
    second, _ = await tokens.issue(customer)

    with pytest.raises(TooManyTokens, match=rf"two valid tokens already: .*the older is {first.id}"):
        await tokens.issue(customer)
    assert [token.id for token in await tokens.valid(customer)] == [first.id, second.id]


@pytest.mark.parametrize("end", ["expiry", "revocation"])
async def test_a_token_that_ended_makes_room(tokens: SecretTokens, customer: str, clock: Clock, end: str) -> None:
    first, _ = await tokens.issue(customer, days=1)
    second, _ = await tokens.issue(customer, days=3)
    if end == "expiry":
        clock.move(days=1)
    else:
        await tokens.revoke(customer, first.id)

    third, _ = await tokens.issue(customer)

    assert {token.id for token in await tokens.valid(customer)} == {second.id, third.id}
    assert len(await tokens.list(customer)) == 3


async def test_a_token_can_take_the_place_of_another(tokens: SecretTokens, customer: str, clock: Clock) -> None:
    first, _ = await tokens.issue(customer)
    second, _ = await tokens.issue(customer)
    clock.move(hours=1)

    third, _ = await tokens.issue(customer, instead_of=first.id)

    assert {token.id for token in await tokens.valid(customer)} == {second.id, third.id}
    assert (await tokens.get(customer, first.id)).revoked == clock.now


async def test_a_refused_replacement_revokes_nothing(tokens: SecretTokens, customer: str) -> None:
    await tokens.issue(customer)
    await tokens.issue(customer)

    with pytest.raises(UnknownToken):
        await tokens.issue(customer, instead_of="aaaaaaaa")
    assert len(await tokens.valid(customer)) == 2


async def test_administrators_at_once_cannot_issue_a_third(tokens: SecretTokens, customer: str) -> None:
    made = await asyncio.gather(*(tokens.issue(customer, f"n{n}") for n in range(6)), return_exceptions=True)

    assert sum(isinstance(one, TooManyTokens) for one in made) == 4
    assert len(await tokens.list(customer)) == 2


async def test_a_token_issued_while_its_tenant_is_disabled_is_refused_or_suspended(
    tenants: Tenants, tokens: SecretTokens, customer: str
) -> None:
    await asyncio.gather(tenants.disable(customer), tokens.issue(customer), return_exceptions=True)

    assert all(token.suspended for token in await tokens.list(customer))


async def test_a_disabled_tenant_gets_no_token_but_can_lose_one(
    tenants: Tenants, tokens: SecretTokens, customer: str
) -> None:
    token, _ = await tokens.issue(customer)
    await tenants.disable(customer)

    with pytest.raises(TenantDisabled, match="enable it before issuing"):
        await tokens.issue(customer)
    assert (await tokens.revoke(customer, token.id)).revoked is not None


async def test_disabling_suspends_what_could_be_used_and_enabling_restores_it(
    tenants: Tenants, tokens: SecretTokens, customer: str
) -> None:
    ended, _ = await tokens.issue(customer)
    await tokens.revoke(customer, ended.id)
    kept, _ = await tokens.issue(customer)
    before = await tokens.list(customer)

    await tenants.disable(customer)
    assert {token.id for token in await tokens.list(customer) if token.suspended} == {kept.id}
    await tenants.enable(customer)
    assert await tokens.list(customer) == before


async def test_a_revoked_token_stays_as_it_is(tokens: SecretTokens, customer: str, clock: Clock) -> None:
    token, _ = await tokens.issue(customer)
    first = await tokens.revoke(customer, token.id)
    clock.move(days=1)

    assert await tokens.revoke(customer, token.id) == first


@pytest.mark.parametrize("id", ["aaaaaaaa", "", "a/b", "'"])
async def test_an_unknown_token_is_refused(tokens: SecretTokens, customer: str, id: str) -> None:
    for call in (tokens.revoke(customer, id), tokens.get(customer, id)):
        with pytest.raises(UnknownToken, match="has no token"):
            await call


async def test_an_impossible_life_or_label_issues_nothing(tokens: SecretTokens, customer: str) -> None:
    for call in (tokens.issue(customer, days=0), tokens.issue(customer, "a\nb")):
        with pytest.raises(InvalidToken):
            await call
    assert await tokens.list(customer) == ()


class LosesAnswers(AioHttpTransport):
    """Sends every request, and loses every other answer to a write, so that each write is tried twice."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    async def send(self, request: Any, **options: Any) -> Any:
        answer = await super().send(request, **options)
        if request.url.endswith("$batch"):
            self.writes += 1
            if self.writes % 2:
                raise ServiceResponseError("the answer was lost")
        return answer


@pytest.fixture
async def lossy(storage_settings: Settings) -> AsyncIterator[Tables]:
    opened = Tables(storage_settings, transport=LosesAnswers())
    yield opened
    await opened.close()


async def test_a_lost_answer_to_a_creation_is_no_taken_name(
    tenants: Tenants, lossy: Tables, clock: Clock, tenant: str
) -> None:
    created = await Tenants(lossy, clock).create("Lossy", tenant)

    assert await tenants.get(tenant) == created


async def test_a_lost_answer_to_issuing_makes_one_token(
    tokens: SecretTokens, lossy: Tables, clock: Clock, customer: str
) -> None:
    _, stored = await SecretTokens(lossy, clock).issue(customer)

    assert await tokens.list(customer) == (stored,)


async def test_a_lost_answer_to_revoking_or_disabling_is_made_good(
    tokens: SecretTokens, lossy: Tables, clock: Clock, customer: str
) -> None:
    ended, _ = await tokens.issue(customer)
    kept, _ = await tokens.issue(customer)

    assert (await SecretTokens(lossy, clock).revoke(customer, ended.id)).revoked == clock.now
    assert (await Tenants(lossy, clock).disable(customer)).disabled == clock.now
    assert (await tokens.get(customer, ended.id)).revoked == clock.now
    assert (await tokens.get(customer, kept.id)).suspended
