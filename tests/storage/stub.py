"""A table service that answers as it is told, for what a real one does only when it suffers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from storage.settings import Settings

ROW = {"odata.etag": "W/\"datetime'2026'\"", "PartitionKey": "p", "RowKey": "k", "v": 1}
SILENCE = 0  # no answer at all
HANG_UP = -1  # the connection ends without an answer


@dataclass
class Stub:
    """Answers calls with these statuses in turn, the last one for ever."""

    statuses: Sequence[int]
    code: str = "ServerBusy"
    calls: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def settings(self) -> Settings:
        account = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;"
        return Settings(connection_string=f"{account}TableEndpoint=http://127.0.0.1:{self.port}/a;")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.method)
        status = self.statuses[min(len(self.calls), len(self.statuses)) - 1]
        if status == SILENCE:
            await asyncio.sleep(30)
        if status == HANG_UP:
            assert request.transport is not None
            request.transport.abort()
        if status == 200:
            return web.json_response(ROW)
        error = {"odata.error": {"code": self.code, "message": {"lang": "en-us", "value": "so it is"}}}
        return web.json_response(error, status=max(status, 500) if status < 100 else status)


@asynccontextmanager
async def serving(stub: Stub) -> AsyncIterator[Stub]:
    """Run a stub on a free port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stub.port = runner.addresses[0][1]
    try:
        yield stub
    finally:
        await runner.cleanup()
