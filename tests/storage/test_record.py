"""Documents and groups as properties of a row."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.errors import TooLarge
from storage import ids
from storage.record import (
    CHUNK_BYTES,
    CHUNK_UNITS,
    DOCUMENT_BYTES,
    INDEXED,
    Record,
    chunked,
    decode,
    encode,
    group_columns,
    index_of,
    numbered,
    same,
    text_of,
)
from storage.tables import Row
from tests.storage.conftest import USER

ID = "0190aaaa-0000-7000-8000-000000000000"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
DOCUMENTS = st.dictionaries(st.text(min_size=1), JSON, max_size=5)
GROUP_IDS = st.frozensets(st.uuids(version=4).map(str), max_size=20)


def record(text: str = "{}", groups: frozenset[str] = frozenset()) -> Record:
    return Record(ID, "User", text, "v", "created", "modified", ("c|u|1", "x|u|2|3|4"), groups)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(DOCUMENTS, GROUP_IDS)
def test_a_record_comes_back_from_its_row(document: dict[str, object], groups: frozenset[str]) -> None:
    before = record(text_of(document), groups)

    after = decode(Row(before.key, encode(before)))

    assert after == before
    assert same(after.document, document)


@given(st.text(st.characters(codec=None, categories=["Cs"]) | st.characters(), max_size=50))
def test_lone_surrogates_survive_and_leave_text_that_can_be_encoded(value: str) -> None:
    text = text_of({"value": value})

    assert text.encode("utf-8")
    # Two lone halves side by side are one character to whoever reads the JSON.
    joined = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    assert json.loads(text)["value"] == joined


@given(st.text(st.sampled_from("a😀é\u2028"), max_size=40), st.integers(1, 4))
def test_chunks_are_short_enough_and_cut_no_pair(text: str, length: int) -> None:
    long = text * (length * CHUNK_UNITS // max(len(text), 1))

    chunks = list(chunked(long))

    assert "".join(chunks) == long
    assert all(0 < units(chunk) <= CHUNK_UNITS for chunk in chunks)
    assert all(units(chunk) >= CHUNK_UNITS - 1 for chunk in chunks[:-1])


@pytest.mark.parametrize("offset", [0, 1])
def test_a_pair_on_the_border_goes_to_the_next_chunk(offset: int) -> None:
    text = "a" * (CHUNK_UNITS - 1 + offset) + "😀"

    assert [units(chunk) for chunk in chunked(text)] == [CHUNK_UNITS - 1 + offset, 2]


@pytest.mark.parametrize("character", ["a", "é", "😀", "\0"])
def test_a_document_is_limited_by_its_size_in_the_table(character: str) -> None:
    room = DOCUMENT_BYTES - len('{"v":""}') * 2
    size = len(json.dumps(character, ensure_ascii=False)[1:-1].encode("utf-16-le"))

    assert text_of({"v": character * (room // size)})
    with pytest.raises(TooLarge, match="901,120"):
        text_of({"v": character * (room // size + 1)})


@pytest.mark.parametrize(
    ("before", "after", "columns"), [(0, 0, 0), (0, 1, 1), (4096, 4097, 2), (4097, 4096, 2), (1, 0, 1)]
)
def test_columns_that_are_no_longer_needed_are_emptied(before: int, after: int, columns: int) -> None:
    groups = [f"0190aaaa-0000-7000-8000-{n:012x}" for n in range(after)]

    found = group_columns(groups, before)

    assert list(found) == [f"groups{n}" for n in range(columns)]
    assert all(len(packed) <= CHUNK_BYTES for packed in found.values())
    assert ids.unpack(b"".join(numbered(found, "groups"))) == tuple(groups)


def test_the_index_leads_with_the_claim_and_names_each_value_once() -> None:
    document = {"userName": "ana", "externalId": "x", "emails": [{"value": "A@b"}, {"value": "a@B"}, {"value": "c@d"}]}

    claim, *lookups = index_of(USER, ID, document)

    assert claim.startswith("c|u|")
    assert len(lookups) == 3
    assert all(key.startswith("x|u|") and key.endswith(ID) for key in lookups)


def test_more_indexed_values_than_a_transaction_holds_are_refused() -> None:
    def emails(count: int) -> dict[str, object]:
        return {"userName": "ana", "emails": [{"value": f"{n}@example.com"} for n in range(count)]}

    assert len(index_of(USER, ID, emails(INDEXED))) == 1 + INDEXED
    with pytest.raises(TooLarge, match=r"emails\.value"):
        index_of(USER, ID, emails(INDEXED + 1))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": None}, {}, False),
    ],
)
def test_documents_are_compared_as_json(one: dict[str, object], other: dict[str, object], *, equal: bool) -> None:
    assert same(one, other) is equal
