"""Ids and moments."""

import itertools
import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ids import Mint, digest, is_id, moment, pack, unpack, uuid7, well_formed

TIMES = st.integers(0, 2**41).map(lambda microseconds: microseconds / 1000)


def zeros(count: int) -> bytes:
    return bytes(count)


def test_an_id_has_the_layout_of_the_rfc() -> None:
    """The example of RFC 9562 appendix A.6, with its own random bits."""
    seconds, fraction, tail = 0x017F22E279B0 / 1000, 0xCC3, 0x18C4DC0C0C07398F

    made = uuid.UUID(uuid7(seconds + fraction / 4096 / 1000 + 1e-7, lambda _: tail.to_bytes(8, "big")))

    assert made.hex.startswith("017f22e279b07")
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs((made.int >> 64 & 0xFFF) - fraction) <= 1, "the fraction is as exact as a float of that time"
    assert made.int & 2**62 - 1 == tail & 2**62 - 1


@given(TIMES, TIMES)
def test_a_later_id_is_greater_whatever_the_random_bits(one: float, other: float) -> None:
    early, late = sorted((one, other))
    if late - early > 1e-6:
        assert uuid7(early, lambda count: b"\xff" * count) < uuid7(late, zeros)


@given(st.binary(min_size=8, max_size=8), TIMES)
def test_an_id_is_well_formed(random: bytes, seconds: float) -> None:
    made = uuid7(seconds, lambda _: random)

    assert is_id(made)
    assert uuid.UUID(made).version == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "x" * 36,
        "0190AAAA-0000-7000-8000-000000000000",
        "0190aaaa000070008000000000000000",
        "0190aaaa-0000-7000-8000-000000000000\n",
        " 0190aaaa-0000-7000-8000-000000000000",
    ],
)
def test_other_text_is_no_id(text: str) -> None:
    assert not is_id(text)
    assert well_formed([text]) == []


@given(st.lists(st.uuids().map(str)))
def test_packed_ids_unpack(many: list[str]) -> None:
    assert unpack(pack(many)) == tuple(many)


def test_bytes_that_are_no_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="17 bytes"):
        unpack(bytes(17))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1970-01-01T00:00:00.000Z"), (1795559436.5, "2026-11-24T22:30:36.500Z"), (1e9, "2001-09-09T01:46:40.000Z")],
)
def test_moments_are_rfc_3339_in_utc_with_milliseconds(seconds: float, text: str) -> None:
    assert moment(seconds) == text


def test_a_digest_takes_lone_surrogates() -> None:
    assert digest("\ud800", 8) != digest("\ud801", 8)


def test_a_mint_takes_time_and_chance_from_outside() -> None:
    ticks = itertools.count(1_000_000_000)
    mint = Mint(lambda: float(next(ticks)), zeros)

    assert mint.id() == "00e8d4a5-1000-7000-8000-000000000000"
    assert mint.version() == "0" * 16
    assert mint.now() == "2001-09-09T01:46:41.000Z"
    assert Mint(lambda: 0.0, secrets.token_bytes).version() != Mint(lambda: 0.0, secrets.token_bytes).version()
