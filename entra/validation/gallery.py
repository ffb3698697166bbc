"""The gallery's tests of users and groups as the provisioning service writes them, numbers 1 to 14."""

from entra.source import Group, User
from entra.validation.attempt import Attempt
from entra.validation.engine import Rehearsal, for_groups, for_users
from entra.validation.verdict import Skipped, Test


async def create_user(attempt: Attempt) -> None:
    """A new user is created with every mapped value."""
    await _created_user(for_users(attempt), "lacreate")


async def update_user(attempt: Attempt) -> None:
    """A user changes in everything."""
    rehearsal = for_users(attempt)
    user = await _created_user(rehearsal, "laupdate")
    rehearsal.change_everything(user)
    await rehearsal.cycle(("User", "Update"))
    await rehearsal.check_values(user)


async def disable_user(attempt: Attempt) -> None:
    """A user may not sign in any more."""
    rehearsal = for_users(attempt, disabling=True)
    user = await _created_user(rehearsal, "ladis")
    user.attributes["accountEnabled"] = False
    rehearsal.touch(user)
    await rehearsal.cycle(("User", "Disable"))
    await rehearsal.check_active(user, active=False)


async def delete_user(attempt: Attempt) -> None:
    """A user is gone for good."""
    rehearsal = for_users(attempt)
    await _deleted(rehearsal, await _created_user(rehearsal, "ladel"))


async def user_update_manager(attempt: Attempt) -> None:
    """A user gets a manager, another one, and none."""
    rehearsal = for_users(attempt)
    row = rehearsal.job.mappings.users.reference
    if row is None:
        raise Skipped("no manager is mapped")
    user, first, second = (rehearsal.user(prefix) for prefix in ("lamgr", "lamgrone", "lamgrtwo"))
    await rehearsal.cycle(("User", "Create"))
    for manager in (first, second, None):
        user.manager = manager.id if manager else None
        rehearsal.touch(user)
        await rehearsal.cycle(("User", "Update"))
        await rehearsal.check_manager(user, manager)


async def restore_user(attempt: Attempt) -> None:
    """A user is unassigned and assigned again, then deleted and restored."""
    rehearsal = for_users(attempt, disabling=True)
    user = await _created_user(rehearsal, "larest")
    for setting in ("assigned", "soft_deleted"):
        for removed in (True, False):
            setattr(user, setting, removed if setting == "soft_deleted" else not removed)
            rehearsal.touch(user)
            await rehearsal.cycle()
            await rehearsal.check_active(user, active=not removed)


async def on_demand_user(attempt: Attempt) -> None:
    """A user is provisioned on demand."""
    rehearsal = for_users(attempt)
    user = rehearsal.user("lapod")
    await rehearsal.on_demand(user)
    await rehearsal.check_values(user)


async def create_group(attempt: Attempt) -> None:
    """A new group is created with every mapped value."""
    await _created_group(for_groups(attempt), "LACreateGroup")


async def update_group(attempt: Attempt) -> None:
    """A group gets another name."""
    rehearsal = for_groups(attempt)
    group = await _created_group(rehearsal, "LAUpdateGroup")
    group.attributes["displayName"] = f"LARenamedGroup-({attempt.words.hex()})"
    rehearsal.change_everything(group)
    await rehearsal.cycle(("Group", "Update"))
    await rehearsal.check_values(group)


async def delete_group(attempt: Attempt) -> None:
    """A group is gone for good."""
    rehearsal = for_groups(attempt)
    await _deleted(rehearsal, await _created_group(rehearsal, "LADeleteGroup"))


async def group_add_member(attempt: Attempt) -> None:
    """A group gains a member."""
    rehearsal = for_groups(attempt)
    first, second = rehearsal.user("lamember"), rehearsal.user("lamember")
    group = rehearsal.group("LAAddMember", first)
    await rehearsal.cycle(("Group", "Create"))
    await rehearsal.check_members(group, first)
    group.members.append(second.id)
    rehearsal.touch(group)
    await rehearsal.cycle(("Group", "Update"))
    await rehearsal.check_members(group, first, second)


async def group_remove_member(attempt: Attempt) -> None:
    """A group loses one of two members."""
    rehearsal = for_groups(attempt)
    first, second = rehearsal.user("lamember"), rehearsal.user("lamember")
    group = rehearsal.group("LARemoveMember", first, second)
    await rehearsal.cycle(("Group", "Create"))
    await rehearsal.check_members(group, first, second)
    group.members.remove(first.id)
    rehearsal.touch(group)
    await rehearsal.cycle(("Group", "Update"))
    await rehearsal.check_members(group, second)


async def on_demand_group(attempt: Attempt) -> None:
    """A group is provisioned on demand, with a member that is there already."""
    rehearsal = for_groups(attempt)
    user = await _created_user(rehearsal, "lapod")
    group = rehearsal.group("LAPodGroup", user)
    await rehearsal.on_demand(group, user)
    await rehearsal.check_values(group)
    await rehearsal.check_members(group, user)


async def restore_group(attempt: Attempt) -> None:
    """A group is unassigned and assigned again."""
    rehearsal = for_groups(attempt)
    group = await _created_group(rehearsal, "LARestoreGroup")
    before = rehearsal.job.state.links[group.id].target
    group.assigned = False
    rehearsal.touch(group)
    await rehearsal.cycle(("Group", "Delete"))
    await rehearsal.check_gone(group, before)
    group.assigned = True
    rehearsal.touch(group)
    await rehearsal.cycle(("Group", "Create"))
    await rehearsal.check_values(group)


async def _created_user(rehearsal: Rehearsal, prefix: str) -> User:
    user = rehearsal.user(prefix)
    await rehearsal.cycle(("User", "Create"))
    await rehearsal.check_values(user)
    return user


async def _created_group(rehearsal: Rehearsal, prefix: str) -> Group:
    group = rehearsal.group(prefix)
    await rehearsal.cycle(("Group", "Create"))
    await rehearsal.check_values(group)
    return group


async def _deleted(rehearsal: Rehearsal, source: User | Group) -> None:
    target = rehearsal.job.state.links[source.id].target
    rehearsal.directory.version += 1
    rehearsal.directory.purge(source)
    await rehearsal.cycle(("User" if isinstance(source, User) else "Group", "Delete"))
    await rehearsal.check_gone(source, target)


_SUITE = "Gallery: through the provisioning service"

TESTS = (
    Test(_SUITE, "1 Create_User", create_user),
    Test(_SUITE, "2 Update_User", update_user),
    Test(_SUITE, "3 Disable_User", disable_user),
    Test(_SUITE, "4 Delete_User", delete_user, required=False),
    Test(_SUITE, "5 User_Update_Manager", user_update_manager),
    Test(_SUITE, "6 Restore_User", restore_user),
    Test(_SUITE, "7 POD_User", on_demand_user),
    Test(_SUITE, "8 Create_Group", create_group),
    Test(_SUITE, "9 Update_Group", update_group),
    Test(_SUITE, "10 Delete_Group", delete_group, required=False),
    Test(_SUITE, "11 Group_Update_Add_Member", group_add_member),
    Test(_SUITE, "12 Group_Update_Remove_Member", group_remove_member),
    Test(_SUITE, "13 POD_Group", on_demand_group),
    Test(_SUITE, "14 Restore_Group", restore_group, required=False),
)
