"""Filters select what they select in another implementation of SCIM, or a row of the table says why not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from scim.errors import ScimError
from scim.filter import parse_filter
from scim.match import matcher
from scim.schema import ResourceType
from tests.differential import oracle
from tests.differential.filter_differences import DIFFERENCES, Difference
from tests.differential.filters import Term, Written, filters
from tests.differential.resources import TYPES, representations, schemas
from tests.differential.run import try_all


def _answers(text: str, resource: Mapping[str, Any], resource_type: ResourceType) -> tuple[bool | str, bool | str]:
    """Return whether the resource satisfies the filter, by ours and by theirs, or why the filter is refused."""
    try:
        ours: bool | str = matcher(parse_filter(text, [resource_type]), resource_type)(resource)
    except ScimError as error:
        ours = str(error.scim_type)
    return ours, oracle.holds(text, oracle.read(resource, resource_type), resource_type)


def _explaining(term: Term, answers: tuple[bool | str, bool | str]) -> list[Difference]:
    return [row for row in DIFFERENCES if row.explains(term, *answers)]


def _check(written: Written, resource: Mapping[str, Any], resource_type: ResourceType) -> None:
    """Where the two differ on a filter they differ on a term of it, and on each that they do with reason."""
    ours, theirs = _answers(written.text, resource, resource_type)
    if ours == theirs:
        return
    answers = [(term, _answers(term.text, resource, resource_type)) for term in written.terms]
    differing = [(term, said) for term, said in answers if said[0] != said[1]]
    assert differing, f"{written.text}: ours {ours}, theirs {theirs}, and the same on every term"
    for term, said in differing:
        assert _explaining(term, said), f"{term.text}: ours {said[0]}, theirs {said[1]}"


@pytest.mark.parametrize("name", TYPES)
def test_a_filter_selects_what_it_selects_in_another_implementation(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    resource_type = TYPES[name]
    cases = representations(resource_type).flatmap(lambda each: st.tuples(filters(resource_type, each), st.just(each)))
    try_all(cases, lambda case: _check(*case, resource_type), record_property)


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.name)
def test_every_difference_occurs_and_no_other_row_explains_it(row: Difference) -> None:
    resource_type = TYPES[row.type]
    resource = {"schemas": schemas(row.resource, resource_type), **row.resource}
    ours, theirs = _answers(row.example.text, resource, resource_type)
    assert ours != theirs
    assert _explaining(row.example, (ours, theirs)) == [row]
