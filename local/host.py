"""The local host: serves a function app over HTTP where the Azure Functions Core Tools are not installed.

It reads what the app declares, matches requests as the Functions host does and adds nothing: what works here works
there. `python -m local.host --port 7071` serves function_app.py of the current folder.
"""

import argparse
import asyncio
import importlib
import inspect
import json
import logging
import signal
import socket
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import azure.functions as func
from aiohttp import web

from local.functions import FunctionError, Functions, TimerFunction, read
from local.messages import Invocation, read_request, trace_of, write_response
from local.target import Target, TargetError

ROOT = Path(__file__).parent.parent
BODY_LIMIT = 104_857_600  # bytes; FUNCTIONS_REQUEST_BODY_SIZE_LIMIT of the Functions host
_ADMIN = "/admin/functions/"
_STOP_SECONDS = 10.0

logger = logging.getLogger("local.host")


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What host.json says about HTTP: the prefix of every route, and headers of every response."""

    route_prefix: str = "api"
    custom_headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read host.json in `folder`."""
        http = json.loads((folder / "host.json").read_text()).get("extensions", {}).get("http", {})
        return cls(http.get("routePrefix", "api"), http.get("customHeaders", {}))


class Host:
    """Answers HTTP requests with the functions of one app."""

    def __init__(self, functions: Functions, settings: HostSettings) -> None:
        self._functions = functions
        self._settings = settings
        self._timers: set[asyncio.Task[None]] = set()

    def runner(self) -> web.AppRunner:
        """Make what serves this host on a socket."""
        application = web.Application(client_max_size=BODY_LIMIT)
        application.router.add_route("*", r"/{target:[\s\S]*}", self._answer)  # an encoded line break too
        application.on_shutdown.append(self._finish_timers)
        # The Functions host hands compressed bodies on as they are.
        return web.AppRunner(
            application, auto_decompress=False, access_log=None, lingering_time=1.0, shutdown_timeout=_STOP_SECONDS
        )

    async def _answer(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        name, response = await self._route(request)
        took = (time.perf_counter() - started) * 1000
        # Not the path: a client may put a name into it, and does into the filter behind it.
        logger.info("%s %s -> %d (%.0f ms)", request.method, name, response.status, took)
        return response

    async def _route(self, request: web.Request) -> tuple[str, web.Response]:
        """Return the name of the function that took the request, "-" for none, and the response."""
        try:
            target = Target.parse(request.raw_path)
        except TargetError:
            return "-", web.Response(status=400)
        if (request.content_length or 0) > BODY_LIMIT:
            return "-", web.Response(status=413)
        if target.path.lower().startswith(_ADMIN):
            return "-", self._start_timer(request.method, target.path[len(_ADMIN) :])
        found = self._functions.find(request.method, target.path)
        if found is None:
            # A method that no function declares gets the same bare 404; the page at the root is turned off.
            return "-", self._bare(204 if target.path == "/" else 404)
        function, parameters = found
        argument = await read_request(request, target, parameters)
        context = self._context(function.name, argument.headers)
        try:
            answer = await _call(function.handler, {function.parameter: argument}, context)
            return function.name, write_response(answer, self._settings.custom_headers)
        except Exception:
            logger.exception("function %s failed, invocation %s", function.name, context.invocation_id)
            return function.name, self._bare(500)

    def _bare(self, status: int) -> web.Response:
        return web.Response(status=status, headers=self._settings.custom_headers)

    def _context(self, name: str, headers: Mapping[str, str]) -> Invocation:
        return Invocation(str(uuid.uuid4()), name, str(ROOT), trace_of(headers))

    def _start_timer(self, method: str, name: str) -> web.Response:
        """Run a timer function out of turn, as POST /admin/functions/{name} does: 202 before it has ended."""
        function = self._functions.timers.get(name.lower())
        if method != "POST" or function is None:
            return self._bare(404)
        task = asyncio.create_task(self._run_timer(function))
        self._timers.add(task)
        task.add_done_callback(self._timers.discard)
        return self._bare(202)

    async def _run_timer(self, function: TimerFunction) -> None:
        context = self._context(function.name, {})
        try:
            await _call(function.handler, {function.parameter: func.timer.TimerRequest()}, context)
        except Exception:
            logger.exception("function %s failed, invocation %s", function.name, context.invocation_id)

    async def _finish_timers(self, _: web.Application) -> None:
        if self._timers:
            await asyncio.wait(self._timers, timeout=_STOP_SECONDS)


async def _call(handler: Any, arguments: dict[str, Any], context: Invocation) -> Any:
    """Call a handler: on the event loop if it is a coroutine function, else on a thread, as the worker does."""
    if "context" in inspect.signature(handler).parameters:
        arguments["context"] = context
    if inspect.iscoroutinefunction(handler):
        return await handler(**arguments)
    return await asyncio.to_thread(handler, **arguments)


async def serve(host: Host, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests that are under way."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = host.runner()
    await runner.setup()
    await web.SockSite(runner, listener).start()
    logger.info("listening on http://127.0.0.1:%d", listener.getsockname()[1])
    await stop.wait()
    await runner.cleanup()
    # The app's connections are open until the process ends, as on Azure: no complaint about it is news.
    logging.disable()


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.host", description="Serve the function app locally.")
    parser.add_argument("--port", type=int, default=7071, help="port of 127.0.0.1; 0 takes a free one")
    parser.add_argument("--fd", type=int, help="serve on this inherited listening socket instead")
    parser.add_argument("--app", default="function_app", help="module with the function app, called `app`")
    parser.add_argument("--log-level", default="INFO", choices=("INFO", "WARNING"), help="INFO tells every request")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=options.log_level, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    try:
        listener = socket.socket(fileno=options.fd) if options.fd else socket.create_server(("127.0.0.1", options.port))
        settings = HostSettings.read(Path.cwd())
        functions = read(importlib.import_module(options.app).app, settings.route_prefix)
    except (OSError, FunctionError) as error:
        print(f"The local host cannot start: {error}", file=sys.stderr)
        return 1
    for function in functions.http:
        if function.auth_level != "ANONYMOUS":
            logger.warning("%s wants a key (%s), which is not checked here", function.name, function.auth_level)
    asyncio.run(serve(Host(functions, settings), listener))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
