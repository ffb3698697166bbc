"""Bad input: a SCIM error with the right status and scimType, never a 500, and the directory as it was."""

import json

import pytest

from tests.http.answers import faults

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
def populated(client):
    """A client whose tenant has a user and a group with that user in it, and is the same when the test ends."""
    client.user = client.post("/Users", {"userName": "stay@contoso.example", "title": "As before"})["id"]
    members = [{"value": client.user}]
    client.group = client.post("/Groups", {"displayName": "Stay", "members": members})["id"]
    before = client.dump()
    yield client
    assert client.dump() == before


def refused(client, status, scim_type, method, path, body=None, **request):
    """Send what must be refused and see that the error is sound."""
    answer = client.call(method, path, body, **request)
    assert answer.status == status, (answer.status, answer.content[:500])
    assert faults(answer) == []
    assert answer.body.get("scimType") == scim_type, answer.body
    assert len(answer.body["detail"]) < 1000


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


FILTERS = {
    "blank": " ",
    "no value": "userName eq",
    "no operator": 'userName "a"',
    "an unknown operator": 'userName like "a"',
    "an open text": 'userName eq "a',
    "an open group": '(userName eq "a"',
    "a group closed twice": 'userName eq "a")',
    "an open value path": 'emails[type eq "a"',
    "an empty value path": "emails[]",
    "and without an end": 'userName eq "a" and',
    "operators alone": "and or not",
    "SQL": "userName = 'a' OR 1=1 --",
    "an OData filter": "PartitionKey eq 'a' or true",
    "a regular expression": "userName matches /.*/",
    "a bad escape": r'userName eq "\q"',
    "10,000 parentheses": "(" * 10_000 + 'userName eq "a"' + ")" * 10_000,
    "10,000 open parentheses": "(" * 10_000,
    "10,000 nots": "not (" * 10_000 + 'userName eq "a"' + ")" * 10_000,
    "10,000 terms": " or ".join(f'userName eq "u{number}"' for number in range(10_000)),
    "100 KB of a name": "a" * 100_000 + ' eq "x"',
    "100 KB of signs": "=" * 100_000,
    "100 value paths in each other": "emails[" * 100 + 'type eq "a"' + "]" * 100,
}


@pytest.mark.parametrize("text", FILTERS.values(), ids=FILTERS)
def test_an_absurd_filter_is_refused(populated, text):
    for path in ("/Users/.search", "/Groups/.search", "/.search"):
        refused(populated, 400, "invalidFilter", "POST", path, {"schemas": [SEARCH], "filter": text})


QUERIES = {
    "count a word": ("count=many", "invalidValue"),
    "count a fraction": ("count=1.5", "invalidValue"),
    "count in hexadecimal": ("count=0x10", "invalidValue"),
    "count in another script": ("count=%D9%A1", "invalidValue"),
    "startIndex a word": ("startIndex=first", "invalidValue"),
    "startIndex with an exponent": ("startIndex=1e3", "invalidValue"),
    "count twice": ("count=1&count=2", "invalidValue"),
    "an invented cursor": ("cursor=AAAA", "invalidCursor"),
    "a cursor with signs": ("cursor=%00%FF%22", "invalidCursor"),
    "a cursor of 4,000 characters": ("cursor=" + "x" * 4000, "invalidCursor"),
    "a sortOrder that is none": ("sortBy=userName&sortOrder=upwards", "invalidValue"),
}


@pytest.mark.parametrize(("query", "scim_type"), QUERIES.values(), ids=QUERIES)
def test_a_query_that_makes_no_sense_is_refused(populated, query, scim_type):
    refused(populated, 400, scim_type, "GET", "/Users", query=query)
    refused(populated, 400, scim_type, "GET", "/Groups", query=query)


HARMLESS = {
    "a negative count": ("count=-1", 0),
    "a huge count": ("count=999999999999999999999999", 1),
    "a count of 4,000 digits": ("count=" + "9" * 4000, 1),
    "a negative startIndex": ("startIndex=-99999999999999999999", 1),
    "a startIndex beyond all": ("startIndex=99999999999999999999", 0),
    "an unknown parameter": ("limit=5&offset=%00", 1),
    "an unknown attribute": ("attributes=nonsense,%00,%5B%5D", 1),
    "an attribute that is a filter": ("attributes=emails%5Btype+eq+%22work%22%5D", 1),
    "an unknown sortBy": ("sortBy=nonsense", 1),
    "an empty filter, which the host drops": ("filter=", 1),
    "bytes that are no UTF-8": ("attributes=%FF%FE", 1),
}


@pytest.mark.parametrize(("query", "length"), HARMLESS.values(), ids=HARMLESS)
def test_a_query_that_is_only_odd_is_answered(populated, query, length):
    page = populated.get("/Users", query)
    assert (page["totalResults"], len(page["Resources"])) == (1, length)


BAD_IDS = {
    "a word": "nobody",
    "an encoded slash": "a%2Fb",
    "an encoded path": "..%2F..%2Fidentity",
    "dots": "....",
    "an encoded backslash": "a%5Cb",
    "a hash": "%23",
    "a question mark": "%3F",
    "a percent sign": "%25",
    "a quote": "%27%20or%20%271%27%20eq%20%271",
    "bytes that are no UTF-8": "%FF%FE",
    "a control character": "a%0D%0Ab",
    "emoji": "%F0%9F%9A%80",
    "a row key": "u%7C{id}",
    "the id in capitals": "{capitals}",
    "spaces around the id": "%20{id}%20",
    "4,000 characters": "x" * 4000,
}


@pytest.mark.parametrize("text", BAD_IDS.values(), ids=BAD_IDS)
def test_an_id_that_names_nothing_is_not_found(populated, text):
    for kind, id in (("Users", populated.user), ("Groups", populated.group)):
        path = f"/{kind}/" + text.format(id=id, capitals=id.upper())
        refused(populated, 404, None, "GET", path)
        refused(populated, 404, None, "DELETE", path)
        refused(populated, 404, None, "PUT", path, {"userName": "x", "displayName": "x"})
        refused(populated, 404, None, "PATCH", path, {"Operations": [{"op": "add", "path": "title", "value": "x"}]})


def test_a_nul_in_an_address_reaches_nothing(populated):
    """HTTP servers refuse it themselves, the Functions host's among them."""
    for method in ("GET", "DELETE"):
        assert populated.call(method, f"/Users/{populated.user}%00").status in {400, 404}


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


MEDIA_TYPES = {
    "a form": "application/x-www-form-urlencoded",
    "a form with files": "multipart/form-data; boundary=x",
    "text": "text/plain",
    "XML": "application/xml",
    "nonsense": "nonsense",
    "JSON by another name": "application/jsonp",
    "JSON Patch": "application/json-patch+json",
}


@pytest.mark.parametrize("media_type", MEDIA_TYPES.values(), ids=MEDIA_TYPES)
def test_a_body_declared_as_something_else_is_refused(populated, media_type):
    headers = {"Content-Type": media_type}
    refused(populated, 415, None, "POST", "/Users", {"userName": "a"}, headers=headers)
    patch = {"Operations": [{"op": "replace", "path": "title", "value": "x"}]}
    refused(populated, 415, None, "PATCH", f"/Users/{populated.user}", patch, headers=headers)


CREDENTIALS = {
    "none": None,
    "empty": "",
    "the scheme alone": "Bearer",
    "another scheme": "Basic {token}",
    "the token alone": "{token}",
    "a wrong one": "Bearer nonsense",
    "the last character lost": "Bearer {cut}",
    "one character more": "Bearer {token}x",
    "in capitals": "Bearer {capitals}",
    "two": "Bearer {token},Bearer {token}",
    "8,000 characters": "Bearer " + "x" * 7000,
    "bytes beyond ASCII": "Bearer é{token}",
    "percent-encoded": "Bearer %20{token}",
}


@pytest.mark.parametrize("header", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_credential_that_is_not_ours_is_refused_with_a_challenge(populated, header):
    token = populated.secret_token
    if header:
        header = header.format(token=token, cut=token[:-1], capitals=token.upper())
    for method, path, body in (("GET", "/Users", None), ("POST", "/Users", {"userName": "intruder"})):
        refused(populated, 401, None, method, path, body, headers={"Authorization": header})
        answer = populated.call(method, path, body, headers={"Authorization": header})
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert token not in answer.content.decode()


ODD_HEADERS = {
    "an Accept that asks for XML": {"Accept": "application/xml"},
    "an Accept that is nonsense": {"Accept": ";;;,q=x"},
    "an If-None-Match that is nonsense": {"If-None-Match": "not an entity-tag"},
    "a forwarded host": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    "a method override": {"X-HTTP-Method-Override": "DELETE"},
    "a long activity id": {"ActivityId": "x" * 5000},
    "bytes beyond ASCII": {"ActivityId": "\xe9\xff"},
    "a cookie": {"Cookie": "a=b"},
    "a range": {"Range": "bytes=0-1"},
    "a content type on GET": {"Content-Type": "text/html"},
}


@pytest.mark.parametrize("headers", ODD_HEADERS.values(), ids=ODD_HEADERS)
def test_an_odd_header_changes_nothing(populated, headers):
    answer = populated.call("GET", f"/Users/{populated.user}", headers=headers)
    assert (answer.status, faults(answer)) == (200, [])
    assert answer.body == populated.get(f"/Users/{populated.user}")


@pytest.mark.parametrize("value", ["", '"', "nonsense", 'W/"x', '"a" "b"', ",", "W/*"])
def test_an_if_match_that_is_no_entity_tag_matches_nothing(populated, value):
    patch = {"Operations": [{"op": "replace", "path": "title", "value": "Changed"}]}
    headers = {"If-Match": value}
    refused(populated, 412, None, "PATCH", f"/Users/{populated.user}", patch, headers=headers)
    refused(populated, 412, None, "DELETE", f"/Users/{populated.user}", headers=headers)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PURGE", "HEAD"])
def test_a_method_that_nobody_asked_for_changes_nothing(populated, method):
    answer = populated.call(method, f"/Users/{populated.user}")
    assert answer.status in {404, 405, 501}


def test_an_error_never_repeats_a_long_value(populated):
    secret = "s3cret" * 2000
    for body in ({"userName": [secret]}, {"userName": "a", "name": secret}, {"userName": "a", "active": secret}):
        answer = populated.call("POST", "/Users", json.dumps(body).encode())
        assert answer.status == 400
        assert secret not in answer.body["detail"]
