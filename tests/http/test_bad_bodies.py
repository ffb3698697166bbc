"""Bodies that are wrong: refused with the right status and scimType, never a 500, and the directory as it was."""

import json

import pytest

from tests.http.answers import faults
from tests.http.refusal import refused

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def deep(levels, opening, closing):
    return (opening * levels + "1" + closing * levels).encode()


RAW_BODIES = {
    "empty": (b"", "invalidSyntax"),
    "blank": (b" \n\t", "invalidSyntax"),
    "cut off": (b'{"userName": "a"', "invalidSyntax"),
    "single quotes": (b"{'userName': 'a'}", "invalidSyntax"),
    "trailing comma": (b'{"userName": "a",}', "invalidSyntax"),
    "two documents": (b'{"userName": "a"}{"userName": "b"}', "invalidSyntax"),
    "a comment": (b'{"userName": "a" /* b */}', "invalidSyntax"),
    "a name twice": (b'{"userName": "a", "userName": "b"}', "invalidSyntax"),
    "XML": (b"<user/>", "invalidSyntax"),
    "a form": (b"userName=a&active=true", "invalidSyntax"),
    "NaN": (b'{"userName": "a", "x": NaN}', "invalidSyntax"),
    "infinity": (b'{"userName": "a", "x": -Infinity}', "invalidSyntax"),
    "not UTF-8": (b'{"userName": "\xff\xfe"}', "invalidSyntax"),
    "UTF-16": ('{"userName": "a"}'.encode("utf-16"), "invalidSyntax"),
    "a raw control character": (b'{"userName": "a\x00b"}', "invalidSyntax"),
    "null": (b"null", "invalidSyntax"),
    "a text": (b'"userName"', "invalidSyntax"),
    "a number": (b"1", "invalidSyntax"),
    "a list": (b'[{"userName": "a"}]', "invalidSyntax"),
    "5,000 lists": (deep(5000, "[", "]"), "invalidSyntax"),
    "5,000 objects": (deep(5000, '{"a":', "}"), "invalidSyntax"),
    "5,000 lists in an attribute": (b'{"userName": ' + deep(5000, "[", "]") + b"}", "invalidSyntax"),
    "5,000 lists that never end": (b"[" * 5000, "invalidSyntax"),
    "a NUL": (b'{"userName": "a\\u0000b"}', "invalidValue"),
    "a NUL below": (b'{"userName": "a", "name": {"givenName": "\\u0000"}}', "invalidValue"),
    "a NUL in a name": (b'{"userName": "a", "x\\u0000": 1}', "invalidValue"),
    "a lone surrogate": (b'{"userName": "a\\ud800"}', "invalidValue"),
    "a surrogate the wrong way round": (b'{"userName": "\\udc00\\ud800"}', "invalidValue"),
    "an integer of 100,000 digits": (b'{"userName": "a", "x": ' + b"9" * 100_000 + b"}", "invalidValue"),
    "a number out of range": (b'{"userName": "a", "x": 1e999}', "invalidValue"),
}
PLACES = [
    ("POST", "/Users"),
    ("PUT", "/Users/{user}"),
    ("PATCH", "/Users/{user}"),
    ("POST", "/Groups"),
    ("PATCH", "/Groups/{group}"),
    ("POST", "/Users/.search"),
    ("POST", "/.search"),
]


@pytest.mark.parametrize(("body", "scim_type"), RAW_BODIES.values(), ids=RAW_BODIES)
def test_a_body_that_is_not_sound_json_is_refused_everywhere(populated, body, scim_type):
    for method, path in PLACES:
        place = path.format(user=populated.user, group=populated.group)
        refused(populated, 400, scim_type, method, place, body)


WRONG_TYPES = {
    "userName a number": {"userName": 1},
    "userName a list": {"userName": ["a"]},
    "userName an object": {"userName": {"value": "a"}},
    "userName true": {"userName": True},
    "userName null": {"userName": None},
    "userName empty": {"userName": ""},
    "no userName": {"displayName": "a"},
    "active a number": {"userName": "a", "active": 1},
    "active another text": {"userName": "a", "active": "yes"},
    "active a list": {"userName": "a", "active": [True]},
    "name a text": {"userName": "a", "name": "Ada"},
    "name a list": {"userName": "a", "name": [1]},
    "a number in name": {"userName": "a", "name": {"givenName": 1}},
    "emails a number": {"userName": "a", "emails": 1},
    "a number among emails": {"userName": "a", "emails": [{"value": "x"}, 1]},
    "a list among emails": {"userName": "a", "emails": [["x", "y"]]},
    "an object for a value": {"userName": "a", "emails": [{"value": {"x": 1}}]},
    "primary a number": {"userName": "a", "emails": [{"value": "x", "primary": 1}]},
    "primary twice": {"userName": "a", "emails": [{"value": "x", "primary": True}, {"value": "y", "primary": True}]},
    "no base64": {"userName": "a", "x509Certificates": [{"value": "not base64!"}]},
    "an extension that is a text": {"userName": "a", ENTERPRISE: "x"},
    "a number in an extension": {"userName": "a", ENTERPRISE: {"department": 5}},
    "a manager that is a number": {"userName": "a", ENTERPRISE: {"manager": 5}},
}


@pytest.mark.parametrize("body", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_value_of_the_wrong_type_is_refused(populated, body):
    refused(populated, 400, "invalidValue", "POST", "/Users", {"schemas": [CORE], **body})
    refused(populated, 400, "invalidValue", "PUT", f"/Users/{populated.user}", {"schemas": [CORE], **body})


WRONG_GROUPS = {
    "no displayName": {},
    "displayName a number": {"displayName": 1},
    "displayName empty": {"displayName": ""},
    "members a number": {"displayName": "a", "members": 1},
    "a number among members": {"displayName": "a", "members": [1]},
    "a member without a value": {"displayName": "a", "members": [{"display": "x"}]},
    "a member that is not an id": {"displayName": "a", "members": [{"value": "../Users"}]},
    "a member with a slash": {"displayName": "a", "members": [{"value": "a/b\\c#d?e"}]},
    "a member that is a number": {"displayName": "a", "members": [{"value": 1}]},
    "a member of 10,000 characters": {"displayName": "a", "members": [{"value": "x" * 10_000}]},
}


@pytest.mark.parametrize("body", WRONG_GROUPS.values(), ids=WRONG_GROUPS)
def test_a_group_that_does_not_fit_is_refused(populated, body):
    refused(populated, 400, "invalidValue", "POST", "/Groups", body)
    refused(populated, 400, "invalidValue", "PUT", f"/Groups/{populated.group}", body)


PATCHES = {
    "no operations": ({"schemas": [PATCH_OP]}, "invalidSyntax"),
    "operations that are an object": ({"schemas": [PATCH_OP], "Operations": {"op": "add"}}, "invalidSyntax"),
    "an operation that is a text": ({"Operations": ["add"]}, "invalidSyntax"),
    "an unknown op": ({"Operations": [{"op": "copy", "path": "title", "value": "x"}]}, "invalidSyntax"),
    "an op that is a number": ({"Operations": [{"op": 1, "path": "title", "value": "x"}]}, "invalidSyntax"),
    "no op": ({"Operations": [{"path": "title", "value": "x"}]}, "invalidSyntax"),
    "add without a value": ({"Operations": [{"op": "add", "path": "title"}]}, "invalidValue"),
    "replace with a text and no path": ({"Operations": [{"op": "replace", "value": "x"}]}, "invalidValue"),
    "remove without a path": ({"Operations": [{"op": "remove"}]}, "noTarget"),
    "a path with two dots": ({"Operations": [{"op": "add", "path": "a..b", "value": "x"}]}, "invalidPath"),
    "a path of spaces and signs": ({"Operations": [{"op": "add", "path": "a b", "value": "x"}]}, "invalidPath"),
    "a path that does not end": (
        {"Operations": [{"op": "replace", "path": "emails[type", "value": "x"}]},
        "invalidFilter",
    ),
    "10,000 brackets": (
        {"Operations": [{"op": "add", "path": "emails" + "[" * 10_000, "value": "x"}]},
        "invalidFilter",
    ),
    "a wrong type": ({"Operations": [{"op": "replace", "path": "title", "value": [1]}]}, "invalidValue"),
    "a wrong type below": ({"Operations": [{"op": "add", "value": {"name": {"givenName": 1}}}]}, "invalidValue"),
    "the id": ({"Operations": [{"op": "replace", "path": "id", "value": "x"}]}, "mutability"),
    "the userName removed": ({"Operations": [{"op": "remove", "path": "userName"}]}, "mutability"),
    "a good one and a bad one": (
        {
            "Operations": [
                {"op": "replace", "path": "title", "value": "Changed"},
                {"op": "replace", "path": "active", "value": "perhaps"},
            ]
        },
        "invalidValue",
    ),
}


@pytest.mark.parametrize(("body", "scim_type"), PATCHES.values(), ids=PATCHES)
def test_a_patch_that_does_not_fit_is_refused_whole(populated, body, scim_type):
    refused(populated, 400, scim_type, "PATCH", f"/Users/{populated.user}", body)


@pytest.mark.parametrize("size", [4 * 1024 * 1024 + 1, 10 * 1024 * 1024])
def test_a_body_larger_than_the_limit_is_refused(populated, size):
    head, tail = b'{"userName": "', b'"}'
    body = head + b"x" * (size - len(head) - len(tail)) + tail
    refused(populated, 413, None, "POST", "/Users", body)
    refused(populated, 413, None, "PATCH", f"/Users/{populated.user}", body)


def test_a_body_in_chunks_is_refused_because_the_host_would_lose_it(populated):
    for method, path in (("POST", "/Users"), ("PATCH", f"/Users/{populated.user}"), ("POST", "/Users/.search")):
        answer = populated.call_chunked(method, path, [b'{"userName":', b' "chunked"}'])
        assert answer.status == 411
        assert faults(answer) == []


def test_an_error_never_repeats_a_long_value(populated):
    secret = "s3cret" * 2000
    for body in ({"userName": [secret]}, {"userName": "a", "name": secret}, {"userName": "a", "active": secret}):
        answer = populated.call("POST", "/Users", json.dumps(body).encode())
        assert answer.status == 400
        assert secret not in answer.body["detail"]
