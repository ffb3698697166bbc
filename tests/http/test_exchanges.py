"""Every recorded conversation, replayed over HTTP against the running service on Azurite."""

from collections import Counter

import pytest

from tests.http.conversation import FOLDER, paths, read
from tests.http.replay import replay

PATHS = paths()


@pytest.mark.parametrize("path", PATHS, ids=[str(path.relative_to(FOLDER).with_suffix("")) for path in PATHS])
def test_each_conversation_gets_the_recorded_answers(path, client):
    assert replay(read(path), client) == []


def test_the_corpus_holds_what_each_client_sends():
    folders = Counter(path.parent.name for path in PATHS)
    assert set(folders) == {"entra", "validator", "gallery", "postman", "okta", "interop", "rfc7644", "rfc9865"}
    assert {path.name.split("-")[0] for path in PATHS if path.parent.name == "validator"} == {
        *(f"{number:02d}" for number in range(1, 25)),
        "preview",
    }
    assert sum(path.name.startswith("preview") for path in PATHS) == 7
    assert {path.name.split("-")[0] for path in PATHS if path.parent.name == "interop"} == {
        f"5.{number:02d}" for number in range(1, 18)
    }
