from collections.abc import Callable
from typing import Any

import azure.functions as func
import pytest

from local.functions import FunctionError, Functions, read


def _app(*routes: tuple[str, str, list[str] | None]) -> func.FunctionApp:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for name, route, methods in routes:
        app.function_name(name)(app.route(route=route, methods=methods)(_handler()))
    return app


def _handler() -> Callable[..., Any]:
    async def handler(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(req.method)

    return handler


def _taker(functions: Functions, method: str, path: str) -> str | None:
    found = functions.find(method, path)
    return found[0].name if found else None


@pytest.mark.parametrize(
    ("names", "first"),
    [(["b", "a"], "a"), (["B", "a"], "a"), (["b", "A"], "A"), (["a_b", "aab"], "aab"), (["a_b", "a1b"], "a1b")],
)
def test_the_first_name_in_ordinal_order_without_letter_case_wins(names: list[str], first: str) -> None:
    app = _app(*((name, f"{{p{number}}}", ["GET"]) for number, name in enumerate(names)))

    assert _taker(read(app, ""), "GET", "/x") == first


def test_routes_stand_under_the_prefix() -> None:
    functions = read(_app(("a", "x", ["GET"])), "api")

    assert (_taker(functions, "GET", "/api/x"), _taker(functions, "GET", "/x")) == ("a", None)


def test_a_function_without_a_route_has_its_name_for_one() -> None:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.function_name("health")(app.route()(_handler()))

    assert _taker(read(app, ""), "GET", "/health") == "health"


@pytest.mark.parametrize(
    ("routes", "reason"),
    [
        ([("a", "admin/x", ["GET"])], "conflicts with the host's own routes"),
        ([("a", "Administrators", ["GET"])], "conflicts with the host's own routes"),
        ([("a", "/runtime", ["GET"])], "conflicts with the host's own routes"),
        ([("a", "x", ["GET"]), ("b", "X", ["POST", "GET"])], "its route conflicts with that of a"),
        ([("a", "x", None), ("b", "x", ["GET"])], "its route conflicts with that of a"),
        ([("a", "{x}.{y}", ["GET"])], "does not know the segment"),
    ],
)
def test_a_function_that_the_host_would_not_start_is_refused(
    routes: list[tuple[str, str, list[str] | None]], reason: str
) -> None:
    with pytest.raises(FunctionError, match=reason):
        read(_app(*routes), "")


def test_two_functions_may_share_a_route_if_they_share_no_method() -> None:
    functions = read(_app(("a", "x", ["GET"]), ("b", "x", ["POST"])), "")

    assert (_taker(functions, "GET", "/x"), _taker(functions, "POST", "/x")) == ("a", "b")


def test_a_trigger_that_is_not_served_here_is_refused() -> None:
    app = func.FunctionApp()
    app.queue_trigger(arg_name="message", queue_name="q", connection="C")(_handler())

    with pytest.raises(FunctionError, match="HTTP and timer triggers, not 'queueTrigger'"):
        read(app, "")


def test_a_handler_without_the_triggers_parameter_is_refused() -> None:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.function_name("a")(app.route(route="x", trigger_arg_name="request")(_handler()))

    with pytest.raises(FunctionError, match="its trigger is called 'request', but no parameter of it is"):
        read(app, "")


def test_a_key_that_a_function_asks_for_is_known() -> None:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
    app.function_name("a")(app.route(route="x")(_handler()))

    assert [function.auth_level for function in read(app, "").http] == ["FUNCTION"]
