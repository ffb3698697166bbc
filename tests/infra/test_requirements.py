"""What a deploy installs: requirements.txt, every package pinned and known by its hashes, made from requirements.in."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;\\]+)( ?;[^\\]*)?")


def _name(written: str) -> str:
    return re.sub(r"[-_.]+", "-", written).lower()


def _pins(file: str) -> list[tuple[str, str]]:
    lines = (ROOT / file).read_text().splitlines()
    return [(_name(found[1]), found[2]) for line in lines if (found := PIN.match(line))]


def _entries() -> list[str]:
    text = "\n".join(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1] != "#")
    return text.replace("\\\n", " ").strip().splitlines()


def test_what_the_app_needs_is_installed_in_that_very_version() -> None:
    assert _pins("requirements.in")
    assert set(_pins("requirements.in")) <= set(_pins("requirements.txt"))


def test_the_tools_of_the_tests_stay_out() -> None:
    assert {name for name, _ in _pins("requirements-dev.txt")}.isdisjoint(name for name, _ in _pins("requirements.txt"))


@pytest.mark.parametrize("entry", _entries(), ids=lambda entry: entry.partition("==")[0])
def test_each_package_is_pinned_and_hashed(entry: str) -> None:
    assert PIN.match(entry)
    assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry)


def test_nothing_is_fetched_from_anywhere_but_the_index() -> None:
    for file in ("requirements.in", "requirements.txt", "requirements-dev.txt", "infra/hooks/requirements.txt"):
        assert not re.search(r"https?:|git\+|--(extra-)?index|--find-links", (ROOT / file).read_text()), file


def test_everything_that_is_imported_together_is_locked_together() -> None:
    """The environment that the tests run in has the locked versions, so that they tested what is deployed."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    different = {}
    for name, wanted in _pins("requirements.txt"):
        try:
            found = version(name)
        except PackageNotFoundError:
            continue  # for another version of Python or another system
        if found != wanted and name != "azure-functions":  # two lines of it: one for each kind of Python
            different[name] = (wanted, found)
    assert not different
