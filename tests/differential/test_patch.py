"""PATCH makes of resources what another implementation of SCIM makes of them, or rows of the table say why not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from scim.errors import ScimError
from scim.schema import ResourceType
from tests.differential.patch_differences import DIFFERENCES
from tests.differential.patch_explanation import Difference, explanation
from tests.differential.patches import Step, patches
from tests.differential.resources import TYPES, resources
from tests.differential.run import try_all
from tests.differential.tried import try_both
from tests.scim.gadgets import patched


def _check(steps: list[Step], before: Mapping[str, Any], resource_type: ResourceType) -> None:
    """Compare operation by operation, as far as both agree; the message as a whole does what its operations do."""
    resource = before
    for step in steps:
        tried = try_both(step, resource, resource_type)
        said = f"{step.written} on {resource}\nours: {tried.ours}\ntheirs: {tried.theirs}"
        assert explanation(tried, DIFFERENCES) is not None, said
        if tried.ours != tried.theirs:
            return
        if isinstance(tried.ours, str):
            with pytest.raises(ScimError):
                patched([each.written for each in steps], before, resource_type)
            return
        resource = patched([step.written], resource, resource_type)
    assert patched([each.written for each in steps], before, resource_type) == resource


@pytest.mark.parametrize("name", TYPES)
def test_a_patch_makes_what_it_makes_in_another_implementation(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    resource_type = TYPES[name]
    cases = resources(resource_type).flatmap(lambda each: st.tuples(patches(resource_type, each), st.just(each)))
    try_all(cases, lambda case: _check(*case, resource_type), record_property)


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.name)
def test_every_difference_occurs_and_no_other_row_explains_it(row: Difference) -> None:
    tried = try_both(row.example, row.resource, TYPES[row.type])
    assert tried.ours != tried.theirs
    assert explanation(tried, DIFFERENCES) == (row,)
    assert explanation(tried, tuple(other for other in DIFFERENCES if other is not row)) is None
