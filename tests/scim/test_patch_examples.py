"""The examples of RFC 7644 section 3.5.2."""

from tests.scim.gadgets import BABS, GROUP, HOME, JAMES, WORK, group, op, patched, user

ADDRESS = {"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "primary": False}


def member(one: dict[str, str], display: str) -> dict[str, str]:
    """Write a member as the RFC's examples do."""
    return {"display": display, "$ref": f"https://example.com/v2/Users/{one['value']}", "value": one["value"]}


def test_rfc_adds_a_member() -> None:
    add = op("add", "members", [member(BABS, "Babs Jensen")])
    assert patched([add], group(), GROUP) == group({"value": "2819c223"})
    assert patched([add], group(BABS), GROUP) == group(BABS)


def test_rfc_adds_attributes_without_a_path() -> None:
    add = op("add", None, {"emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"})
    after = patched([add], user(emails=[WORK], nickName="B"))
    assert after == user(emails=[WORK, {"value": "babs@jensen.org", "type": "home"}], nickName="Babs")


def test_rfc_removes_a_member() -> None:
    remove = op("remove", f'members[value eq "{BABS["value"]}"]')
    assert patched([remove], group(BABS, JAMES), GROUP) == group(JAMES)
    assert patched([remove], group(JAMES), GROUP) == group(JAMES)
    assert patched([remove], group(BABS), GROUP) == group()


def test_rfc_removes_all_members() -> None:
    assert patched([op("remove", "members")], group(BABS, JAMES), GROUP) == group()


def test_rfc_removes_the_values_that_a_filter_selects() -> None:
    remove = op("remove", 'emails[type eq "work" and value ew "example.com"]')
    assert patched([remove], user(emails=[WORK, HOME])) == user(emails=[HOME])
    assert patched([remove], user(emails=[HOME])) == user(emails=[HOME])
    assert patched([remove], user(emails=[WORK])) == user()


def test_rfc_removes_and_adds_a_member() -> None:
    operations = [
        op("remove", f'members[value eq"{BABS["value"]}"]'),  # without a space, as printed
        op("add", "members", [member(JAMES, "James Smith")]),
    ]
    assert patched(operations, group(BABS), GROUP) == group({"value": JAMES["value"]})


def test_rfc_replaces_all_members_by_remove_and_add() -> None:
    operations = [
        op("remove", "members"),
        op("add", "members", [member(BABS, "Babs Jensen"), member(JAMES, "James Smith")]),
    ]
    after = patched(operations, group({"value": "gone", "type": "User"}), GROUP)
    assert after == group({"value": BABS["value"]}, {"value": JAMES["value"]})


def test_rfc_replaces_all_members_by_one_replace() -> None:
    replace = op("replace", "members", [member(BABS, "Babs Jensen"), member(JAMES, "James Smith")])
    after = patched([replace], group({"value": "gone", "type": "User"}, JAMES), GROUP)
    assert after == group(JAMES, {"value": BABS["value"]})


def test_rfc_changes_a_users_entire_work_address() -> None:
    value = {
        "type": "work",
        "streetAddress": "911 Universal City Plaza",
        "locality": "Hollywood",
        "region": "CA",
        "postalCode": "91608",
        "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
        "primary": True,
    }
    home = {"type": "home", "locality": "Burbank", "primary": True}
    after = patched([op("replace", 'addresses[type eq "work"]', value)], user(addresses=[ADDRESS, home]))
    assert after == user(addresses=[value, home | {"primary": False}])


def test_rfc_changes_one_sub_attribute_of_selected_values() -> None:
    replace = op("replace", 'addresses[type eq "work"].streetAddress', "1010 Broadway Ave")
    after = patched([replace], user(addresses=[ADDRESS]))
    assert after == user(addresses=[ADDRESS | {"streetAddress": "1010 Broadway Ave"}])
