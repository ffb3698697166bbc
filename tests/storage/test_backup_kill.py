"""An export and an import are killed (SIGKILL): the same command goes on, and ends as one that was left alone does."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from local.azurite import Azurite
from storage.backup.erasing import erase
from storage.backup.exporting import export
from storage.backup.importing import restore
from storage.check import check
from storage.settings import Settings
from storage.tables import Tables
from tests.storage.backup_victim import WORK
from tests.storage.line import Line, wired
from tests.storage.past import fill

SHARES = (0.0, 0.15, 0.5, 0.85, 1.0)  # of its calls, after which it is killed


async def calls_of(name: str, settings: Settings, tenant: str, file: Path) -> int:
    """Export or import undisturbed, and return how many calls that takes."""
    work, counts = WORK[name]
    line = Line(counts=counts)
    tables = wired(settings, line)
    await work(tables, tenant, file)
    await tables.close()
    return line.counted


async def killed(azurite: Azurite, name: str, tenant: str, file: Path, calls: int) -> int | None:
    """Let an export or an import die in a process of its own, and return how that ended."""
    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.backup_victim", name, tenant, str(file), str(calls)),
        env={**os.environ, "STORAGE_CONNECTION_STRING": azurite.connection_string},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await victim.wait()


def resources(file: Path) -> list[bytes]:
    """Return the lines of an export, less the first, which says when it was begun."""
    return file.read_bytes().splitlines()[1:]


async def test_an_export_that_was_killed_anywhere_is_gone_on_with(
    azurite: Azurite, storage_settings: Settings, tables: Tables, tenant: str, tmp_path: Path
) -> None:
    await fill(tables, tenant)
    calls = await calls_of("export", storage_settings, tenant, tmp_path / "whole")
    for share in SHARES:
        file = tmp_path / f"{share}"

        assert await killed(azurite, "export", tenant, file, round(calls * share)) == -signal.SIGKILL
        assert not file.exists()
        await export(tables, tenant, file)

        assert resources(file) == resources(tmp_path / "whole")


async def test_an_import_that_was_killed_anywhere_is_gone_on_with(
    azurite: Azurite, storage_settings: Settings, tables: Tables, tenant: str, tmp_path: Path
) -> None:
    whole, copy = tmp_path / "whole", f"{tenant}-2"
    await fill(tables, tenant)
    await export(tables, tenant, whole)
    calls = await calls_of("import", storage_settings, copy, whole)
    for share in SHARES:
        await erase(tables, copy)

        assert await killed(azurite, "import", copy, whole, round(calls * share)) == -signal.SIGKILL
        await restore(tables, copy, whole)

        assert await check(tables, copy) == []
        await export(tables, copy, again := tmp_path / f"{share}")
        assert resources(again) == resources(whole)
