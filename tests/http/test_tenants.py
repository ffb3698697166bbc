"""Two tenants on one service: nothing of one can be read, filtered for, changed, or inferred by the other."""

import json

import pytest

from tests.http.client import Client

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
UNKNOWN = "01234567-89ab-7cde-8f01-23456789abcd"


def patch(op, path, value):
    return {"schemas": [PATCH_OP], "Operations": [{"op": op, "path": path, "value": value}]}


class Populated:
    """A tenant with a user who manages another, both in a group."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.boss = client.post("/Users", {"userName": "boss@same.example", "externalId": "same-1"})["id"]
        user = {"userName": "user@same.example", ENTERPRISE: {"manager": {"value": self.boss}, "employeeNumber": "7"}}
        self.user = client.post("/Users", user)["id"]
        members = [{"value": self.boss}, {"value": self.user}]
        self.group = client.post("/Groups", {"displayName": "Same", "members": members})["id"]


@pytest.fixture
def ours(new_client):
    return Populated(new_client())


@pytest.fixture
def theirs(new_client):
    return Populated(new_client())


def test_the_same_names_exist_in_both(ours, theirs):
    for tenant in (ours, theirs):
        found = tenant.client.get("/Users", "filter=userName+eq+%22user@same.example%22")
        assert [each["id"] for each in found["Resources"]] == [tenant.user]
        assert tenant.client.get("/Users")["totalResults"] == 2


def requests_by_id(other):
    """Every request that names something of the other tenant by its id."""
    user = {"userName": "taken-over"}
    for path in (f"/Users/{other.user}", f"/Groups/{other.group}"):
        yield "GET", path, None
        yield "DELETE", path, None
        yield "PUT", path, user | {"displayName": "taken over"}
        yield "PATCH", path, patch("replace", "displayName", "taken over")
    yield "PATCH", f"/Groups/{other.group}", patch("add", "members", [{"value": other.user}])
    yield "PATCH", f"/Groups/{other.group}", patch("remove", "members", [{"value": other.user}])


def test_ids_of_the_other_tenant_answer_like_unknown_ids(ours, theirs):
    before = theirs.client.dump()
    for method, path, body in requests_by_id(theirs):
        answer = ours.client.call(method, path, body)
        foreign = path.rpartition("/")[2]
        unknown = ours.client.call(method, path.replace(foreign, UNKNOWN), body)
        assert answer.status == unknown.status == 404, (method, path)
        assert answer.content.decode().replace(foreign, UNKNOWN) == unknown.content.decode()
    assert theirs.client.dump() == before


def test_if_match_with_the_other_tenants_version_does_not_help(ours, theirs):
    version = theirs.client.get(f"/Users/{theirs.user}")["meta"]["version"]
    for header in ({"If-Match": version}, {"If-Match": "*"}, {"If-None-Match": version}):
        for method in ("GET", "DELETE"):
            assert ours.client.call(method, f"/Users/{theirs.user}", headers=header).status == 404


FILTERS = [
    'id eq "{user}"',
    "id eq {user} and manager eq {boss}",
    'manager eq "{boss}"',
    '{enterprise}:manager.value eq "{boss}"',
    'groups.value eq "{group}"',
    'groups eq "{group}"',
    'meta.location co "{user}"',
]
GROUP_FILTERS = ['id eq "{group}"', 'members eq "{user}"', 'members[value eq "{user}"]', 'members.value eq "{boss}"']


@pytest.mark.parametrize(
    ("path", "text"), [*(("/Users", each) for each in FILTERS), *(("/Groups", each) for each in GROUP_FILTERS)]
)
def test_filters_find_nothing_of_the_other_tenant(ours, theirs, path, text):
    def found(text):
        body = {"schemas": [SEARCH], "filter": text}
        answers = [ours.client.call("POST", f"{each}/.search", body) for each in (path, "")]
        assert [answer.status for answer in answers] == [200, 200]
        return [answer.body["totalResults"] for answer in answers]

    names = {"enterprise": ENTERPRISE}
    own = text.format(user=ours.user, boss=ours.boss, group=ours.group, **names)
    foreign = text.format(user=theirs.user, boss=theirs.boss, group=theirs.group, **names)
    assert found(foreign) == [0, 0]
    assert found(own)[0] > 0


def test_lists_sorted_or_not_hold_our_own_only(ours, theirs):
    for query in ("", "sortBy=userName", "startIndex=2&count=5", "filter=userName+pr", "attributes=id"):
        everything = json.dumps(ours.client.get("/Users", query)) + json.dumps(ours.client.get("/Groups", query))
        assert not any(id in everything for id in (theirs.user, theirs.boss, theirs.group))


def test_a_cursor_of_the_other_tenant_opens_nothing_of_it(ours, theirs):
    first = theirs.client.call("POST", "/Users/.search", {"schemas": [SEARCH], "cursor": "", "count": 1}).body
    answer = ours.client.call("GET", "/Users", query=f"cursor={first['nextCursor']}&count=1")
    own = {ours.user, ours.boss}
    # A cursor is a place in an order, not a permission: the directory that it is read in is the token's.
    assert answer.status == 400 or {each["id"] for each in answer.body["Resources"]} <= own


@pytest.mark.parametrize("kind", ["user", "group"])
def test_ids_of_the_other_tenant_are_refused_as_members_like_unknown_ids(ours, theirs, kind):
    foreign = getattr(theirs, kind)
    before = ours.client.dump()
    for method, path, body in [
        ("PATCH", f"/Groups/{ours.group}", lambda member: patch("add", "members", [{"value": member}])),
        ("PATCH", f"/Groups/{ours.group}", lambda member: patch("replace", "members", [{"value": member}])),
        ("PUT", f"/Groups/{ours.group}", lambda member: {"displayName": "Same", "members": [{"value": member}]}),
        ("POST", "/Groups", lambda member: {"displayName": "New", "members": [{"value": member}]}),
    ]:
        answer, unknown = (ours.client.call(method, path, body(id)) for id in (foreign, UNKNOWN))
        assert (answer.status, answer.body["scimType"]) == (400, "invalidValue")
        assert answer.content.decode().replace(foreign, UNKNOWN) == unknown.content.decode()
    assert ours.client.dump() == before


def test_a_manager_of_the_other_tenant_is_a_text_like_any_other(ours, theirs):
    """A manager need not exist, so the answer must not tell one that exists elsewhere from one that does not."""
    seen = []
    for id in (theirs.boss, UNKNOWN):
        answer = ours.client.call("PATCH", f"/Users/{ours.user}", patch("replace", f"{ENTERPRISE}:manager", id))
        seen.append(json.dumps(answer.body[ENTERPRISE]["manager"]).replace(id, "ID"))
    assert seen[0] == seen[1]
    assert theirs.client.get("/Users", f"filter=manager+eq+%22{theirs.boss}%22")["totalResults"] == 1


def test_deleting_everything_leaves_the_other_tenant_whole(ours, theirs):
    before = theirs.client.dump()
    for path, items in ours.client.dump().items():
        for id in items:
            assert ours.client.call("DELETE", f"{path}/{id}").status == 204
    assert theirs.client.dump() == before
    assert ours.client.get("/Users")["totalResults"] == 0
