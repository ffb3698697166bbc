"""The SCIM Validator's tests of `/Users`, in its order, and those that it calls a preview."""

from entra.exchange import NO_CONTENT
from entra.source import Kind
from entra.validation.attempt import Attempt
from entra.validation.bodies import Operation, create, creation, joined, new_values, together, verbose
from entra.validation.comparison import Values, check_manager, check_values, find, find_one
from entra.validation.surface import MANAGER
from entra.validation.verdict import Failed, Skipped, Test
from entra.validation.words import other_case

_USER: Kind = "User"
_NOT_FOUND, _CONFLICT = 404, 409


async def create_a_new_user(attempt: Attempt) -> None:
    """Create a user and find it again with every value."""
    values = new_values(attempt, _USER)
    created = await create(attempt, _USER, values)
    resource, exchange = await find_one(attempt, _USER, joined(attempt, _USER, values), created["id"])
    check_values(resource, values, exchange)


async def create_a_duplicate_user(attempt: Attempt) -> None:
    """Create a user twice."""
    values = new_values(attempt, _USER)
    await create(attempt, _USER, values)
    await attempt.create(_USER, creation(_USER, values), expect=[_CONFLICT])


async def filter_for_an_existing_user(attempt: Attempt) -> None:
    """Find a user by the joining property."""
    await create_a_new_user(attempt)


async def filter_for_a_non_existing_user(attempt: Attempt) -> None:
    """Find nobody, which is no error."""
    exchange = await find(attempt, _USER, f"nonexistent{attempt.words.hex(12)}_{attempt.words.email()}")
    if exchange.body["totalResults"] != 0:
        raise Failed("totalResults 0", str(exchange.body["totalResults"]), exchange)


async def filter_in_a_different_case(attempt: Attempt) -> None:
    """Find a user by the joining property in the other case."""
    values = new_values(attempt, _USER)
    created = await create(attempt, _USER, values)
    resource, exchange = await find_one(attempt, _USER, other_case(joined(attempt, _USER, values)), created["id"])
    check_values(resource, values, exchange)


async def replace_attributes_verbose(attempt: Attempt) -> None:
    """Replace every attribute by an operation of its own."""
    before, values = new_values(attempt, _USER), _changeable(attempt)
    await _patched(attempt, before, values, verbose("replace", values))


async def replace_attributes(attempt: Attempt) -> None:
    """Replace every attribute: those with a filter by an operation of their own, the others by one without a path."""
    before, values = new_values(attempt, _USER), _changeable(attempt)
    await _patched(attempt, before, values, together("replace", values))


async def add_attributes_verbose(attempt: Attempt) -> None:
    """Add every attribute to a user that has only what is required."""
    kept = {"username", attempt.candidate.joining[_USER].lower()}
    everything = new_values(attempt, _USER)
    before = {name: pair for name, pair in everything.items() if pair[0].required or name.lower() in kept}
    values = _changeable(attempt)
    await _patched(attempt, before, values, verbose("add", values))


async def update_user_name(attempt: Attempt) -> None:
    """Change the user name by an operation without a path, and find the user by it."""
    created = await create(attempt, _USER, new_values(attempt, _USER))
    name = attempt.words.email()
    await attempt.patch(_USER, created["id"], [{"op": "replace", "value": {"userName": name}}])
    exchange = await find(attempt, _USER, name, attribute="userName")
    if [each.get("id") for each in exchange.resources] != [created["id"]]:
        raise Failed(f"the user {created['id']} under the new name", f"{len(exchange.resources)} others", exchange)


async def disable_user(attempt: Attempt) -> None:
    """Disable a user, who must still be found."""
    values = new_values(attempt, _USER)
    created = await create(attempt, _USER, values)
    await attempt.patch(_USER, created["id"], [{"op": "replace", "path": "active", "value": False}])
    resource, exchange = await find_one(attempt, _USER, joined(attempt, _USER, values), created["id"])
    if resource.get("active") is not False:
        raise Failed("active false", repr(resource.get("active")), exchange)


async def add_manager(attempt: Attempt) -> None:
    """Give a user a manager, whose id comes as a plain string."""
    await _managed(attempt, ["add"])


async def replace_manager(attempt: Attempt) -> None:
    """Give a user another manager."""
    await _managed(attempt, ["add", "replace"])


async def remove_manager(attempt: Attempt) -> None:
    """Take the manager away by an empty string."""
    user = await _managed(attempt, ["add"])
    await attempt.patch(_USER, user, [{"op": "replace", "path": MANAGER, "value": ""}])
    exchange = await attempt.read(_USER, user)
    check_manager(exchange.body, None, exchange)


async def delete_a_user(attempt: Attempt) -> None:
    """Delete a user, who must be gone."""
    created = await create(attempt, _USER, new_values(attempt, _USER))
    await attempt.delete(_USER, created["id"])
    await attempt.ask("GET", f"/Users/{created['id']}", expect=[_NOT_FOUND])


async def several_operations_on_different_attributes(attempt: Attempt) -> None:
    """Add one attribute and replace another in one request."""
    before, words = new_values(attempt, _USER), attempt.words
    found = [each for each in map(attempt.surface.find, ("displayName", "title")) if each is not None]
    if len(found) != 2:  # noqa: PLR2004 - one to add, one to replace
        raise Skipped("displayName or title is not among the attributes")
    values: Values = {each.path.text: (each, words.word()) for each in found}
    first, second = verbose("add", values)
    await _patched(attempt, before, values, [first, second | {"op": "replace"}])


async def several_operations_on_the_same_attribute(attempt: Attempt) -> None:
    """Remove, add and replace one attribute in one request."""
    attribute = attempt.surface.find("externalId")
    if attribute is None or attribute.required:
        raise Skipped("externalId is not among the attributes, or is required")
    before, last = new_values(attempt, _USER), attempt.words.guid()
    operations: list[Operation] = [
        {"op": "remove", "path": "externalId"},
        {"op": "add", "path": "externalId", "value": attempt.words.guid()},
        {"op": "replace", "path": "externalId", "value": last},
    ]
    await _patched(attempt, before, {"externalId": (attribute, last)}, operations)


async def delete_a_non_existent_user(attempt: Attempt) -> None:
    """Delete nobody."""
    await attempt.delete(_USER, attempt.words.guid(), expect=[_NOT_FOUND])


async def delete_the_same_user_twice(attempt: Attempt) -> None:
    """Delete a user twice."""
    created = await create(attempt, _USER, new_values(attempt, _USER))
    await attempt.delete(_USER, created["id"], expect=[NO_CONTENT])
    await attempt.delete(_USER, created["id"], expect=[_NOT_FOUND])


async def _patched(attempt: Attempt, before: Values, values: Values, operations: list[Operation]) -> None:
    """Create a user, send the operations, and check that the user is as it was, with the new values."""
    created = await create(attempt, _USER, before)
    await attempt.patch(_USER, created["id"], operations)
    resource, exchange = await find_one(attempt, _USER, joined(attempt, _USER, before), created["id"])
    check_values(resource, before | values, exchange)


async def _managed(attempt: Attempt, ops: list[str]) -> str:
    """Create a user, set a manager by each of the operations, check it, and return the user's id."""
    user = await create(attempt, _USER, new_values(attempt, _USER))
    for op in ops:
        manager = await create(attempt, _USER, new_values(attempt, _USER))
        await attempt.patch(_USER, user["id"], [{"op": op, "path": MANAGER, "value": manager["id"]}])
        exchange = await attempt.read(_USER, user["id"])
        check_manager(exchange.body, manager["id"], exchange)
    return str(user["id"])


def _changeable(attempt: Attempt) -> Values:
    """Return new values for every attribute but the name, what is matched by, and the manager."""
    kept = {"username", attempt.candidate.joining[_USER].lower(), MANAGER.lower()}
    return {name: pair for name, pair in new_values(attempt, _USER).items() if name.lower() not in kept}


_SUITE, _PREVIEW = "SCIM Validator: Users", "SCIM Validator: preview"

TESTS = (
    Test(_SUITE, "Create a new User", create_a_new_user),
    Test(_SUITE, "Create a duplicate User", create_a_duplicate_user),
    Test(_SUITE, "Filter for an existing user", filter_for_an_existing_user),
    Test(_SUITE, "Filter for a non-existing user", filter_for_a_non_existing_user),
    Test(_SUITE, "Filter for an existing user with a different case", filter_in_a_different_case),
    Test(_SUITE, "Patch User - Replace Attributes Verbose", replace_attributes_verbose),
    Test(_SUITE, "Patch User - Replace Attributes", replace_attributes),
    Test(_SUITE, "Patch User - Add Attributes Verbose Request", add_attributes_verbose),
    Test(_SUITE, "Update User userName", update_user_name),
    Test(_SUITE, "Patch User - Disable User", disable_user),
    Test(_SUITE, "Patch User - Add Manager", add_manager),
    Test(_SUITE, "Patch User - Replace Manager", replace_manager),
    Test(_SUITE, "Patch User - Remove Manager", remove_manager),
    Test(_SUITE, "Delete a User", delete_a_user),
)

PREVIEW = (
    Test(
        _PREVIEW,
        "Patch User - Multiple Operations on different attributes",
        several_operations_on_different_attributes,
        required=False,
    ),
    Test(
        _PREVIEW,
        "Patch User - Multiple Operations on same attribute",
        several_operations_on_the_same_attribute,
        required=False,
    ),
    Test(_PREVIEW, "Delete a non-existent User", delete_a_non_existent_user, required=False),
    Test(_PREVIEW, "Delete the same User twice", delete_the_same_user_twice, required=False),
)
