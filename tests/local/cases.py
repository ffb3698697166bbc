"""Requests and what must come of them, whichever host serves sample_app."""

from dataclasses import dataclass, field
from typing import Any

GUID = "0190a5b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b"


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the status of its answer, and what the handler says reached it; no `told` means an empty body."""

    rule: str
    request: str
    headers: tuple[str, ...] = ()
    body: bytes = b""
    status: int = 200
    told: dict[str, Any] = field(default_factory=dict)


def _one(rule: str, path: str, id: str, **told: Any) -> Case:
    return Case(rule, f"GET /things/{path}", told={"function": "things_one", "route_params": {"id": id}} | told)


def _query(rule: str, query: str, params: dict[str, str]) -> Case:
    url = f"http://example.test/healthz?{query}"
    return Case(rule, f"GET /healthz?{query}", told={"function": "healthz", "params": params, "url": url})


def _header(rule: str, fields: tuple[str, ...], headers: dict[str, str]) -> Case:
    ours = {"host": "example.test", "connection": "close"}
    return Case(rule, "GET /healthz", fields, told={"headers": ours | headers})


def _function(rule: str, request: str, function: str, **parameters: str) -> Case:
    return Case(rule, request, told={"function": function, "route_params": parameters})


CASES = [
    # Which function takes a request.
    _function("names_decide_before_literals_do", "GET /things/.search", "things_a_search"),
    _function("a_function_without_the_method_is_passed_over", "DELETE /things/.search", "things_one", id=".search"),
    _function("names_are_compared_without_letter_case", "PATCH /things/1", "Zlast", rest="1"),
    _function("literals_match_in_any_letter_case", "GET /THINGS/1", "things_one", id="1"),
    _function("one_trailing_slash_is_ignored", "GET /things/1/", "things_one", id="1"),
    _function("a_constraint_lets_a_guid_pass", f"GET /guids/{GUID}", "guids_one", id=GUID),
    _function("an_optional_parameter_may_be_missing", "GET /optional/a", "optional", first="a"),
    _function("an_optional_parameter_may_be_there", "GET /optional/a/b", "optional", first="a", second="b"),
    _function("a_catch_all_takes_the_rest", "GET /files/a/b/", "files", path="a/b/"),
    _function("a_catch_all_may_be_empty", "GET /files", "files"),
    _function("a_function_without_methods_takes_any", "PROPFIND /files/a", "files", path="a"),
    _function("dot_segments_are_removed", "GET /guids/../things/./1", "things_one", id="1"),
    Case("a_constraint_stops_what_is_no_guid", "GET /guids/7", status=404),
    Case("a_route_does_not_match_a_longer_path", "GET /healthz/1", status=404),
    Case("a_route_does_not_match_a_shorter_path", "GET /guids", status=404),
    Case("an_empty_segment_matches_nothing", "GET //things/1", status=404),
    Case("two_trailing_slashes_match_nothing", "GET /guids/" + GUID + "//", status=404),
    Case("a_method_nobody_declares_gets_a_bare_404", "OPTIONS /things/1", status=404),
    Case("the_page_at_the_root_is_turned_off", "GET /", status=204),
    Case("a_null_in_a_path_is_refused", "GET /things/a%00b", status=400),
    # What a path becomes.
    _one("an_escaped_slash_stays_escaped", "a%2Fb%2fc", "a%2Fb%2fc", url="http://example.test/things/a%2Fb%2fc"),
    _one("other_escapes_are_decoded", "%C3%A4%20%23%3F", "ä #?", url="http://example.test/things/%C3%A4%20%23%3F"),
    _one("a_plus_sign_stays_in_a_path", "a+b", "a+b"),
    _one("a_decoded_percent_sign_is_escaped_in_the_url", "5%25", "5%", url="http://example.test/things/5%25"),
    _one("bytes_that_are_not_utf_8_stay_escaped", "%FFa", "%FFa"),
    _one("a_colon_needs_no_escape", "urn:ietf:params:2.0", "urn:ietf:params:2.0"),
    # What a query becomes.
    _query("values_are_decoded", "filter=userName%20eq+%22%C3%A4%22", {"filter": 'userName eq "ä"'}),
    _query("empty_values_vanish", "filter=&count&a=1", {"a": "1"}),
    _query("repeated_values_are_joined", "a=1&b=x&a=2", {"a": "1,2", "b": "x"}),
    _query("names_that_differ_in_case_are_one", "startIndex=1&startindex=2", {"startIndex": "1,2"}),
    _query("a_value_may_hold_an_equals_sign", "cursor=eA==", {"cursor": "eA=="}),
    _query("an_empty_one_of_several_is_left_out", "a=&a=2", {"a": "2"}),
    # What headers become.
    _header("names_are_lower_cased", ("X-Thing: One",), {"x-thing": "One"}),
    _header("repeated_headers_are_joined", ('If-None-Match: "1"', 'If-None-Match: "2"'), {"if-none-match": '"1","2"'}),
    # What a body becomes.
    Case(
        "a_body_of_known_length_arrives",
        "POST /things",
        ("Content-Length: 7",),
        b'{"a":1}',
        status=201,
        told={"function": "things_create", "body": '{"a":1}'},
    ),
    Case(
        "a_chunked_body_arrives_empty",
        "POST /things",
        ("Transfer-Encoding: chunked",),
        b'7\r\n{"a":1}\r\n0\r\n\r\n',
        status=201,
        told={"function": "things_create", "body": ""},
    ),
    Case(
        "a_body_of_a_deletion_arrives",
        "DELETE /things/1",
        ("Content-Length: 2",),
        b"{}",
        told={"function": "things_one", "body": "{}"},
    ),
    Case(
        "a_compressed_body_arrives_as_it_is",
        "PUT /things/1",
        ("Content-Length: 3", "Content-Encoding: gzip"),
        b"\x1f\x8b\x08",
        told={"function": "things_one", "body": "\x1f\x8b\x08"},
    ),
    Case("a_body_above_the_limit_is_refused_unread", "PUT /things/1", ("Content-Length: 104857601",), status=413),
    # What becomes of what a handler does.
    Case("a_handler_that_raises_gives_an_empty_500", "GET /answers/raise", status=500),
    Case("an_answer_without_a_body_has_none", "GET /answers/none", status=204),
]
