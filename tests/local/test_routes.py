import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.routes import RouteError, parse

GUID = "0190a5b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("a/{x:int}", "/a/-7", {"x": "-7"}),
        ("a/{x:int}", "/a/2147483648", None),
        ("a/{x:long}", "/a/2147483648", {"x": "2147483648"}),
        ("a/{x:int}", "/a/7.0", None),
        ("a/{x:bool}", "/a/TRUE", {"x": "TRUE"}),
        ("a/{x:bool}", "/a/yes", None),
        ("a/{x:alpha}", "/a/Abc", {"x": "Abc"}),
        ("a/{x:alpha}", "/a/a1", None),
        ("a/{x:guid}", f"/a/{GUID.upper()}", {"x": GUID.upper()}),
        ("a/{x:guid}", f"/a/{{{GUID}}}", {"x": f"{{{GUID}}}"}),
        ("a/{x:guid}", f"/a/({GUID})", {"x": f"({GUID})"}),
        ("a/{x:guid}", f"/a/{GUID.replace('-', '')}", {"x": GUID.replace("-", "")}),
        ("a/{x:guid}", f"/a/{GUID}0", None),
        ("a/{x:length(2)}", "/a/ab", {"x": "ab"}),
        ("a/{x:length(2)}", "/a/abc", None),
        ("a/{x:length(2,3)}", "/a/abc", {"x": "abc"}),
        ("a/{x:minlength(3)}", "/a/ab", None),
        ("a/{x:maxlength(3)}", "/a/abc", {"x": "abc"}),
        ("a/{x:alpha:minlength(2)}", "/a/a", None),
        ("a/{x:alpha:minlength(2)}", "/a/ab", {"x": "ab"}),
        ("a/{x:int?}", "/a", {}),
        ("a/{x:int?}", "/a/b", None),
        ("a/{**rest}", "/a/b/c", {"rest": "b/c"}),
        ("a/{*rest}", "/a//b", None),
        ("a/{*rest}", "/a/b//c/", {"rest": "b//c/"}),
        ("{*rest}", "/", {}),
        ("{*rest}", "/a", {"rest": "a"}),
        ("/a/", "/A", {}),
        ("a/{x}/c", "/a//c", None),
        ("a/{x}/c", "/a/b", None),
    ],
)
def test_a_template_matches(template: str, path: str, values: dict[str, str] | None) -> None:
    assert parse(template).match(path) == values


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("a/{x}.{y}", "does not know the segment"),
        ("a/{x=1}", "does not know the segment"),
        ("a/{x", "does not know the segment"),
        ("a/{x:regex(^a$)}", "does not know the segment"),
        ("a/{x:datetime}", "does not know the constraint datetime"),
        ("a/{x:length(1,2,3)}", "does not know the constraint length"),
        ("a/{*x}/b", "must be the last segment"),
        ("a/{*x?}", "cannot be optional"),
        ("a/{x}/{X}", "stands twice"),
        ("a//b", "a segment is empty"),
    ],
)
def test_a_template_that_would_be_read_otherwise_on_azure_is_refused(template: str, reason: str) -> None:
    with pytest.raises(RouteError, match=reason):
        parse(template)


@given(st.lists(st.text(st.characters(exclude_characters="/{}", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_a_parameter_takes_any_segment_as_it_is(segments: list[str]) -> None:
    template = parse("/".join(f"{{p{number}}}" for number in range(len(segments))))

    values = template.match("/" + "/".join(segments))

    assert values is not None
    assert list(values.values()) == segments
