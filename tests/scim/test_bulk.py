"""Bulk requests over the in-process directory: references by bulkId, circles, order, failures and limits."""

import json

import pytest

from scim.errors import InvalidSyntax, InvalidValue, ScimError, TooLarge, Unavailable
from scim.http import Request
from scim.store import Draft
from tests.scim.world import BASE, GROUP, USER, World

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def world() -> World:
    return World()


async def bulk(world: World, *operations: object, **members: object) -> list[dict]:
    body = {"schemas": [BULK], "Operations": list(operations), **members}
    response = await world.provider.bulk(Request("POST", BASE, body=json.dumps(body).encode()))
    assert response.status == 200
    assert response.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]
    return response.body["Operations"]


def post(endpoint: str, bulk_id: str, **data: object) -> dict:
    return {"method": "POST", "path": endpoint, "bulkId": bulk_id, "data": data}


def user(bulk_id: str, **data: object) -> dict:
    return post("/Users", bulk_id, userName=bulk_id, **data)


def group(bulk_id: str, *members: str) -> dict:
    return post("/Groups", bulk_id, displayName=bulk_id, members=[{"value": f"bulkId:{each}"} for each in members])


def ids(outcomes: list[dict]) -> dict[str, str]:
    return {each["bulkId"]: each["location"].rpartition("/")[2] for each in outcomes if each["status"] == "201"}


async def members(world: World, name: str) -> set[str]:
    found = (await world.list(GROUP, filter=f'displayName eq "{name}"'))["Resources"]
    return {each["value"] for each in found[0].get("members", [])}


async def test_a_group_has_the_user_that_the_same_request_creates(world):
    outcomes = await bulk(world, user("alice"), group("guides", "alice"))

    assert [each["status"] for each in outcomes] == ["201", "201"]
    assert all(each["version"].startswith('W/"') for each in outcomes)
    assert await members(world, "guides") == {ids(outcomes)["alice"]}


async def test_a_reference_may_stand_before_what_it_refers_to(world):
    outcomes = await bulk(
        world, group("guides", "alice"), user("bob", **{MANAGER: {"manager": "bulkId:alice"}}), user("alice")
    )

    assert [each["bulkId"] for each in outcomes] == ["guides", "bob", "alice"]
    assert await members(world, "guides") == {ids(outcomes)["alice"]}
    bob = (await world.list(filter='userName eq "bob"'))["Resources"][0]
    assert bob[MANAGER]["manager"]["value"] == ids(outcomes)["alice"]


async def test_a_path_may_name_what_the_same_request_creates(world):
    change = {"method": "PATCH", "path": "/Users/bulkId:alice", "data": patch("title", "Guide")}

    outcomes = await bulk(world, change, user("alice"))

    assert [each["status"] for each in outcomes] == ["200", "201"]
    assert outcomes[0]["location"] == outcomes[1]["location"]
    assert (await world.list())["Resources"][0]["title"] == "Guide"


async def test_circular_references_are_resolved(world):
    outcomes = await bulk(world, group("a", "b"), group("b", "c"), group("c", "a", "x"), user("x"))

    made = ids(outcomes)
    assert [each["status"] for each in outcomes] == ["201"] * 4
    assert await members(world, "a") == {made["b"]}
    assert await members(world, "b") == {made["c"]}
    assert await members(world, "c") == {made["a"], made["x"]}


@pytest.mark.parametrize("limit", [{}, {"failOnErrors": 1}], ids=["no limit", "failOnErrors"])
async def test_a_circle_that_cannot_be_closed_leaves_nothing_of_what_was_begun(world, limit):
    await world.directory.create(GROUP, Draft({"displayName": "b"}))

    outcomes = await bulk(world, group("a", "b"), group("b", "a"), **limit)

    assert [each["status"] for each in outcomes] == ["400", "409"]
    assert [each["displayName"] for each in (await world.list(GROUP))["Resources"]] == ["b"]
    assert "location" not in outcomes[0]


def patch(path: str, value: object) -> dict:
    operation = {"op": "replace", "path": path, "value": value}
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}


async def test_operations_on_one_resource_are_done_in_order(world):
    (ann,) = await world.users("ann")
    changes = [{"method": "PATCH", "path": f"/Users/{ann}", "data": patch("title", str(n))} for n in range(20)]

    outcomes = await bulk(world, *changes, {"method": "DELETE", "path": f"/Users/{ann}"})

    assert [each["status"] for each in outcomes] == ["200"] * 20 + ["204"]
    assert all(each["location"] == f"{BASE}/Users/{ann}" for each in outcomes)


async def test_a_failure_is_its_operations_alone(world):
    await world.users("taken")

    outcomes = await bulk(world, user("taken"), group("guides", "taken"), user("free"), {"method": "GET"}, 7)

    assert [each["status"] for each in outcomes] == ["409", "400", "201", "400", "400"]
    assert outcomes[0]["response"]["scimType"] == "uniqueness"
    assert "taken" in outcomes[1]["response"]["detail"]


async def test_fail_on_errors_ends_the_request_and_nothing_after_it_is_done(world):
    await world.users("taken")

    outcomes = await bulk(world, user("one"), user("taken"), user("two"), failOnErrors=1)

    assert [each["status"] for each in outcomes] == ["201", "409"]
    assert (await world.list(filter='userName eq "two"'))["totalResults"] == 0


async def test_a_version_is_a_precondition_of_its_operation(world):
    (ann,) = await world.users("ann")
    version = (await world.list())["Resources"][0]["meta"]["version"]
    change = {"method": "PATCH", "path": f"/Users/{ann}", "version": version, "data": patch("title", "x")}

    assert [each["status"] for each in await bulk(world, change, change)] == ["200", "412"]


async def test_what_the_directory_cannot_take_now_is_told_for_each_operation(world):
    async def create(*_: object):
        raise Unavailable("try again")

    world.directory.create = create

    outcomes = await bulk(world, user("a"), user("b"))

    assert [each["status"] for each in outcomes] == ["503", "503"]


@pytest.mark.parametrize(
    ("operation", "place"),
    [
        ({"method": "POST", "path": "/Users", "data": {"userName": "a"}}, "bulkId"),
        ({"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}}, "path"),
        ({"method": "PATCH", "path": "/Users", "data": {}}, "path"),
        ({"method": "PATCH", "path": "/Users/1"}, "data"),
        ({"method": "PUT", "path": "/Users/bulkId:none", "data": {"userName": "a"}}, "none"),
        ({"method": "DELETE", "path": "/Nothing/1"}, "/Nothing"),
        ({"path": "/Users"}, "method"),
        ({"method": "DELETE", "path": "/Users/1?x=y"}, "path"),
        ({"method": "DELETE", "path": ["/Users/1"]}, "path"),
    ],
)
async def test_what_is_wrong_with_an_operation_is_named(world, operation, place):
    (outcome,) = await bulk(world, operation)

    assert outcome["status"] in ("400", "404")
    assert place in outcome["response"]["detail"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, InvalidSyntax),
        ({"schemas": [BULK]}, InvalidSyntax),
        ({"schemas": [BULK], "Operations": []}, InvalidSyntax),
        ({"schemas": [BULK], "Operations": {"0": 1}}, InvalidSyntax),
        ({"schemas": [BULK], "Operations": [1], "failOnErrors": 0}, InvalidValue),
        ({"schemas": [BULK], "Operations": [1], "failOnErrors": "1"}, InvalidValue),
        ({"schemas": [BULK], "Operations": [user("a"), user("a")]}, InvalidValue),
        ({"schemas": [BULK], "Operations": [1] * 1001}, TooLarge),
    ],
)
async def test_a_message_that_is_none_is_refused_whole(world, body, error):
    with pytest.raises(ScimError) as caught:
        await world.provider.bulk(Request("POST", BASE, body=json.dumps(body).encode()))

    assert type(caught.value) is error
    assert (await world.list(USER))["totalResults"] == 0


async def test_a_thousand_operations_fit_one_request(world):
    people = [user(f"user{n}") for n in range(999)]

    outcomes = await bulk(world, group("all", *(f"user{n}" for n in range(999))), *people)

    assert {each["status"] for each in outcomes} == {"201"}
    assert len(await members(world, "all")) == 999
