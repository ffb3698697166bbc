"""Filter trees and PATCH paths: short forms of some, and hypothesis strategies for any."""

from hypothesis import strategies as st

from scim.schema import ResourceType
from scim.tree import COMPARE_OPS, And, AttrPath, Compare, Not, Or, Path, Present, ValuePath

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_values = st.one_of(
    _text, st.booleans(), st.none(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False)
)


def attr(name: str, sub: str = "", urn: str = "") -> AttrPath:
    """Return the path of an attribute."""
    return AttrPath(urn, name, sub)


def eq(name: str, value: object, sub: str = "", urn: str = "") -> Compare:
    """Return the comparison of an attribute with a value by eq."""
    return Compare(AttrPath(urn, name, sub), "eq", value)


def names(resource_type: ResourceType) -> st.SearchStrategy[str]:
    """Names of attributes, known and unknown, some of which look like keywords."""
    known = [each.name for each in (*resource_type.base.attributes, *resource_type.common)]
    odd = ["true", "falsely", "nullable", "not", "and", "or", "pr", "eq", "$ref", "a-b_1"]
    return st.sampled_from(known + odd) | st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True)


def attr_paths(resource_type: ResourceType) -> st.SearchStrategy[AttrPath]:
    """Attribute paths with and without a URN and a sub-attribute."""
    urns = st.sampled_from(["", "", *resource_type.urns, "urn:example:unknown:2.0:Thing"])
    return st.builds(AttrPath, urns, names(resource_type), st.just("") | names(resource_type))


def filters(resource_type: ResourceType, *, nested: bool = False) -> st.SearchStrategy:
    """Filters of every form; nested ones are those that may stand in a value path."""
    paths = attr_paths(resource_type)
    leaves = st.builds(Compare, paths, st.sampled_from(COMPARE_OPS), _values) | st.builds(Present, paths)
    if not nested:
        heads = st.builds(AttrPath, st.sampled_from(["", *resource_type.urns]), names(resource_type))
        leaves |= st.builds(ValuePath, heads, filters(resource_type, nested=True))
    return st.recursive(leaves, _combined, max_leaves=6)


def _combined(terms: st.SearchStrategy) -> st.SearchStrategy:
    several = st.lists(terms, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, terms) | st.builds(And, several) | st.builds(Or, several)


def patch_paths(resource_type: ResourceType) -> st.SearchStrategy[Path]:
    """Paths with and without a filter, and extension URNs alone."""
    heads = st.builds(AttrPath, st.sampled_from(["", *resource_type.urns]), names(resource_type))
    return (
        st.builds(Path, attr_paths(resource_type))
        | st.builds(Path, heads, filters(resource_type, nested=True), st.just("") | names(resource_type))
        | st.builds(Path, st.builds(AttrPath, st.sampled_from(resource_type.urns), st.just("")))
    )
