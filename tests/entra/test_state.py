"""The journal: nothing that it said is lost, wherever the process ended."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from entra.escrow import failed_again
from entra.quarantine import begin
from entra.state import Link, State

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def filled(path) -> State:
    state = State(path)
    state.update_job(watermark=3, cycles=2, quarantine=begin("TooManyDeletes", "TooManyDeletes", "12 of 10", NOW))
    state.link("u1", Link("User", query='userName eq "ä"'))
    state.link("u1", Link("User", "t1", digest="d", manager="u2"))
    state.link("u2", Link("User", "t2"))
    state.unlink("u2")
    state.link("g1", Link("Group", "t3"))
    state.intend("g1", ["u1", "u2", "u3"])
    state.joined("g1", ["u1"])
    state.left("g1", ["u2"])
    state.escrow(failed_again(None, "u9", 3, "EntryConflict", "409", NOW))
    return state


def content(state: State) -> tuple:
    memberships = {group: (frozenset(m.sure), frozenset(m.maybe)) for group, m in state.memberships.items()}
    return state.job, state.links, memberships, state.escrows, state.anchors


def test_what_was_written_is_read_again_before_and_after_it_is_compacted(tmp_path):
    path = tmp_path / "state.jsonl"
    state = filled(path)
    assert content(State(path)) == content(state)
    state.compact()
    assert content(State(path)) == content(state)
    assert state.memberships["g1"].sure == {"u1"}
    assert state.memberships["g1"].maybe == {"u3"}
    assert state.anchors == {"t1": "u1", "t3": "g1"}


def test_a_journal_cut_off_at_any_byte_is_read_up_to_there_and_goes_on(tmp_path):
    path = tmp_path / "state.jsonl"
    filled(path).close()
    whole = path.read_bytes()
    lines = 0
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        state = State(path)
        lines = max(lines, len(state.links) + len(state.escrows))
        if cut % 97 == 0:
            state.link("u7", Link("User", "t7"))
            state.close()
            assert State(path).links["u7"].target == "t7"
    assert lines == 3


def test_a_restart_keeps_links_and_doubts_memberships(tmp_path):
    state = filled(tmp_path / "state.jsonl")
    state.restart()
    assert (state.job.watermark, state.job.quarantine, state.escrows) == (None, None, {})
    assert state.links["u1"].target == "t1"
    assert state.memberships["g1"].maybe == {"u1", "u3"}
    assert not state.memberships["g1"].sure
    assert content(State(state.path)) == content(state)


def test_a_full_restart_forgets_the_links_too():
    state = filled(None)
    state.restart(keep_links=False)
    assert (state.links, state.memberships, state.anchors) == ({}, {}, {})


@pytest.mark.parametrize("target", ["t1", "t4"])
def test_an_anchor_leads_to_the_object_that_has_it_now(target):
    state = filled(None)
    state.link("u1", replace(state.links["u1"], target=target))
    assert state.anchors[target] == "u1"
    assert sum(source == "u1" for source in state.anchors.values()) == 1
