"""The keys of issuers: fetched seldom, in bounds, from nowhere else, and good through an outage for a while."""

import asyncio
import json

import pytest

from identity.issuers import AllowedHosts
from identity.remote_keys import FetchError, RemoteKeys, fetch, usable
from scim.errors import Unavailable
from tests.identity.clock import Clock
from tests.identity.conftest import SETTINGS
from tests.identity.issuer import Issuer, ec_key, public_jwk, rsa_key

HOSTS = AllowedHosts.of(SETTINGS)


@pytest.fixture
def keys(clock: Clock) -> RemoteKeys:
    return RemoteKeys(HOSTS, clock)


async def found(keys: RemoteKeys, issuer: Issuer, kid: str = "k1") -> bool:
    return await keys.find(issuer.jwks_url, kid) is not None


async def settled(issuer: Issuer, fetches: int) -> None:
    """Wait until the issuer was asked so often, and its answer was taken in."""
    async with asyncio.timeout(5):
        while issuer.fetches < fetches or len(asyncio.all_tasks()) > 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_keys_are_fetched_once_and_then_remembered(keys: RemoteKeys, issuer: Issuer, clock: Clock) -> None:
    for kid in ("k1", "e1", "k1"):
        assert await found(keys, issuer, kid)
        clock.move(minutes=10)

    assert issuer.fetches == 1


async def test_requests_at_once_make_one_fetch(keys: RemoteKeys, issuer: Issuer) -> None:
    assert all(await asyncio.gather(*(found(keys, issuer) for _ in range(20))))
    assert issuer.fetches == 1


async def test_after_an_hour_keys_are_fetched_behind_a_request_that_does_not_wait(
    keys: RemoteKeys, issuer: Issuer, clock: Clock
) -> None:
    await found(keys, issuer)
    clock.move(hours=1)
    issuer.hold = asyncio.Event()
    for _ in range(5):
        assert await found(keys, issuer)
    issuer.hold.set()
    await settled(issuer, 2)

    clock.move(minutes=59)
    assert await found(keys, issuer)
    assert issuer.fetches == 2


async def test_a_new_key_of_the_issuer_is_met_at_once(keys: RemoteKeys, issuer: Issuer, clock: Clock) -> None:
    await found(keys, issuer)
    clock.move(minutes=20)
    issuer.keys["k2"] = rsa_key("k2")

    assert await found(keys, issuer, "k2")
    assert issuer.fetches == 2


async def test_an_unknown_key_is_looked_for_at_most_once_in_five_minutes(
    keys: RemoteKeys, issuer: Issuer, clock: Clock
) -> None:
    await found(keys, issuer)
    clock.move(minutes=1)
    for n in range(50):
        assert not await found(keys, issuer, f"invented-{n}")
    assert issuer.fetches == 2

    clock.move(minutes=4, seconds=59)
    assert not await found(keys, issuer, "invented")
    assert issuer.fetches == 2
    clock.move(seconds=1)
    assert not await found(keys, issuer, "invented")
    assert issuer.fetches == 3


async def test_an_unknown_key_at_the_first_fetch_is_not_looked_for_twice(keys: RemoteKeys, issuer: Issuer) -> None:
    assert not await found(keys, issuer, "invented")
    assert issuer.fetches == 1


async def test_a_key_that_the_issuer_withdrew_is_forgotten_with_the_next_fetch(
    keys: RemoteKeys, issuer: Issuer, clock: Clock
) -> None:
    await found(keys, issuer)
    del issuer.keys["k1"]
    clock.move(hours=1)
    await found(keys, issuer)
    await settled(issuer, 2)

    assert not await found(keys, issuer)


async def test_keys_are_used_through_an_outage_for_a_day_and_no_longer(
    keys: RemoteKeys, issuer: Issuer, clock: Clock
) -> None:
    await found(keys, issuer)
    issuer.down = True
    for _ in range(23):
        clock.move(hours=1)
        assert await found(keys, issuer)
        await settled(issuer, 0)

    clock.move(minutes=59)
    assert await found(keys, issuer)
    await settled(issuer, 0)
    clock.move(minutes=1)
    with pytest.raises(Unavailable, match="cannot be fetched"):
        await found(keys, issuer)

    issuer.down = False
    clock.move(seconds=30)
    assert await found(keys, issuer)


async def test_an_outage_is_not_asked_again_by_every_request(keys: RemoteKeys, issuer: Issuer, clock: Clock) -> None:
    issuer.down = True
    for _ in range(10):
        with pytest.raises(Unavailable) as caught:
            await found(keys, issuer)
    assert caught.value.headers["Retry-After"]
    assert issuer.fetches == 1

    clock.move(seconds=30)
    issuer.down = False
    assert await found(keys, issuer)


async def test_during_an_outage_nobody_says_that_a_key_is_unknown(
    keys: RemoteKeys, issuer: Issuer, clock: Clock
) -> None:
    await found(keys, issuer)
    issuer.down = True
    clock.move(minutes=5)

    for _ in range(3):
        with pytest.raises(Unavailable):
            await found(keys, issuer, "k2")
    assert await found(keys, issuer, "k1")
    assert issuer.fetches == 2


async def test_who_gives_up_waiting_ends_the_fetch_for_nobody_else(keys: RemoteKeys, issuer: Issuer) -> None:
    issuer.hold = asyncio.Event()
    first, second = (asyncio.create_task(found(keys, issuer)) for _ in range(2))
    async with asyncio.timeout(5):
        while not issuer.fetches:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    first.cancel()
    issuer.hold.set()

    assert await second
    assert issuer.fetches == 1


async def test_issuers_are_apart(keys: RemoteKeys, issuer: Issuer) -> None:
    await keys.find(f"{issuer.url}/a", "k1")
    await keys.find(f"{issuer.url}/b", "k1")

    assert issuer.fetches == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 500}, "answered 500"),
        ({"status": 404}, "answered 404"),
        ({"status": 302, "headers": {"Location": "/elsewhere"}}, "answered 302"),
        ({"body": b"{" + b" " * 300_000 + b"}"}, "more than 262144 bytes"),
        ({"cut": True}, "did not answer"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_an_answer_that_is_no_set_of_keys_is_a_failure(issuer: Issuer, answer: dict, why: str) -> None:
    for name, value in answer.items():
        setattr(issuer, name, value)

    with pytest.raises(FetchError, match=why):
        await fetch(HOSTS, issuer.jwks_url)
    assert issuer.fetches == (2 if issuer.cut else 1), (
        "a connection that was cut is tried once more, no redirect followed"
    )


async def test_a_host_that_left_the_list_is_not_asked(issuer: Issuer) -> None:
    with pytest.raises(FetchError, match="not from"):
        await fetch(AllowedHosts.of({}), issuer.jwks_url)
    assert issuer.fetches == 0


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[]}', b'{"keys":[1]}', b"\xff", b"[" * 100_000, b'{"keys":"abc"}'],
    ids=lambda value: ascii(value[:12]),
)
def test_a_document_without_a_usable_key_is_a_failure(document: bytes) -> None:
    with pytest.raises(FetchError):
        usable(document)


def jwk(**changes: object) -> dict[str, object]:
    members = public_jwk("k1", rsa_key("k1")) | changes
    return {name: value for name, value in members.items() if value is not ...}


@pytest.mark.parametrize(
    ("key", "used"),
    [
        (jwk(), True),
        (jwk(alg="RS256"), True),
        (jwk(use=..., x5t="x", x5c=["MIIB"]), True),
        (public_jwk("k1", ec_key("k1")), True),
        (jwk(alg="RS512"), False),
        (jwk(alg="HS256"), False),
        (jwk(use="enc"), False),
        (jwk(kid=...), False),
        (jwk(kid=7), False),
        (jwk(kty="oct", k="c2VjcmV0"), False),
        (jwk(kty=["RSA"]), False),
        (jwk(n="!"), False),
        (jwk(n=...), False),
        (jwk(d="AQAB"), False),
        (public_jwk("k1", rsa_key("short", 1024)), False),
        ({**public_jwk("k1", ec_key("k1")), "crv": "P-384"}, False),
        ({**public_jwk("k1", ec_key("k1")), "x": "AAAA"}, False),
    ],
    # Not the keys themselves: they are new in every process, and the processes of a run must agree on the names.
    ids=[
        *("RSA", "RS256", "with a certificate", "EC", "RS512", "HS256", "for encryption", "no kid", "a number as kid"),
        *("symmetric", "a list as kty", "a broken modulus", "no modulus", "private", "too short", "P-384", "no point"),
    ],
)
def test_only_public_keys_for_our_algorithms_are_used(key: dict[str, object], used: bool) -> None:
    keys = usable(json.dumps({"keys": [key, public_jwk("other", rsa_key("k2"))]}).encode())

    assert set(keys) == ({"k1", "other"} if used else {"other"})
