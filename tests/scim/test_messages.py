"""SearchRequest and ListResponse (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.errors import InvalidCount, InvalidSyntax, InvalidValue, ScimError
from scim.limits import DEFAULT_COUNT, MAX_COUNT
from scim.messages import LIST_RESPONSE_URN, SEARCH_REQUEST_URN, SearchRequest, list_response

SCHEMAS = {"schemas": [SEARCH_REQUEST_URN]}


def of_query(**parameters):
    return SearchRequest.from_query(parameters)


def of_body(**members):
    return SearchRequest.from_body(SCHEMAS | members)


def test_a_query_without_parameters_asks_for_the_first_page_of_all():
    request = of_query()
    assert (request.filter, request.sort_by, request.sort_order) == (None, None, "ascending")
    assert (request.start_index, request.count, request.cursor) == (None, DEFAULT_COUNT, None)
    assert (request.attributes, request.excluded_attributes) == ((), ())
    assert of_body() == request


def test_every_parameter_is_read_from_a_query():
    request = of_query(
        filter='userName eq "a"', attributes="id, userName", excludedAttributes="members", sortBy="userName",
        sortOrder="descending", startIndex="11", count="10", aadOptscim062020="", unknown="x",
    )  # fmt: skip
    assert request == of_body(
        filter='userName eq "a"', attributes=["id", "userName"], excludedAttributes=["members"], sortBy="userName",
        sortOrder="descending", startIndex=11, count=10, unknown={},
    )  # fmt: skip
    assert request.filter == 'userName eq "a"'
    assert request.attributes == ("id", "userName")
    assert request.excluded_attributes == ("members",)
    assert (request.sort_by, request.sort_order) == ("userName", "descending")
    assert (request.start_index, request.count) == (11, 10)


def test_names_are_read_whatever_their_case():
    assert of_query(STARTINDEX="3", Count="2", SORTORDER="Descending") == of_body(
        startindex=3, COUNT=2, sortorder="descending"
    )
    assert SearchRequest.from_body({"Schemas": [SEARCH_REQUEST_URN.upper()], "Filter": "a pr"}).filter == "a pr"


def test_null_is_unassigned():
    assert of_body(filter=None, count=None, attributes=None, cursor=None, startIndex=None, sortOrder=None) == of_body()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("1", 1),
        ("7", 7),
        (" 7 ", 7),
        ("+7", 7),
        ("0", 1),
        ("-3", 1),
        ("9" * 10_000, 2**53 - 1),
        ("-" + "9" * 10_000, 1),
    ],
)
def test_a_start_index_below_one_is_one(sent, meant):
    assert of_query(startIndex=sent).start_index == meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("0", 0), ("-1", 0), ("5", 5), (str(MAX_COUNT), MAX_COUNT), (str(MAX_COUNT + 1), MAX_COUNT),
     ("9" * 10_000, MAX_COUNT), (10**400, MAX_COUNT), (-(10**400), 0)],
)  # fmt: skip
def test_a_negative_count_is_zero_and_a_large_one_the_maximum(sent, meant):
    assert of_body(count=sent).count == meant
    assert of_body(count=sent, cursor="").count == meant


@pytest.mark.parametrize("value", ["", "x", "1.5", "1e3", "²", "٣", "--1", "0x10", "1 2", 1.5, True, [], {}, "\ud800"])
@pytest.mark.parametrize("name", ["startIndex", "count"])
def test_what_is_no_integer_is_refused_by_name(name, value):
    with pytest.raises(InvalidValue, match=f"^{name} must be an integer"):
        of_body(**{name: value})


def test_a_malformed_count_of_a_walk_by_cursor_is_an_invalid_count():
    with pytest.raises(InvalidCount, match="count"):
        of_query(count="x", cursor="")


@pytest.mark.parametrize(
    ("name", "value"),
    [("filter", 5), ("filter", ["a pr"]), ("sortBy", {}), ("cursor", 1), ("attributes", 5), ("attributes", {"a": 1}),
     ("excludedAttributes", ["a", 5]), ("sortOrder", "up"), ("sortOrder", 1), ("sortOrder", "")],
)  # fmt: skip
def test_a_parameter_of_another_type_is_refused_by_name(name, value):
    with pytest.raises(InvalidValue, match=f"^{name} must be"):
        of_body(**{name: value})


def test_an_empty_filter_is_kept_for_the_parser_to_refuse():
    assert of_body(filter="").filter == ""


def test_an_empty_cursor_begins_a_walk_and_is_not_the_same_as_none():
    assert of_query(cursor="").cursor == "" == of_body(cursor="").cursor
    assert of_query(cursor="abc").cursor == "abc"
    assert of_query(count="10").cursor is None


@pytest.mark.parametrize("cursor", ["", "abc"])
def test_start_index_and_cursor_exclude_each_other(cursor):
    with pytest.raises(InvalidValue, match="startIndex and cursor"):
        of_query(startIndex="1", cursor=cursor)
    with pytest.raises(InvalidValue, match="startIndex and cursor"):
        of_body(startIndex=1, cursor=cursor)


@pytest.mark.parametrize("schemas", [None, [], "x", SEARCH_REQUEST_URN, ["urn:x"], [5], {}])
def test_a_body_that_is_no_search_request_is_refused(schemas):
    with pytest.raises(InvalidSyntax, match="SearchRequest"):
        SearchRequest.from_body({"schemas": schemas, "count": 1})


def test_a_body_without_schemas_is_refused_and_further_urns_are_not():
    with pytest.raises(InvalidSyntax):
        SearchRequest.from_body({})
    assert SearchRequest.from_body({"schemas": ["urn:x", SEARCH_REQUEST_URN, 5]}) == of_body()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "schemas", "x"]
)


@given(st.dictionaries(NAMES, JSON))
def test_any_body_is_read_or_refused(body):
    for read, parameters in ((SearchRequest.from_body, SCHEMAS | body), (SearchRequest.from_query, body)):
        try:
            request = read(parameters)
        except ScimError as refusal:
            assert refusal.status == 400  # noqa: PT017
        else:
            assert 0 <= request.count <= MAX_COUNT


def test_queries_are_told_apart_by_what_they_select_and_in_which_order():
    alike = [of_query(), of_query(count="5"), of_query(cursor="x"), of_query(attributes="id"), of_query(startIndex="4")]
    assert len({request.identity("/Users") for request in alike}) == 1
    different = [
        of_query(),
        of_query(filter="a pr"),
        of_query(sortBy="a"),
        of_query(sortBy="a", sortOrder="descending"),
        of_query(filter='a eq "\ud800"'),
    ]
    identities = {request.identity(path) for request in different for path in ("/Users", "/Groups")}
    assert len(identities) == 10
    assert all(identity.isascii() for identity in identities)


def test_a_list_response_by_index():
    assert list_response([{"id": "1"}], 7, start_index=3) == {
        "schemas": [LIST_RESPONSE_URN],
        "totalResults": 7,
        "startIndex": 3,
        "itemsPerPage": 1,
        "Resources": [{"id": "1"}],
    }


def test_a_list_response_without_results_has_an_empty_list():
    empty = list_response([], 0, start_index=1)
    assert (empty["totalResults"], empty["itemsPerPage"], empty["Resources"]) == (0, 0, [])


def test_a_list_response_by_cursor_has_a_next_cursor_but_on_the_last_page():
    assert list_response([{"id": "1"}], 7, next_cursor="abc") == {
        "schemas": [LIST_RESPONSE_URN],
        "totalResults": 7,
        "itemsPerPage": 1,
        "nextCursor": "abc",
        "Resources": [{"id": "1"}],
    }
    assert {"nextCursor", "startIndex"}.isdisjoint(list_response([], 0))
