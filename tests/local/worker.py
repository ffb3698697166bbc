"""Functions invoked through azure-functions-runtime, the worker library that Azure itself runs them with.

The library promises no interface to anybody but Azure's own host: the names used here are those of version 1.3.0,
which requirements-dev.txt pins.
"""

import json
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure.functions as func
from azure_functions_runtime import handle_event
from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.bindings.meta import load_binding_registry
from azure_functions_runtime.native_invocation import invocation_request_native
from azure_functions_runtime.utils.threadpool import start_threadpool_executor

from local.functions import Functions
from local.messages import Invocation


class _BindingInfo(SimpleNamespace):
    out, inout = 1, 2


def index(folder: Path, module: str) -> dict[str, str]:
    """Load `module` in `folder` as the worker does; return the id that it gives each function, by name."""
    handle_event.protos = SimpleNamespace(
        BindingInfo=_BindingInfo, RpcFunctionMetadata=SimpleNamespace, RpcRetryOptions=SimpleNamespace
    )
    load_binding_registry()
    start_threadpool_executor()
    sys.path.insert(0, str(folder))
    try:
        found = handle_event.index_functions(str(folder / f"{module}.py"), str(folder))
    finally:
        sys.path.remove(str(folder))
    return {each.name: each.function_id for each in found}


def through_worker(functions: Functions, ids: Mapping[str, str]) -> Functions:
    """Return the same functions, each handler replaced by its invocation through the worker library."""
    http = tuple(replace(each, handler=_http(ids[each.name])) for each in functions.http)
    timers = {name: replace(each, handler=_timer(ids[each.name])) for name, each in functions.timers.items()}
    return Functions(http, timers)


def _http(function_id: str) -> Callable[..., Any]:
    async def handler(req: func.HttpRequest, context: Invocation) -> func.HttpResponse:
        value = {
            "method": _text(req.method),
            "url": _text(req.url),
            "headers": {name: _text(text) for name, text in req.headers.items()},
            "query": {name: _text(text) for name, text in req.params.items()},
            "params": {name: _text(text) for name, text in req.route_params.items()},
            "body": Datum(req.get_body(), "bytes"),
        }
        answer = (await _invoke(function_id, "req", Datum(value, "http"), context)).value
        headers = {name: text.value for name, text in answer["headers"].items()}
        for cookie in answer["cookies"] or []:
            headers["Set-Cookie"] = cookie.output(header="").strip()
        return func.HttpResponse(answer["body"].value, status_code=int(answer["status_code"].value), headers=headers)

    return handler


def _timer(function_id: str) -> Callable[..., Any]:
    async def handler(timer: func.TimerRequest, context: Invocation) -> None:
        value = {"Schedule": {}, "ScheduleStatus": None, "IsPastDue": timer.past_due}
        await _invoke(function_id, "timer", Datum(json.dumps(value), "json"), context)

    return handler


async def _invoke(function_id: str, name: str, argument: Datum, context: Invocation) -> Any:
    trace = context.trace_context.trace_parent
    inputs = [(name, argument)]
    ok, answer, _, error, _ = await invocation_request_native(str(uuid.uuid4()), function_id, inputs, {}, trace)
    if not ok:
        raise RuntimeError(error)
    return answer


def _text(value: str) -> Datum:
    return Datum(value, "string")
