"""What real tenants hold comes out as it went in, is found by filters, and is refused only where it cannot fit."""

import json
from urllib.parse import quote_plus

import pytest

from tests.http.answers import ENTERPRISE, faults

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

VALUES = {
    "a guest": "ana_gmail.com#EXT#@contoso.onmicrosoft.com",
    "an apostrophe": "o'brien@contoso.example",
    "quotes": 'the "boss" \\ co',
    "slashes": "a/b\\c/../d",
    "what row keys forbid": "/\\#?\t\n\x7f\x85\x1f",
    "what queries use": "a&b=c+d%20e;f g",
    "what filters use": 'x" or userName pr or "y',
    "brackets": "LACreateGroup-(ab12cd34) [x] {y}",
    "a pipe": "u|00000000-0000-7000-8000-000000000000",
    "spaces around": "  inner  spaces  ",
    "emoji": "👩🏽‍🚀 crew 🇳🇴",
    "right to left": "مرحبا بالعالم שלום",
    "a bidirectional override": "abc\u202edef",
    "combining characters": "Zoe\u0308 A\u030angstro\u0308m",
    "composed characters": "Zoë Ångström",
    "a surrogate pair": "𝒜𐐷",
    "Turkish": "İstanbul \u0131rmak",  # dotted capital, dotless small
    "German": "STRASSE straße",
    "ligatures": "ﬁﬂ Ǆ",
    "a byte order mark": "\ufeffmark",
    "noncharacters": "\uffff\U0010ffff",
    "a line separator": "a\u2028b\u2029c",
    "digits that look like a number": "0012345678901234567890",
    "a date that is a text": "2024-02-30",
    "true as a text": "True",
    "null as a text": "null",
    "JSON as a text": '{"value":"x"}',
    "HTML": "<script>alert(1)</script>",
}
PLACES = ["displayName", "title", "externalId", "nickName"]


def find(client, path, text, **more):
    answer = client.call("POST", f"{path}/.search", {"schemas": [SEARCH], "filter": text, **more})
    assert answer.status == 200, answer.content
    return answer.body["Resources"]


def test_every_value_comes_back_untouched_from_every_place(client):
    for number, value in enumerate(VALUES.values()):
        user = {
            "userName": f"{value}{number}",
            **dict.fromkeys(PLACES, value),
            "name": {"givenName": value, "familyName": value},
            "emails": [{"type": "work", "value": value}, {"type": value, "value": f"{value}2"}],
            ENTERPRISE: {"department": value, "manager": {"value": value}},
        }
        made = client.post("/Users", user)
        read = client.get(f"/Users/{made['id']}")
        assert {name: read[name] for name in user if name != ENTERPRISE} == {
            name: user[name] for name in user if name != ENTERPRISE
        }
        assert read[ENTERPRISE]["department"] == value
        assert read[ENTERPRISE]["manager"]["value"] == value


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_every_value_is_found_by_filters(client, value):
    other = client.post("/Users", {"userName": "other", "displayName": "other", "externalId": "other"})["id"]
    emails = [{"type": "work", "value": value}]
    made = client.post("/Users", {"userName": value, "displayName": value, "externalId": value, "emails": emails})
    quoted = json.dumps(value, ensure_ascii=False)
    for text in (
        f"userName eq {quoted}",
        f"userName eq {json.dumps(value)}",
        f"externalId eq {quoted}",
        f"displayName eq {quoted}",
        f"displayName co {quoted}",
        f'emails[type eq "work"].value eq {quoted}',
        f"emails[value eq {quoted}]",
        f'userName ne "other" and displayName sw {quoted}',
    ):
        assert [each["id"] for each in find(client, "/Users", text)] == [made["id"]], text
    assert [each["id"] for each in find(client, "/Users", f"userName ne {quoted}")] == [other]
    listed = client.get("/Users", f"filter=userName+eq+{quote_plus(quoted)}")
    assert [each["id"] for each in listed["Resources"]] == [made["id"]]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_every_value_can_name_a_group_once(client, value):
    made = client.post("/Groups", {"displayName": value, "externalId": value})
    assert client.call("POST", "/Groups", {"displayName": value}).status == 409
    found = find(client, "/Groups", f"displayName eq {json.dumps(value)}", excludedAttributes=["members"])
    assert [(each["id"], each["displayName"], each["externalId"]) for each in found] == [(made["id"], value, value)]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_every_value_can_be_patched_in_and_is_then_no_change(client, value):
    path = f"/Users/{client.post('/Users', {'userName': 'patched'})['id']}"
    body = {
        "Operations": [
            {"op": "Replace", "path": "title", "value": value},
            {"op": "Add", "path": 'emails[type eq "work"].value', "value": value},
            {"op": "Add", "path": f"addresses[type eq {json.dumps(value)}].locality", "value": value},
        ]
    }
    first, second = client.call("PATCH", path, body), client.call("PATCH", path, body)
    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body
    assert first.body["title"] == value
    assert first.body["emails"] == [{"type": "work", "value": value}]
    assert first.body["addresses"] == [{"type": value, "locality": value}]


SAME = [
    ("Zoë", "ZOE\u0308"),
    ("straße", "STRASSE"),
    ("Ångström", "a\u030aNGSTRO\u0308M"),
    ("MÜLLER", "müller"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("ﬁn", "FIN"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_differ_in_case_or_composition_only_are_the_same(client, one, other):
    made = client.post("/Users", {"userName": one})
    assert client.call("POST", "/Users", {"userName": other}).status == 409
    found = find(client, "/Users", f"userName eq {json.dumps(other)}")
    assert [(each["id"], each["userName"]) for each in found] == [(made["id"], one)]


@pytest.mark.parametrize("filler", ["x", "é", "漢", "🚀"], ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"])
def test_a_text_of_64_kib_is_kept_and_searched(client, filler):
    text = filler * (64 * 1024 // len(filler.encode()) - 1) + "."
    made = client.post("/Users", {"userName": "long", "title": text, "externalId": text})
    assert client.get(f"/Users/{made['id']}")["title"] == text
    assert len(find(client, "/Users", f'externalId ew "{filler}."')) == 1


@pytest.mark.parametrize("name", ["userName", "displayName"])
def test_a_unique_name_may_be_long(client, name):
    path = "/Users" if name == "userName" else "/Groups"
    client.post(path, {name: "n" * 20_000})
    assert client.call("POST", path, {name: "N" * 20_000}).status == 409
    client.post(path, {name: "n" * 20_001})


# Below the limit of a body, above that of an entity.
TOO_LARGE = {
    "one text": {"title": "x" * 1_100_000},
    "many values": {"emails": [{"type": "work", "value": f"{number}{'y' * 1000}"} for number in range(1200)]},
    "emoji": {"title": "🚀" * 300_000},
}


@pytest.mark.parametrize("values", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_resource_that_does_not_fit_is_refused_and_changes_nothing(client, values):
    path = f"/Users/{client.post('/Users', {'userName': 'small', 'title': 'small'})['id']}"
    before = client.dump()
    patch = {"Operations": [{"op": "replace", "value": values}]}
    for answer in (
        client.call("POST", "/Users", {"userName": "large", **values}),
        client.call("PUT", path, {"userName": "small", **values}),
        client.call("PATCH", path, patch),
    ):
        assert (answer.status, faults(answer)) == (413, [])
        assert len(answer.body["detail"]) < 500
    assert client.dump() == before
    client.post("/Users", {"userName": "large"})
