"""What a bulk request may have done: its operations in every order that RFC 7644 section 3.7 allows.

Operations on one resource happen in the order of the message, those that refer to a creation after it, the others in
any; with failOnErrors one after another. Where all wait for one another, a creation happens in two steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from tests.model.bulk_parts import Part, carry_out
from tests.model.reference import Reference, Refused

# What stands for the id of a creation that was undone, which nobody is told.
UNDONE = "undone-"
_DONE = {"POST": {"User": "201", "Group": "201"}, "PUT": {"User": "200", "Group": "200"}}
_DONE |= {"PATCH": {"User": "200", "Group": "204"}, "DELETE": {"User": "204", "Group": "204"}}


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An operation that has not happened yet, or what is left of a creation that was begun without its references."""

    number: int
    part: Part
    is_rest: bool = False


@dataclass(slots=True)
class _State:
    """What has happened so far."""

    model: Reference
    waiting: list[_Waiting]
    expected: set[str]
    ids: dict[str, str] = field(default_factory=dict)
    errors: int = 0


class Orders:
    """The orders in which the operations can have happened, given the outcome that was told of each."""

    def __init__(self, parts: Sequence[Part], outcomes: Mapping[int, Mapping[str, Any]], limit: int | None) -> None:
        self._parts = parts
        self._outcomes = outcomes
        self._limit = limit

    def results(self, model: Reference) -> Iterator[tuple[Reference, dict[str, str]]]:
        """Yield what the tenant may hold afterwards, and the ids of what was created by bulkId."""
        waiting = [_Waiting(number, part) for number, part in enumerate(self._parts)]
        expected = {part.bulk_id for part in self._parts if part.method == "POST"}
        for state in self._after(_State(model, waiting, expected)):
            yield state.model, state.ids

    def _after(self, state: _State) -> Iterator[_State]:
        moves = self._moves(state)
        if not moves and not any(each.number in self._outcomes for each in state.waiting):
            yield state
        for each in moves:
            if each.number in self._outcomes and (after := self._step(deepcopy(state), each)) is not None:
                yield from self._after(after)

    def _moves(self, state: _State) -> list[_Waiting]:
        """Return what can happen next. Beyond the limit of errors only what was begun is brought to its end."""
        if self._limit and state.errors >= self._limit:
            return [each for each in state.waiting if each.is_rest][:1]
        ready, earlier = [], set()
        for each in state.waiting:
            if each.part.subject not in earlier and not each.part.refers_to & state.expected:
                ready.append(each)
            earlier.add(each.part.subject)
        if ready:
            return ready[:1] if self._limit else ready
        return [each for each in state.waiting if each.part.method == "POST"][:1]

    def _step(self, state: _State, move: _Waiting) -> _State | None:
        """Let it happen; None where the outcome that was told is another."""
        number, part, outcome = move.number, move.part, self._outcomes[move.number]
        state.waiting = [each for each in state.waiting if each.number != number]
        rest = part.method == "POST" and part.refers_to & state.expected
        bulk_id = self._parts[number].bulk_id
        state.expected.discard(bulk_id)
        id = outcome.get("location", f"/{UNDONE}{number}").rpartition("/")[2]
        try:
            resource = carry_out(_less_references(part) if rest else part, state.model, state.ids, id)
        except Refused as refused:
            state.errors += 1
            if move.is_rest:
                state.model.remove(state.model.resources[state.ids.pop(bulk_id)])
            return state if refused.allows(int(outcome["status"]), outcome.get("response")) else None
        if part.method == "POST":
            state.ids[bulk_id] = id
        if rest:
            state.waiting.insert(0, _Waiting(number, _rest(part), is_rest=True))
            return state
        if outcome["status"] != _DONE[self._parts[number].method][part.type]:
            return None
        if resource is not None and resource.can_have(outcome["version"]):
            resource.see(outcome["version"])
            return state
        return state if resource is None else None


def _less_references(part: Part) -> Part:
    return replace(part, members=None, manager="")


def _rest(part: Part) -> Part:
    """Return the change that adds what a creation has left out."""
    return Part("PATCH", part.type, target=part.subject, op="add", members=part.members, manager=part.manager)
