"""A process that adds members to a group and is killed after some of its writes: TENANT GROUP WRITES, ids on stdin."""

import asyncio
import os
import signal
import sys

from storage.directory import TableDirectory
from storage.settings import Settings
from tests.storage.line import Line, wired
from tests.storage.test_crash import add_all


async def main(tenant: str, group: str, writes: int, ids: list[str]) -> None:
    line = Line(dies_after=writes, end=lambda: os.kill(os.getpid(), signal.SIGKILL))
    tables = wired(Settings.from_environment(os.environ), line)
    await add_all(group, ids)(TableDirectory(tables, tenant))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.stdin.read().split()))
