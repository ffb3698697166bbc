"""The SCIM Validator's tests of `/Groups`, in its order, and those that it calls a preview."""

from typing import Any

from entra.exchange import NO_CONTENT, Exchange
from entra.source import Kind
from entra.validation.attempt import Attempt
from entra.validation.bodies import create, creation, joined, new_values
from entra.validation.comparison import Values, check_members, check_values, find, find_one
from entra.validation.verdict import Failed, Skipped, Test
from entra.validation.words import other_case

_GROUP: Kind = "Group"
_NOT_FOUND, _CONFLICT = 404, 409


async def get_group_excluding_members(attempt: Attempt) -> None:
    """Read a group that has a member, without the members."""
    group = await _with_member(attempt, new_values(attempt, _GROUP))
    exchange = await attempt.ask("GET", f"/Groups/{group}", query={"excludedAttributes": "members"})
    _check_excluded(exchange.body, exchange)


async def filter_excluding_members(attempt: Attempt) -> None:
    """Find a group that has a member, without the members."""
    values = new_values(attempt, _GROUP)
    group = await _with_member(attempt, values)
    resource, exchange = await find_one(attempt, _GROUP, joined(attempt, _GROUP, values), group)
    _check_excluded(resource, exchange)


async def filter_for_an_existing_group(attempt: Attempt) -> None:
    """Find a group that has a member by the joining property."""
    values = new_values(attempt, _GROUP)
    group = await _with_member(attempt, values)
    resource, exchange = await find_one(attempt, _GROUP, joined(attempt, _GROUP, values), group)
    check_values(resource, values, exchange)


async def filter_for_a_non_existing_group(attempt: Attempt) -> None:
    """Find nothing, which is no error."""
    exchange = await find(attempt, _GROUP, f"nonexistent{attempt.words.hex(12)}_{attempt.words.word()}")
    if exchange.body["totalResults"] != 0:
        raise Failed("totalResults 0", str(exchange.body["totalResults"]), exchange)


async def filter_in_a_different_case(attempt: Attempt) -> None:
    """Find a group by the joining property in the other case."""
    values = new_values(attempt, _GROUP)
    created = await create(attempt, _GROUP, values)
    resource, exchange = await find_one(attempt, _GROUP, other_case(joined(attempt, _GROUP, values)), created["id"])
    check_values(resource, values, exchange)


async def create_a_new_group(attempt: Attempt) -> None:
    """Create a group and find it again with every value."""
    values = new_values(attempt, _GROUP)
    created = await create(attempt, _GROUP, values)
    resource, exchange = await find_one(attempt, _GROUP, joined(attempt, _GROUP, values), created["id"])
    check_values(resource, values, exchange)


async def create_a_duplicate_group(attempt: Attempt) -> None:
    """Create a group twice."""
    values = new_values(attempt, _GROUP)
    await create(attempt, _GROUP, values)
    await attempt.create(_GROUP, creation(_GROUP, values), expect=[_CONFLICT])


async def replace_attributes(attempt: Attempt) -> None:
    """Replace what is not matched by, in one operation without a path."""
    joining = attempt.candidate.joining[_GROUP].lower()
    values = {name: pair for name, pair in new_values(attempt, _GROUP).items() if name.lower() != joining}
    if not values:
        raise Skipped("groups have no other attribute than the joining property")
    await _replaced(attempt, values)


async def update_display_name(attempt: Attempt) -> None:
    """Rename a group by an operation without a path."""
    await _replaced(attempt, {"displayName": new_values(attempt, _GROUP)["displayName"]})


async def add_member(attempt: Attempt) -> None:
    """Give a group a member by replacing the members, which are none."""
    group = await create(attempt, _GROUP, new_values(attempt, _GROUP))
    await _replace_members(attempt, group["id"], [await _member(attempt)])


async def remove_member(attempt: Attempt) -> None:
    """Remove one of two members."""
    group = await create(attempt, _GROUP, new_values(attempt, _GROUP))
    first, second = await _member(attempt), await _member(attempt)
    await _replace_members(attempt, group["id"], [first, second])
    await attempt.patch(_GROUP, group["id"], [{"op": "remove", "path": f'members[value eq "{first}"]'}])
    exchange = await attempt.read(_GROUP, group["id"])
    check_members(exchange.body, [second], exchange)


async def delete_a_group(attempt: Attempt) -> None:
    """Delete a group, which must be gone."""
    created = await create(attempt, _GROUP, new_values(attempt, _GROUP))
    await attempt.delete(_GROUP, created["id"])
    await attempt.ask("GET", f"/Groups/{created['id']}", expect=[_NOT_FOUND])


async def several_operations_on_the_same_attribute(attempt: Attempt) -> None:
    """Add and remove the same member in one request."""
    group, member = await create(attempt, _GROUP, new_values(attempt, _GROUP)), await _member(attempt)
    await attempt.patch(
        _GROUP,
        group["id"],
        [
            {"op": "add", "path": "members", "value": [{"value": member}]},
            {"op": "remove", "path": f'members[value eq "{member}"]'},
        ],
    )
    exchange = await attempt.read(_GROUP, group["id"])
    check_members(exchange.body, [], exchange)


async def delete_a_non_existent_group(attempt: Attempt) -> None:
    """Delete nothing."""
    await attempt.delete(_GROUP, attempt.words.guid(), expect=[_NOT_FOUND])


async def delete_the_same_group_twice(attempt: Attempt) -> None:
    """Delete a group twice."""
    created = await create(attempt, _GROUP, new_values(attempt, _GROUP))
    await attempt.delete(_GROUP, created["id"], expect=[NO_CONTENT])
    await attempt.delete(_GROUP, created["id"], expect=[_NOT_FOUND])


async def _member(attempt: Attempt) -> str:
    return str((await create(attempt, "User", new_values(attempt, "User")))["id"])


async def _with_member(attempt: Attempt, values: Values) -> str:
    group = await create(attempt, _GROUP, values)
    await _replace_members(attempt, group["id"], [await _member(attempt)])
    return str(group["id"])


async def _replace_members(attempt: Attempt, group: str, members: list[str]) -> None:
    operation = {"op": "replace", "path": "members", "value": [{"value": each} for each in members]}
    await attempt.patch(_GROUP, group, [operation])
    exchange = await attempt.read(_GROUP, group)
    check_members(exchange.body, members, exchange)


async def _replaced(attempt: Attempt, values: Values) -> None:
    """Create a group with a member, replace attributes, and check that they changed and the member is still there."""
    before = new_values(attempt, _GROUP)
    group, member = await create(attempt, _GROUP, before), await _member(attempt)
    await _replace_members(attempt, group["id"], [member])
    change = {name: value for name, (_, value) in values.items()}
    await attempt.patch(_GROUP, group["id"], [{"op": "replace", "value": change}])
    exchange = await attempt.read(_GROUP, group["id"])
    check_values(exchange.body, before | values, exchange)
    check_members(exchange.body, [member], exchange)


def _check_excluded(resource: Any, exchange: Exchange) -> None:
    if not isinstance(resource, dict) or "members" in resource:
        raise Failed("a group without members, as excludedAttributes says", "members in it", exchange)


_SUITE, _PREVIEW = "SCIM Validator: Groups", "SCIM Validator: preview"

TESTS = (
    Test(_SUITE, "Get group by id excluding members", get_group_excluding_members),
    Test(_SUITE, "Filter for existing group excluding members", filter_excluding_members),
    Test(_SUITE, "Filter for an existing group", filter_for_an_existing_group),
    Test(_SUITE, "Filter for a non-existing group", filter_for_a_non_existing_group),
    Test(_SUITE, "Filter for an existing group with a different case", filter_in_a_different_case),
    Test(_SUITE, "Create a new Group", create_a_new_group),
    Test(_SUITE, "Create a duplicate Group", create_a_duplicate_group),
    Test(_SUITE, "Patch Group - Replace Attributes", replace_attributes),
    Test(_SUITE, "Update Group displayName", update_display_name),
    Test(_SUITE, "Patch Group - Add Member", add_member),
    Test(_SUITE, "Patch Group - Remove Member", remove_member),
    Test(_SUITE, "Delete a Group", delete_a_group),
)

PREVIEW = (
    Test(
        _PREVIEW,
        "Patch Group - Multiple Operations on same attribute",
        several_operations_on_the_same_attribute,
        required=False,
    ),
    Test(_PREVIEW, "Delete a non-existent Group", delete_a_non_existent_group, required=False),
    Test(_PREVIEW, "Delete the same Group twice", delete_the_same_group_twice, required=False),
)
