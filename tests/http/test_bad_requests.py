"""Queries, addresses, headers and methods that are wrong or odd: never a 500, and the directory as it was."""

import pytest

from tests.http.answers import faults
from tests.http.refusal import refused

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


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
