"""Entity-tags and preconditions (RFC 7644 section 3.14, RFC 9110 section 13)."""

import pytest

from scim.errors import PreconditionFailed
from scim.etag import check_match, entity_tag, not_modified

NAMES_IT = ['W/"v1"', '"v1"', "*", " * ", 'W/"v0", W/"v1"', '"v0","v1"', ',W/"v1",', '"a,b" , "v1"', '"", "v1"']
NAMES_OTHERS = ['W/"v2"', '"v10"', '"xv1"', '"V1"', '"v1 "', 'W/"v0", "v2"', '"*"', '"v"']
MALFORMED = [
    "",
    "v1",
    "W/v1",
    '"v1',
    'v1"',
    'w/"v1"',
    'W/ "v1"',
    '"v1" "v2"',
    '"v1" v2',
    '*, "v1"',
    '"v\x7f", "v1"',
    "," * 50,
]


def test_the_entity_tag_is_weak():
    assert entity_tag("e180ee84f0671b1") == 'W/"e180ee84f0671b1"'


@pytest.mark.parametrize("header", NAMES_IT)
def test_if_match_passes_if_it_names_the_version_weak_or_strong(header):
    check_match({"if-match": header}, "v1")
    assert not_modified({"if-match": header}, "v1") is False


@pytest.mark.parametrize("header", NAMES_OTHERS + MALFORMED)
def test_if_match_fails_if_it_names_others_or_is_malformed(header):
    for check in (check_match, not_modified):
        with pytest.raises(PreconditionFailed, match="v1"):
            check({"if-match": header}, "v1")


@pytest.mark.parametrize("header", NAMES_IT)
def test_if_none_match_that_names_the_version_answers_a_get_with_304_and_a_change_with_412(header):
    assert not_modified({"if-none-match": header}, "v1") is True
    with pytest.raises(PreconditionFailed, match="If-None-Match"):
        check_match({"if-none-match": header}, "v1")


@pytest.mark.parametrize("header", NAMES_OTHERS + MALFORMED)
def test_if_none_match_that_names_others_or_is_malformed_changes_nothing(header):
    assert not_modified({"if-none-match": header}, "v1") is False
    check_match({"if-none-match": header}, "v1")


def test_without_preconditions_all_goes_on():
    check_match({"etag": 'W/"v2"'}, "v1")
    assert not_modified({}, "v1") is False


def test_if_match_is_evaluated_before_if_none_match():
    with pytest.raises(PreconditionFailed):
        not_modified({"if-match": '"v2"', "if-none-match": '"v1"'}, "v1")


def test_a_long_malformed_header_is_refused_in_no_time():
    assert not_modified({"if-none-match": ", " * 50_000 + "x"}, "v1") is False
    assert not_modified({"if-none-match": '"a", ' * 20_000 + "x"}, "v1") is False
