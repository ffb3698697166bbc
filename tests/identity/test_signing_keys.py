"""The keys that sign access tokens: made on first use, encrypted, rotated with overlap."""

import asyncio
import json
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest
from azure.data.tables import TableServiceClient

from identity.authenticate import Authenticator
from identity.models import TABLE
from identity.signing_keys import OVERLAP, ROTATE_AFTER, SigningKeys
from scim.errors import Unauthorized, Unavailable
from scim.http import Request
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Tables
from tests.identity.clock import Clock
from tests.identity.conftest import BASE_URL, SETTINGS, Door, SecretClient

OTHER = {"SIGNING_KEY_ENCRYPTION_KEY": b64encode(b"o" * 32).decode()}


@pytest.fixture
def keys(tables: Tables, clock: Clock) -> SigningKeys:
    return SigningKeys(tables, clock, SETTINGS)


async def kids(keys: SigningKeys) -> list[str]:
    return [key.kid for key in await keys.believed()]


async def test_the_first_token_makes_the_key_and_the_next_ones_use_it(keys: SigningKeys) -> None:
    assert await kids(keys) == []
    kid, _ = await keys.signer()

    assert (await keys.signer())[0] == kid
    assert await kids(keys) == [kid]


async def test_instances_share_their_keys(tables: Tables, clock: Clock, keys: SigningKeys) -> None:
    kid, _ = await keys.signer()
    other = SigningKeys(tables, clock, SETTINGS)

    assert (await other.signer())[0] == kid


async def test_instances_that_start_at_once_believe_each_other(tables: Tables, clock: Clock) -> None:
    instances = [SigningKeys(tables, clock, SETTINGS) for _ in range(4)]
    signers = [kid for kid, _ in await asyncio.gather(*(each.signer() for each in instances))]
    clock.move(seconds=60)

    for instance in instances:
        for kid in signers:
            assert await instance.find(kid) is not None
    assert len({(await each.signer())[0] for each in instances}) == 1


async def test_the_private_key_is_stored_encrypted_alone(keys: SigningKeys, storage_settings: Settings) -> None:
    _, private = await keys.signer()
    number = private.private_numbers().private_value.to_bytes(32, "big")

    with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
        rows = [dict(row) for row in service.get_table_client(TABLE).list_entities()]

    (row,) = [row for row in rows if row["PartitionKey"] == "_keys"]
    assert number not in b64decode(row["private"])
    assert set(json.loads(row["public"])) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    for form in (number.hex(), b64encode(number).decode()):
        assert form[:30] not in repr(rows)


async def test_a_row_moved_to_another_id_is_not_used(
    tables: Tables, clock: Clock, keys: SigningKeys, storage_settings: Settings
) -> None:
    kid, _ = await keys.signer()
    with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
        table = service.get_table_client(TABLE)
        row = table.get_entity("_keys", kid)
        table.create_entity({**row, "RowKey": "moved"})
        table.delete_entity("_keys", kid)

    assert (await SigningKeys(tables, clock, SETTINGS).signer())[0] != "moved"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"SIGNING_KEY_ENCRYPTION_KEY": ""},
        {"SIGNING_KEY_ENCRYPTION_KEY": "!"},
        {"SIGNING_KEY_ENCRYPTION_KEY": "c2hvcnQ="},
    ],
)
async def test_without_an_encryption_key_nothing_is_signed_but_verifying_goes_on(
    tables: Tables, clock: Clock, keys: SigningKeys, settings: dict[str, str]
) -> None:
    kid, _ = await keys.signer()
    without = SigningKeys(tables, clock, settings)

    with pytest.raises(Unavailable, match="must hold 32 bytes in base64"):
        await without.signer()
    with pytest.raises(Unavailable):
        await without.rotate()
    assert await without.find(kid) is not None


async def test_another_encryption_key_means_another_signing_key_and_no_refused_token(
    tables: Tables, clock: Clock, keys: SigningKeys
) -> None:
    first, _ = await keys.signer()
    clock.move(minutes=5)
    changed = SigningKeys(tables, clock, OTHER)
    second, _ = await changed.signer()

    assert second != first
    assert await kids(changed) == [first, second]


async def test_a_rotated_key_is_published_first_then_signs_and_the_old_one_is_believed_on(
    keys: SigningKeys, clock: Clock
) -> None:
    first, _ = await keys.signer()
    second = (await keys.rotate()).kid
    assert await kids(keys) == [first, second]

    clock.move(seconds=OVERLAP.total_seconds() - 1)
    assert (await keys.signer())[0] == first
    clock.move(seconds=1)
    assert (await keys.signer())[0] == second
    clock.move(hours=6, minutes=14)
    assert await kids(keys) == [first, second]
    clock.move(minutes=1)
    assert await kids(keys) == [second]
    assert await keys.find(first) is None


async def test_rotation_removes_what_is_believed_no_more(
    keys: SigningKeys, clock: Clock, storage_settings: Settings
) -> None:
    await keys.signer()
    for _ in range(3):
        clock.move(days=90)
        await keys.rotate()
    with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
        rows = list(service.get_table_client(TABLE).query_entities("PartitionKey eq '_keys'"))

    assert len(rows) == 2


async def test_a_timer_rotates_every_ninety_days(keys: SigningKeys, clock: Clock) -> None:
    assert await keys.rotate_if_due() is not None
    clock.move(seconds=ROTATE_AFTER.total_seconds() - 1)
    assert await keys.rotate_if_due() is None
    clock.move(seconds=1)
    assert await keys.rotate_if_due() is not None
    assert await keys.rotate_if_due() is None


async def test_no_request_fails_over_a_rotation(door: Door, client: SecretClient, tables: Tables, clock: Clock) -> None:
    """Every token that was ever brought is good until it expires, on an instance that rotated and on another."""
    other = Door(Authenticator(tables, clock, SETTINGS))
    live: list[str] = []
    for step in range(16):
        if step == 3:
            await door.authenticator.oauth._signing_keys.rotate()
        live = [*live, (await (door, other)[step % 2].by_secret(client.id, client.secret)).body["access_token"]][-6:]
        for token in live:
            await door.call(token)
            await other.call(token)
        clock.move(minutes=9)


async def test_rotation_at_once_ends_all_tokens_within_a_minute(
    door: Door, client: SecretClient, keys: SigningKeys, clock: Clock
) -> None:
    token = (await door.by_secret(client.id, client.secret)).body["access_token"]
    await door.call(token)
    await keys.rotate(at_once=True)
    clock.move(seconds=60)

    with pytest.raises(Unauthorized, match="key that it is signed with is not known"):
        await door.call(token)
    await door.call((await door.by_secret(client.id, client.secret)).body["access_token"])


async def test_invented_key_ids_cost_a_read_every_ten_seconds(keys: SigningKeys, clock: Clock) -> None:
    await keys.signer()
    calls = []
    for seconds in (0, 10, 0):
        clock.move(seconds=seconds)
        with metered() as cost:
            for n in range(20):
                assert await keys.find(f"invented-{n}") is None
        calls.append(cost.calls)

    assert calls == [1, 1, 0]


async def test_the_published_keys_are_public_and_may_be_cached_for_less_than_the_overlap(
    door: Door, client: SecretClient
) -> None:
    await door.by_secret(client.id, client.secret)
    response = await door.authenticator.oauth.jwks()

    (key,) = response.body["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert response.headers == {"Cache-Control": "public, max-age=300"}
    assert timedelta(seconds=300) < OVERLAP


@pytest.mark.parametrize("base_url", [BASE_URL, "https://scim.example.com"])
def test_the_metadata_is_that_of_rfc_8414(door: Door, base_url: str) -> None:
    body = door.authenticator.oauth.metadata(Request("GET", base_url)).body

    assert body == {
        "issuer": "https://scim.example.com",
        "token_endpoint": "https://scim.example.com/oauth2/token",
        "jwks_uri": "https://scim.example.com/.well-known/jwks.json",
        "scopes_supported": ["scim"],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
    }
