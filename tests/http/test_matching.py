"""The matchers of the corpus must be able to fail: each row is judged right and wrong."""

import pytest

from tests.http.answers import ERROR, LIST, faults
from tests.http.client import Answer
from tests.http.matching import differences
from tests.http.replay import fill

ROWS = [
    ({"a": 1}, {"a": 1, "b": 2}, {"a": 2}),
    ({"a": True}, {"a": True}, {"a": 1}),
    ({"a": "1"}, {"a": "1"}, {"a": 1}),
    ({"a": {"$absent": True}}, {"b": 1}, {"a": 1}),
    ({"a": {"$any": "string"}}, {"a": "x"}, {"a": ""}),
    ({"a": {"$any": "string"}}, {"a": "x"}, {}),
    ({"a": {"$any": "integer"}}, {"a": 1}, {"a": True}),
    ({"a": {"$any": "dateTime"}}, {"a": "2024-02-29T10:00:00.5Z"}, {"a": "2024-02-29 10:00"}),
    ({"a": {"$any": "etag"}}, {"a": 'W/"1"'}, {"a": '"1"'}),
    ({"a": {"$len": 2}}, {"a": [1, 2]}, {"a": [1]}),
    ({"a": {"$pattern": "^x"}}, {"a": "xy"}, {"a": "yx"}),
    ({"a": {"$not": "x"}}, {"a": "y"}, {"a": "x"}),
    ({"a": {"$contains": {"v": 1}}}, {"a": [{"v": 2}, {"v": 1, "w": 1}]}, {"a": [{"v": 2}]}),
    ({"a": {"$unordered": [1, 2]}}, {"a": [2, 1]}, {"a": [1, 1]}),
    ({"a": {"$unordered": [1]}}, {"a": [1]}, {"a": [1, 2]}),
    ({"a": {"$all": [{"$contains": 1}, {"$len": 2}]}}, {"a": [1, 2]}, {"a": [1]}),
    ({"a": [{"v": 1}]}, {"a": [{"v": 1, "w": 1}]}, {"a": [{"v": 1}, {"v": 2}]}),
    ({"a": {"$ref": "x"}}, {"a": {"$ref": "x"}}, {"a": {"$ref": "y"}}),
]


@pytest.mark.parametrize(("expected", "right", "wrong"), ROWS)
def test_each_matcher_accepts_and_refuses(expected, right, wrong):
    assert differences(expected, right) == []
    assert differences(expected, wrong)


def test_whole_match_refuses_what_was_not_expected():
    assert differences({"a": {"b": 1}}, {"a": {"b": 1}}, whole=True) == []
    assert differences({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, whole=True) == ["/a/c: unexpected 2"]


def test_variables_are_encoded_for_the_place_they_stand_in():
    assert fill({"a": ["${n}", "x${n}"]}, {"n": 5}) == {"a": [5, "x5"]}
    assert fill("a eq ${n}", {"n": "x y&z"}, lambda text: text.replace(" ", "+").replace("&", "%26")) == "a eq x+y%26z"


UNSOUND = {
    "error without detail": (400, f'{{"schemas":["{ERROR}"],"status":"400"}}'),
    "error with a numeric status": (400, f'{{"schemas":["{ERROR}"],"status":400,"detail":"x"}}'),
    "error of another status": (404, f'{{"schemas":["{ERROR}"],"status":"400","detail":"x"}}'),
    "empty error": (404, ""),
    "list without Resources": (200, f'{{"schemas":["{LIST}"],"totalResults":0,"itemsPerPage":0}}'),
    "list that miscounts": (200, f'{{"schemas":["{LIST}"],"totalResults":1,"itemsPerPage":1,"Resources":[]}}'),
    "null attribute": (200, '{"schemas":["x"],"title":null}'),
    "active as text": (200, '{"schemas":["x"],"active":"True"}'),
    "version without ETag": (200, '{"schemas":["x"],"meta":{"version":"W/1"}}'),
    "creation without Location": (201, '{"schemas":["x"]}'),
    "body with 204": (204, "{}"),
}


@pytest.mark.parametrize(("status", "text"), UNSOUND.values(), ids=UNSOUND)
def test_unsound_answers_are_noticed(status, text):
    assert faults(Answer(status, {"content-type": "application/scim+json"}, text.encode()))


def test_another_content_type_is_noticed():
    assert faults(Answer(200, {"content-type": "application/json"}, b'{"schemas":["x"]}'))
    assert faults(Answer(200, {"content-type": "application/scim+json; charset=utf-8"}, b'{"schemas":["x"]}')) == []
