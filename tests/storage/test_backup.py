"""Export, erasure and import of a tenant: the same directory again, whatever is cut off."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.app import ROOT
from scim.store import Draft, Member
from storage.backup.erasing import erase
from storage.backup.exporting import export
from storage.backup.importing import restore
from storage.backup.lines import header
from storage.check import check
from storage.command import Refused
from storage.directory import TableDirectory
from storage.settings import Settings
from storage.tables import Tables
from tests.storage.conftest import GROUP, USER, rename
from tests.storage.past import RESOURCES, contents, fill


@pytest.fixture
async def filled(tables: Tables, tenant: str) -> str:
    """A tenant with a past."""
    await fill(tables, tenant)
    return tenant


async def test_a_tenant_comes_back_as_it_was(tables: Tables, filled: str, tmp_path: Path) -> None:
    before, file = await contents(tables, filled), tmp_path / "tenant.jsonl"

    written = await export(tables, filled, file)
    assert await erase(tables, filled) > len(before)
    assert await contents(tables, filled) == []
    back = await restore(tables, filled, file)

    assert len(before) == RESOURCES
    assert written.end() == back.end() == json.loads(file.read_text().splitlines()[-1])
    assert file.stat().st_mode & 0o777 == 0o600
    after = await contents(tables, filled)
    assert after == before
    assert [repr(stored.document) for stored in after] == [repr(stored.document) for stored in before]  # true is not 1
    assert await check(tables, filled) == []
    again = tmp_path / "again.jsonl"
    await export(tables, filled, again)
    assert again.read_text().splitlines()[1:] == file.read_text().splitlines()[1:]


async def test_a_tenant_can_be_imported_as_another(tables: Tables, filled: str, tmp_path: Path) -> None:
    await export(tables, filled, tmp_path / "f")

    await restore(tables, f"{filled}-2", tmp_path / "f")

    assert await contents(tables, f"{filled}-2") == await contents(tables, filled)
    assert await check(tables, f"{filled}-2") == []


async def test_an_export_that_was_cut_off_anywhere_is_gone_on_with(tables: Tables, filled: str, tmp_path: Path) -> None:
    await export(tables, filled, tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    first = whole.index(b"\n") + 1
    for share in (0.0005, 0.003, 0.4, 0.75, 0.999, 1.0):
        (tmp_path / "f.part").write_bytes(whole[: first + int((len(whole) - first) * share)])

        await export(tables, filled, tmp_path / "f")

        assert (tmp_path / "f").read_bytes() == whole
        assert not (tmp_path / "f.part").exists()
        (tmp_path / "f").unlink()


Harm = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda text: text[: text.rindex(b"\n", 0, -1) + 1], "is not whole"),
        (lambda text: text[:-9], "cannot be read"),
        (lambda text: text.replace(b"g1", b"g2", 1), "changed after it was written"),
        (lambda text: text.replace(b'"User"', b'"Thing"', 1), "cannot be read"),
        (lambda _: b"", "cannot be read as an export"),
        (lambda _: b'{"format":"other"}\n', "is no export"),
    ],
    ids=["no end", "cut off", "changed", "unknown type", "empty", "another format"],
)
async def test_of_a_file_that_is_not_whole_nothing_is_imported(
    tables: Tables, tenant: str, tmp_path: Path, harm: Harm, sentence: str
) -> None:
    directory = TableDirectory(tables, tenant)
    user = await directory.create(USER, Draft({"userName": "ana"}))
    await directory.create(GROUP, Draft({"displayName": "g1"}, [Member(user.id, "User")]))
    await export(tables, tenant, tmp_path / "f")
    (tmp_path / "f").write_bytes(harm((tmp_path / "f").read_bytes()))

    with pytest.raises(Refused, match=sentence):
        await restore(tables, header(tmp_path / "f")["tenant"] + "-2", tmp_path / "f")

    assert await contents(tables, f"{tenant}-2") == []


async def test_nothing_is_imported_over_what_is_there(tables: Tables, tenant: str, tmp_path: Path) -> None:
    directory = TableDirectory(tables, tenant)
    user = await directory.create(USER, Draft({"userName": "ana"}))
    await export(tables, tenant, tmp_path / "f")
    changed = await directory.change(USER, user.id, rename("Other"))

    with pytest.raises(Refused, match="is not empty"):
        await restore(tables, tenant, tmp_path / "f")
    with pytest.raises(Refused, match="exists already"):
        await export(tables, tenant, tmp_path / "f")

    assert await contents(tables, tenant) == [changed]


async def test_a_membership_of_a_group_that_came_during_the_export_is_left_out(
    tables: Tables, tenant: str, tmp_path: Path
) -> None:
    directory = TableDirectory(tables, tenant)
    await directory.create(USER, Draft({"userName": "ana"}))
    bob = await directory.create(USER, Draft({"userName": "bob"}))
    await export(tables, tenant, tmp_path / "whole")
    group = await directory.create(GROUP, Draft({"displayName": "late"}, [Member(bob.id, "User")]))
    first, ana, *_ = (tmp_path / "whole").read_bytes().splitlines(keepends=True)
    (tmp_path / "f.part").write_bytes(first + ana)
    await export(tables, tenant, tmp_path / "f")
    assert group.id in (tmp_path / "f").read_text()

    await restore(tables, f"{tenant}-2", tmp_path / "f")

    assert [stored.groups for stored in await contents(tables, f"{tenant}-2")] == [(), ()]
    assert await check(tables, f"{tenant}-2") == []


def command(settings: Settings, name: str, *arguments: str, reply: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "STORAGE_CONNECTION_STRING": settings.connection_string}
    return subprocess.run(
        [sys.executable, "-m", f"storage.{name}", *arguments],
        cwd=ROOT,
        env=environment,
        input=reply,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_command_lines_export_erase_and_import(
    tables: Tables, storage_settings: Settings, tenant: str, tmp_path: Path
) -> None:
    await TableDirectory(tables, tenant).create(USER, Draft({"userName": "ana"}))
    before, file = await contents(tables, tenant), str(tmp_path / "f")

    exported = command(storage_settings, "export", tenant, file)
    kept = command(storage_settings, "erase", tenant, reply="n\n")
    erased = command(storage_settings, "erase", tenant, reply="y\n")
    imported = command(storage_settings, "import", file)

    assert [each.returncode for each in (exported, kept, erased, imported)] == [0, 1, 0, 0]
    assert "1 users and 0 groups, sha256 " in exported.stderr
    assert "nothing was changed" in kept.stderr
    assert "3 rows removed" in erased.stderr
    assert imported.stderr.rstrip().endswith("as the file says")
    assert await contents(tables, tenant) == before
    assert command(storage_settings, "import", f"{file}-none").stderr.startswith("error: ")
