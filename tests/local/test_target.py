from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.target import Target, TargetError


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/b/..", "/a/"),
        ("/a/b/.", "/a/b/"),
        ("/../../a", "/a"),
        ("/%2e%2e/a", "/a"),
        ("/a%2F..%2Fb", "/a%2F..%2Fb"),
        ("/a/...", "/a/..."),
        ("/", "/"),
        ("//a", "//a"),
        ("/%E2%82", "/%E2%82"),
        ("/%E2%82%AC%ff", "/€%FF"),
        ("/%2", "/%2"),
        ("/a%20b", "/a b"),
    ],
)
def test_a_path_is_decoded_and_freed_of_dot_segments(raw: str, path: str) -> None:
    assert Target.parse(raw).path == path


@pytest.mark.parametrize("raw", ["*", "example.test:443", "http://example.test/", "/ä", "/%00", ""])
def test_a_target_that_is_no_ascii_path_is_refused(raw: str) -> None:
    with pytest.raises(TargetError):
        Target.parse(raw)


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("a=1&&b=2", {"a": "1", "b": "2"}),
        ("a", {}),
        ("=x", {"": "x"}),
        ("a+b=c+d", {"a b": "c d"}),
        ("a=%2B%26%3D", {"a": "+&="}),
        ("a=%FF", {"a": "%FF"}),
        ("a=%00", {"a": "\0"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("A=1&a=2", {"A": "1,2"}),
    ],
)
def test_a_query_becomes_values(query: str, values: dict[str, str]) -> None:
    assert Target.parse(f"/?{query}").values() == values


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(_TEXT, _TEXT)
def test_what_was_quoted_comes_out_as_it_went_in(name: str, value: str) -> None:
    target = Target.parse(f"/?{quote(name, safe='')}={quote(value, safe='')}")

    assert target.values() == {name: value}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/%")))
def test_the_url_leads_to_the_same_path_again(text: str) -> None:
    target = Target.parse("/x" + quote(text, safe=""))

    assert Target.parse(target.url("http", "h").removeprefix("http://h")) == target
