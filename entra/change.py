"""Let time pass in a directory: people join, move and leave, groups come and go."""

import random
from dataclasses import dataclass, fields

from entra.generate import EVERYBODY, Population
from entra.source import Directory, Group, User

_RENAMED, _NEW_MANAGER = 0.2, 0.5  # of the movers
_PURGED, _RESTORED = 0.4, 0.1  # of those in the recycle bin
_FEWEST_GROUPS = 3  # that one of them is deleted and one renamed


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of the active users that join, move and leave in one change (0.02 is two in a hundred)."""

    joiners: float = 0.02
    movers: float = 0.05
    leavers: float = 0.02


@dataclass(slots=True)
class Changes:
    """How many of each kind of change were made."""

    joined: int = 0
    moved: int = 0
    renamed: int = 0
    new_manager: int = 0
    blocked: int = 0
    unassigned: int = 0
    binned: int = 0
    restored: int = 0
    purged: int = 0
    groups_new: int = 0
    groups_renamed: int = 0
    groups_deleted: int = 0

    def __str__(self) -> str:
        counted = ((field.name.replace("_", " "), getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{count} {name}" for name, count in counted if count) or "nothing"


def change(directory: Directory, rates: Rates, seed: int) -> Changes:
    """Apply one change to the directory in place, under one new version, and say what was done."""
    directory.version += 1
    # Not of the seed alone: a directory made by the same seed must not meet its own ids again.
    dice = random.Random(f"{directory.tenant_id} {directory.version} {seed}")
    population, changes = Population(directory, dice), Changes()
    active = [user for user in directory.users.values() if user.enabled and not user.soft_deleted]
    _empty_bin(directory, dice, changes)
    for user in dice.sample(active, _count(len(active), rates.movers)):
        _move(population, user, active, changes)
    for user in dice.sample(active, _count(len(active), rates.leavers)):
        _leave(directory, user, dice, changes)
    for _ in range(_count(len(active), rates.joiners)):
        _join(population, active, changes)
    if rates != Rates(0, 0, 0):
        _regroup(population, changes)
    return changes


def join(directory: Directory, seed: int) -> User:
    """Let one person join, under one new version, and return the user."""
    directory.version += 1
    population = Population(directory, random.Random(f"{directory.tenant_id} {directory.version} {seed}"))
    active = [user for user in directory.users.values() if user.enabled and not user.soft_deleted]
    return _join(population, active, Changes())


def _count(population: int, rate: float) -> int:
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate is a share between 0 and 1, not {rate}")
    return min(population, max(1, round(population * rate))) if rate else 0


def _join(population: Population, colleagues: list[User], changes: Changes) -> User:
    dice, groups = population.random, list(population.directory.groups.values())
    user = population.hire()
    user.assigned = True
    if colleagues:
        user.manager = dice.choice(colleagues).id
    everybody = [group for group in groups if group.name == EVERYBODY]
    for group in {group.id: group for group in (*everybody, *dice.sample(groups, min(3, len(groups))))}.values():
        _enter(group, user, population.directory)
    changes.joined += 1
    return user


def _move(population: Population, user: User, colleagues: list[User], changes: Changes) -> None:
    dice, directory = population.random, population.directory
    user.version = directory.version
    user.attributes |= population.post() | population.place()
    changes.moved += 1
    if dice.random() < _RENAMED and user.attributes["userType"] == "Member":
        population.rename(user)
        changes.renamed += 1
    if dice.random() < _NEW_MANAGER:
        boss = dice.choice(colleagues)
        user.manager = None if boss is user else boss.id
        changes.new_manager += 1
    groups = list(directory.groups.values())
    left = [group for group in groups if user.id in group.members and group.name != EVERYBODY]
    if left:
        _exit(dice.choice(left), user, directory)
    _enter(dice.choice(groups), user, directory)


def _leave(directory: Directory, user: User, dice: random.Random, changes: Changes) -> None:
    user.version = directory.version
    match dice.randrange(3):
        case 0:
            user.attributes["accountEnabled"] = False
            changes.blocked += 1
        case 1:
            user.soft_deleted = True
            changes.binned += 1
        case _:
            user.assigned = False
            for group in directory.groups.values():
                _exit(group, user, directory)
            changes.unassigned += 1


def _empty_bin(directory: Directory, dice: random.Random, changes: Changes) -> None:
    for user in [user for user in directory.users.values() if user.soft_deleted]:
        fate = dice.random()
        if fate < _PURGED:
            directory.purge(user)
            changes.purged += 1
        elif fate < _PURGED + _RESTORED:
            user.soft_deleted, user.version = False, directory.version
            changes.restored += 1


def _regroup(population: Population, changes: Changes) -> None:
    dice, directory = population.random, population.directory
    ordinary = [group for group in directory.groups.values() if group.name != EVERYBODY]
    people = [user.id for user in directory.users.values() if not user.soft_deleted]
    population.found(population.group_name(), dice.sample(people, min(12, len(people))))
    changes.groups_new += 1
    if len(ordinary) >= _FEWEST_GROUPS:
        renamed, deleted = dice.sample(ordinary, 2)
        population.rename_group(renamed)
        renamed.version = directory.version
        directory.purge(deleted)
        changes.groups_renamed += 1
        changes.groups_deleted += 1


def _enter(group: Group, user: User, directory: Directory) -> None:
    if user.id not in group.members:
        group.members.append(user.id)
        group.version = directory.version


def _exit(group: Group, user: User, directory: Directory) -> None:
    if user.id in group.members:
        group.members.remove(user.id)
        group.version = directory.version
