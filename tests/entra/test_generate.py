"""The synthetic directory, and what time does to it."""

import pytest

from entra.change import Rates, change
from entra.generate import EVERYBODY, generate
from entra.source import Directory


def test_the_same_seed_makes_the_same_directory():
    assert generate(80, 20, seed=1) == generate(80, 20, seed=1)
    assert generate(80, 20, seed=1) != generate(80, 20, seed=2)


def test_a_directory_survives_its_file(tmp_path):
    directory = generate(50, 20, seed=1)
    change(directory, Rates(), 1)
    directory.save(tmp_path / "d.json")
    assert Directory.load(tmp_path / "d.json") == directory


def test_a_company_has_everything_that_companies_have():
    directory = generate(2000, 200, seed=1)
    people, groups = list(directory.users.values()), list(directory.groups.values())
    assert len(people) == 2000
    assert len(groups) == 200
    assert max(len(group.members) for group in groups) == 2000
    assert sorted(len(group.members) for group in groups)[100] < 20
    assert any("#EXT#" in user.name for user in people)
    assert any("'" in user.name for user in people)
    assert any(not user.attributes["displayName"].isascii() for user in people)
    assert any(not user.enabled for user in people)
    assert any(user.soft_deleted for user in people)
    assert any("mail" not in user.attributes for user in people)
    assert any(member in directory.groups for group in groups for member in group.members)
    assert sum(user.manager is not None for user in people) > 1800
    assert len({user.name.casefold() for user in people}) == 2000
    assert len({group.name.casefold() for group in groups}) == 200


def test_managers_form_a_tree():
    directory = generate(300, 5, seed=1)
    for user in directory.users.values():
        chain = [user.id]
        while (boss := directory.users[chain[-1]].manager) is not None:
            assert boss not in chain
            chain.append(boss)


def test_a_change_touches_what_it_says_under_one_new_version():
    directory = generate(200, 30, seed=1)
    before = directory.model_copy(deep=True)
    changes = change(directory, Rates(joiners=0.1, movers=0.1, leavers=0.1), 1)
    assert directory.version == before.version + 1
    assert changes.joined == len(directory.users.keys() - before.users.keys())
    for identifier, user in directory.users.items():
        if user != before.users.get(identifier):
            assert user.version == directory.version
    for identifier, group in directory.groups.items():
        if group != before.groups.get(identifier):
            assert group.version == directory.version
    assert len(directory.purged) == changes.purged + changes.groups_deleted


def test_nobody_gets_a_name_that_somebody_had():
    directory = generate(100, 20, seed=1)
    owners: dict[str, str] = {}
    for seed in range(10):
        change(directory, Rates(joiners=0.2, movers=0.2, leavers=0.2), seed)
        for each in (*directory.users.values(), *directory.groups.values()):
            assert owners.setdefault(each.name.casefold(), each.id) == each.id


def test_everybody_is_in_the_group_of_everybody():
    directory = generate(30, 3, seed=1)
    group = directory.find(EVERYBODY)
    assert set(group.members) == set(directory.users)


@pytest.mark.parametrize(("users", "groups"), [(0, 1), (1, 0), (100_001, 1)])
def test_a_size_that_makes_no_sense_is_refused(users, groups):
    with pytest.raises(ValueError, match="expected 1 to 100000 users"):
        generate(users, groups, seed=1)


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_that_is_no_share_is_refused(rate):
    with pytest.raises(ValueError, match="a share between 0 and 1"):
        change(generate(10, 2, seed=1), Rates(movers=rate), 1)
