"""What an unfinished change makes of what is read: the same before its steps and after."""

from dataclasses import replace

import pytest

from scim.errors import TooLarge
from scim.store import Member
from storage.journal import Journal, Membership, Removal, concerns, later, members_seen, read, rows_of, seen
from storage.record import Record
from storage.tables import Row

ANA, BOB, ONE, TWO, JOURNAL = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(5))


def user(id: str = ANA, *groups: str) -> Record:
    return Record(id, "User", "{}", "v1", "c", "m", ("c|u|0",), frozenset(groups))


def group(id: str = ONE, **values: str) -> Record:
    return replace(Record(id, "Group", "{}", "v1", "c", "m", ("c|g|0",)), **values)


def membership(added: str = "", removed: str = "") -> Membership:
    one = {added: Member(added, "User")} if added else {}
    other = {removed: Member(removed, "User")} if removed else {}
    return Membership(JOURNAL, ONE, "t", one, other)


def removal(resource: str = ANA, *groups: str, type: str = "User") -> Removal:
    return Removal(JOURNAL, resource, type, "t", frozenset(groups))


@pytest.mark.parametrize(
    ("journal", "before", "groups"),
    [
        (membership(added=ANA), user(ANA), {ONE}),
        (membership(added=ANA), user(ANA, TWO), {ONE, TWO}),
        (membership(added=ANA), user(BOB), set()),
        (membership(removed=ANA), user(ANA, ONE, TWO), {TWO}),
        (removal(ONE, type="Group"), user(ANA, ONE), set()),
        (removal(BOB, ONE), user(ANA, ONE), {ONE}),
    ],
)
def test_groups_are_shown_as_they_will_be(journal: Journal, before: Record, groups: set[str]) -> None:
    after = seen(before, [journal])

    assert after is not None
    assert after.groups == groups
    assert after.version == (before.version if before.groups == groups else later(journal, before.version))


@pytest.mark.parametrize("journal", [membership(added=ANA), membership(removed=ANA), removal(ONE, type="Group")])
def test_a_step_that_is_done_changes_nothing_more(journal: Journal) -> None:
    done = seen(user(ANA, ONE) if journal != membership(added=ANA) else user(ANA), [journal])

    assert done is not None
    assert seen(done, [journal]) == done


def test_what_is_removed_is_gone() -> None:
    assert seen(user(ANA), [removal(ANA)]) is None


def test_a_group_is_renewed_when_a_member_is_removed_until_its_step_is_done() -> None:
    journal = removal(ANA, ONE)

    after = seen(group(), [journal])

    assert after is not None
    assert (after.version, after.last_modified) == (later(journal, "v1"), "t")
    assert seen(after, [journal]) == after


@pytest.mark.parametrize(
    ("journal", "pointer", "expected"),
    [
        (membership(added=BOB), JOURNAL, {ANA, BOB}),
        (membership(removed=ANA), JOURNAL, set()),
        (membership(added=BOB), "", {ANA}),
        (removal(ANA, ONE), "", set()),
        (removal(BOB, ONE), "", {ANA}),
    ],
)
def test_members_are_shown_as_they_will_be(journal: Journal, pointer: str, expected: set[str]) -> None:
    assert members_seen(group(journal=pointer), [Member(ANA, "User")], [journal]).keys() == expected


@pytest.mark.parametrize(
    ("journal", "id", "groups", "expected"),
    [
        (membership(added=ANA), ANA, (), True),
        (membership(removed=ANA), ANA, (), True),
        (membership(added=ANA), ONE, (), True),
        (membership(added=ANA), BOB, (ONE,), False),
        (removal(ANA, ONE), ANA, (), True),
        (removal(ANA, ONE), ONE, (), True),
        (removal(ONE, type="Group"), BOB, (ONE,), True),
        (removal(ONE, type="Group"), BOB, (TWO,), False),
    ],
)
def test_a_journal_concerns_what_it_changes(
    journal: Journal, id: str, groups: tuple[str, ...], *, expected: bool
) -> None:
    assert concerns(journal, id, groups) is expected


@pytest.mark.parametrize("count", [0, 1, 5_000, 90_000])
def test_a_journal_comes_back_from_its_rows(count: int) -> None:
    added = {id: Member(id, "User") for id in (f"0190aaaa-0000-7000-8000-{n:012x}" for n in range(count))}
    removed = {ONE: Member(ONE, "Group"), BOB: Member(BOB, "User")}
    journals: list[Journal] = [
        Membership(JOURNAL, TWO, "t", added, removed),
        Removal(BOB, ONE, "Group", "t", frozenset(added)),
    ]

    for journal in journals:
        writes = rows_of(journal)
        rows = [Row(write.key, write.values) for write in writes]
        assert len(rows) <= 1 + count // 40_000
        assert sum(len(value) for value in rows[0].values.values()) < 900_000
        assert read(rows).pending == (journal,)


def test_more_than_a_transaction_can_decide_is_refused() -> None:
    added = {id: Member(id, "User") for id in (f"0190aaaa-0000-7000-8000-{n:012x}" for n in range(160_001))}

    with pytest.raises(TooLarge, match="160,000"):
        rows_of(Membership(JOURNAL, ONE, "t", added, {}))


def test_tombstones_are_told_from_what_is_pending() -> None:
    rows = [Row(f"j|{ANA}|done", {"kind": "done", "time": "t"})]
    rows += [Row(write.key, write.values) for write in rows_of(membership(added=ANA))]

    found = read(rows)

    assert (found.pending, found.done) == ((membership(added=ANA),), {ANA: "t"})
