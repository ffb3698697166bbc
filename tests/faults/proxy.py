"""A proxy in front of the table service that breaks one call, or every call from one on."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from enum import Enum
from typing import Any, Self

from tests.faults.wire import read_message, refusal


class Fault(Enum):
    """What happens to a call. "done": the call reached the table service and was carried out."""

    CLOSED = "the connection is closed, the call is lost"
    LOST = "done, and the connection is closed before the answer"
    TRUNCATED = "done, and the connection is closed in the middle of the answer"
    BUSY = "503"
    THROTTLED = "429"
    BROKEN = "500"
    BROKEN_DONE = "done, and answered 500"
    CHANGED = "412"
    SWALLOWED = "lost without a word: the caller waits in vain"
    SILENT = "done without a word: the caller waits in vain"
    LATE = "no answer; done when the caller has given up and was told so"
    VERY_LATE = "no answer; done when the caller has tried again and succeeded"
    OUTAGE = "from here on every connection is closed"
    OUTAGE_DONE = "from here on everything is done and nothing answered"


# Those for which a call takes as long as the service's patience lasts.
SLOW = frozenset({Fault.SWALLOWED, Fault.SILENT, Fault.LATE, Fault.VERY_LATE})
_LASTING = frozenset({Fault.OUTAGE, Fault.OUTAGE_DONE})
_REFUSED = {Fault.BUSY: 503, Fault.THROTTLED: 429, Fault.BROKEN: 500, Fault.CHANGED: 412}
_SECONDS = 30.0


class _Cut(Exception):
    """The connection to the caller ends here."""


class Proxy:
    """Passes calls on to a table service; runs on a thread of its own. Only calls about `table` are counted."""

    def __init__(self, port: int, table: str) -> None:
        self.port = 0
        self.calls = 0
        self.struck = 0
        self._target = port
        self._table = table.encode()
        self._fault: Fault | None = None
        self._at = 0
        self._release = asyncio.Event()
        self._held: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**24)).result(_SECONDS)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end()).result(_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def through(self, connection_string: str) -> str:
        """Return the connection string that leads to the same service through the proxy."""
        return connection_string.replace(f":{self._target}/", f":{self.port}/")

    def arm(self, fault: Fault | None, call: int = 0) -> None:
        """Count from one again, and let the fault strike at the call of this number."""
        self.calls, self.struck = 0, 0
        self._at, self._fault = call, fault

    def clear(self) -> None:
        """Pass on everything from now on."""
        self._fault = None

    def release(self) -> None:
        """Carry out the calls that were held back, and wait until they are done."""
        self._do(self._let_go()).result(_SECONDS)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _end(self) -> None:
        self._server.close()
        tasks = [*self._open, *self._held]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _let_go(self) -> None:
        self._release.set()
        await asyncio.gather(*self._held)
        self._release = asyncio.Event()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while True:
                writer.write(await self._answer(await read_message(reader), reader, writer))
                await writer.drain()
        except (_Cut, asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Return what is answered. Raises _Cut to close the connection."""
        fault = self._strikes(request)
        if fault is None:
            return await self._pass_on(request)
        match fault:
            case Fault.LOST | Fault.OUTAGE_DONE:
                await self._pass_on(request)
            case Fault.TRUNCATED:
                answer = await self._pass_on(request)
                writer.write(answer[: len(answer) // 2])
                await writer.drain()
            case Fault.BROKEN_DONE:
                await self._pass_on(request)
                return refusal(request, 500)
            case Fault.SWALLOWED:
                await reader.read()
            case Fault.SILENT:
                await self._pass_on(request)
                await reader.read()
            case Fault.LATE | Fault.VERY_LATE:
                self._hold(request)
                await reader.read()
            case _ if fault in _REFUSED:
                return refusal(request, _REFUSED[fault])
        raise _Cut

    def _strikes(self, request: bytes) -> Fault | None:
        if self._table not in request:
            return None
        self.calls += 1
        if self._fault is None or self.calls < self._at or (self.calls > self._at and self._fault not in _LASTING):
            return None
        self.struck += 1
        return self._fault

    def _hold(self, request: bytes) -> None:
        async def later() -> None:
            await self._release.wait()
            await self._pass_on(request)

        task = asyncio.ensure_future(later())
        self._held.add(task)
        task.add_done_callback(self._held.discard)

    async def _pass_on(self, request: bytes) -> bytes:
        """Have the table service carry a call out, over a connection of its own, and return the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target, limit=2**24)
        try:
            writer.write(request)
            return await read_message(reader)
        finally:
            writer.close()
