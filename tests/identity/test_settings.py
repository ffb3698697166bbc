"""Where the command line finds its settings."""

import json
from pathlib import Path

import pytest

from identity.settings import tenant_url
from storage.settings import SettingsError, environment


def write(folder: Path, **values: object) -> None:
    (folder / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values}))


def test_without_a_file_the_environment_is_all(tmp_path: Path) -> None:
    assert environment({"A": "1"}, tmp_path) == {"A": "1"}


def test_the_file_gives_what_the_environment_lacks(tmp_path: Path) -> None:
    write(tmp_path, STORAGE_CONNECTION_STRING="file", SCIM_BASE_URL="http://localhost:7071", N=3)

    assert environment({"SCIM_BASE_URL": "https://x"}, tmp_path) == {
        "STORAGE_CONNECTION_STRING": "file",
        "SCIM_BASE_URL": "https://x",
        "N": "3",
    }


@pytest.mark.parametrize("setting", ["STORAGE_CONNECTION_STRING", "STORAGE_TABLE_ENDPOINT"])
def test_a_table_service_in_the_environment_is_not_mixed_with_the_files(tmp_path: Path, setting: str) -> None:
    write(tmp_path, STORAGE_CONNECTION_STRING="file", STORAGE_TABLE_ENDPOINT="file")

    assert environment({setting: "environment"}, tmp_path) == {setting: "environment"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Values": []}', '{"Values": 7}', "\0"])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "local.settings.json").write_text(text)

    with pytest.raises(SettingsError, match=r"local\.settings\.json cannot be read"):
        environment({}, tmp_path)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("", None),
        ("https://scim.example.com", "https://scim.example.com/scim/v2"),
        ("https://scim.example.com/", "https://scim.example.com/scim/v2"),
        ("https://scim.example.com/scim/v2", "https://scim.example.com/scim/v2"),
        ("https://scim.example.com/scim/v2/", "https://scim.example.com/scim/v2"),
        ("http://localhost:7071", "http://localhost:7071/scim/v2"),
    ],
)
def test_the_tenant_url_is_the_base_url_with_its_path(base: str, url: str | None) -> None:
    assert tenant_url(base) == url


@pytest.mark.parametrize(
    "base", ["scim.example.com", "ftp://x", "https://", "https://x?a=b", "https://x#a", "http://[x"]
)
def test_what_is_no_base_url_is_refused(base: str) -> None:
    with pytest.raises(SettingsError, match="is not a base URL"):
        tenant_url(base)
