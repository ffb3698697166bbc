"""A small function app for the tests of the local host: every handler tells what reached it."""

import asyncio
import json
import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
ticks: list[bool] = []


def _told(name: str, req: func.HttpRequest, status: int = 200) -> func.HttpResponse:
    told = {
        "function": name,
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "params": dict(req.params),
        "route_params": dict(req.route_params),
        "body": req.get_body().decode("latin-1"),
    }
    return func.HttpResponse(json.dumps(told), status_code=status, mimetype="application/json")


@app.route(route="things/{id}", methods=["GET", "PUT", "DELETE"])
async def things_one(req: func.HttpRequest) -> func.HttpResponse:
    return _told("things_one", req)


@app.route(route="things/.search", methods=["GET", "POST"])
async def things_a_search(req: func.HttpRequest) -> func.HttpResponse:
    return _told("things_a_search", req)


@app.route(route="things", methods=["POST"])
def things_create(req: func.HttpRequest) -> func.HttpResponse:
    return _told("things_create", req, 201)


@app.route(route="guids/{id:guid}", methods=["GET"])
async def guids_one(req: func.HttpRequest) -> func.HttpResponse:
    return _told("guids_one", req)


@app.route(route="optional/{first}/{second?}", methods=["GET"])
async def optional(req: func.HttpRequest) -> func.HttpResponse:
    return _told("optional", req)


@app.route(route="files/{*path}")
async def files(req: func.HttpRequest) -> func.HttpResponse:
    return _told("files", req)


# Capital Z: names are compared without regard to case, so this one comes after every other function.
@app.function_name("Zlast")
@app.route(route="things/{*rest}", methods=["PATCH", "GET"])
async def last(req: func.HttpRequest) -> func.HttpResponse:
    return _told("Zlast", req)


@app.route(route="answers/{kind}", methods=["GET", "HEAD"])
async def answers(req: func.HttpRequest) -> func.HttpResponse:
    match req.route_params["kind"]:
        case "text":
            return func.HttpResponse("plain")
        case "none":
            return func.HttpResponse(status_code=204)
        case "headers":
            headers = {"X-One": "1", "ETag": 'W/"7"', "X-Content-Type-Options": "own", "Set-Cookie": "a=b"}
            return func.HttpResponse(b"{}", headers=headers, mimetype="application/scim+json")
        case "raise":
            raise RuntimeError("the handler fails")
        case _:
            return func.HttpResponse(status_code=404)


@app.route(route="context", methods=["GET"])
async def context_of(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    trace = context.trace_context
    told = [req.method, context.function_name, len(context.invocation_id), trace.trace_parent, trace.Traceparent]
    return func.HttpResponse(json.dumps(told))


@app.route(route="threads", methods=["GET"])
def threads(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return func.HttpResponse(json.dumps([context.function_name, req.method]))


@app.route(route="healthz", methods=["GET"])
def healthz(req: func.HttpRequest) -> func.HttpResponse:
    return _told("healthz", req)


@app.route(route="slow", methods=["GET"])
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    logging.getLogger(__name__).warning("has begun")
    await asyncio.sleep(0.3)
    return _told("slow", req)


@app.timer_trigger(schedule="0 */5 * * * *", arg_name="timer")
async def tick(timer: func.TimerRequest) -> None:
    logging.getLogger(__name__).debug("tick")
    ticks.append(timer.past_due)
