"""Row keys: whatever a client writes, they need no escaping, stay short, and agree with how values are compared."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.text import fold
from storage import keys
from storage.tables import Span

ONE, OTHER = "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002"
ANY = st.text(st.characters(codec=None))


def within(key: str, span: Span) -> bool:
    return span.low <= key < span.high


@given(ANY, ANY)
def test_keys_of_any_value_are_plain_and_short(value: str, path: str) -> None:
    for key in (keys.claim("User", value, ONE), keys.lookup("Group", path, value, ONE)):
        assert re.fullmatch(r"[a-z0-9|-]{1,120}", key)


@given(ANY, ANY)
def test_values_share_a_key_exactly_if_they_compare_equal(one: str, other: str) -> None:
    equal = fold(one) == fold(other)

    assert (keys.claim("User", one, ONE) == keys.claim("User", other, OTHER)) is equal
    assert (keys.lookups("User", "p", one) == keys.lookups("User", "p", other)) is equal


def test_a_resource_without_a_unique_value_claims_its_own_id() -> None:
    claims = {keys.claim("User", None, ONE), keys.claim("User", None, OTHER), keys.claim("User", ONE, ONE)}

    assert len(claims) == 3


@given(ANY)
def test_the_sixteen_spans_hold_every_claim_of_the_type_once(value: str) -> None:
    key = keys.claim("User", value, ONE)

    assert [within(key, span) for span in keys.claims("User")].count(True) == 1
    assert within(key, keys.all_claims("User"))
    assert not within(key, keys.all_claims("Group"))


@given(st.uuids().map(str))
def test_an_edge_lies_in_its_group_and_in_one_sixteenth_of_it(member: str) -> None:
    key = keys.edge(ONE, member)

    assert within(key, keys.edges(ONE))
    assert not within(key, keys.edges(OTHER))
    assert [within(key, keys.edges(ONE, digit)) for digit in keys.HEX].count(True) == 1
    assert not within(key, keys.edges(ONE, after=key))
    assert keys.last(key) == member


def test_a_walk_goes_on_behind_an_id() -> None:
    span = keys.resources("User", after=ONE)

    assert not within(keys.resource("User", ONE), span)
    assert within(keys.resource("User", OTHER), span)
    assert not within(keys.resource("Group", OTHER), span)


@pytest.mark.parametrize("part", [0, 1, 3])
def test_a_journal_and_what_it_leaves_lie_among_the_journals(part: int) -> None:
    for key in (keys.journal(ONE, part), keys.tombstone(ONE)):
        assert within(key, keys.JOURNALS)
        assert within(key, keys.journal_span(ONE))
        assert not within(key, keys.journal_span(OTHER))
