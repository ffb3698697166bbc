"""The functions that an app declares, read through the public API of azure.functions as the host reads them."""

import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from local.routes import RouteError, Template, parse

# The host's own routes; it compares the beginning of the text, so that "administrators" is refused as well.
_RESERVED = ("admin", "runtime")


class FunctionError(ValueError):
    """A function that the Functions host would not start, or whose trigger is not served here."""


@dataclass(frozen=True, slots=True)
class HttpFunction:
    """A function with an HTTP trigger; no methods means every method."""

    name: str
    template: Template
    methods: frozenset[str]
    auth_level: str
    handler: Callable[..., Any]
    parameter: str

    def route(self, method: str, path: str) -> dict[str, str] | None:
        """Return the route parameters if this function takes the request, else None."""
        return None if self.methods and method not in self.methods else self.template.match(path)


@dataclass(frozen=True, slots=True)
class TimerFunction:
    """A function with a timer trigger."""

    name: str
    handler: Callable[..., Any]
    parameter: str


@dataclass(frozen=True, slots=True)
class Functions:
    """Everything that an app declares; the HTTP functions in the order in which the host tries them."""

    http: tuple[HttpFunction, ...]
    timers: dict[str, TimerFunction]

    def find(self, method: str, path: str) -> tuple[HttpFunction, dict[str, str]] | None:
        """Return the first function that takes the request, and its route parameters."""
        for function in self.http:
            parameters = function.route(method, path)
            if parameters is not None:
                return function, parameters
        return None


def read(app: func.FunctionApp, prefix: str) -> Functions:
    """Read the functions of `app`, whose routes stand under the route prefix of host.json.

    Asks the app once, because `get_functions` takes a second call for a second declaration of everything.
    Raises FunctionError.
    """
    http: list[HttpFunction] = []
    timers: dict[str, TimerFunction] = {}
    # As FunctionMetadataManager sorts: OrdinalIgnoreCase compares upper-cased letters, so that "_" follows "Z".
    for function in sorted(app.get_functions(), key=lambda each: str(each.get_function_name()).upper()):
        name = str(function.get_function_name())
        trigger = _trigger(name, function.get_raw_bindings())
        match trigger["type"]:
            case "httpTrigger":
                http.append(_http(name, trigger, prefix, _handler(name, function, trigger["name"])))
            case "timerTrigger":
                handler = _handler(name, function, trigger["name"])
                timers[name.lower()] = TimerFunction(name, handler, trigger["name"])
            case other:
                raise FunctionError(f"function {name}: the local host serves HTTP and timer triggers, not {other!r}")
    _refuse_conflicts(http)
    return Functions(tuple(http), timers)


def _trigger(name: str, raw_bindings: Iterable[str]) -> dict[str, Any]:
    for raw in raw_bindings:
        binding: dict[str, Any] = json.loads(raw)
        if str(binding["type"]).lower().endswith("trigger"):
            return binding
    raise FunctionError(f"function {name} has no trigger")


def _handler(name: str, function: Any, parameter: str) -> Callable[..., Any]:
    handler: Callable[..., Any] = function.get_user_function()
    if parameter not in inspect.signature(handler).parameters:
        raise FunctionError(f"function {name}: its trigger is called {parameter!r}, but no parameter of it is")
    return handler


def _http(name: str, trigger: dict[str, Any], prefix: str, handler: Callable[..., Any]) -> HttpFunction:
    route = (str(trigger.get("route") or "") or name).strip("/")
    if route.lower().startswith(_RESERVED):
        raise FunctionError(f"function {name}: the route {route!r} conflicts with the host's own routes")
    try:
        template = parse("/".join(filter(None, (prefix.strip("/"), route))))
    except RouteError as error:
        raise FunctionError(f"function {name}: {error}") from error
    methods = frozenset(str(method).upper() for method in trigger.get("methods") or ())
    level = str(trigger.get("authLevel") or "FUNCTION").upper()
    return HttpFunction(name, template, methods, level, handler, str(trigger["name"]))


def _refuse_conflicts(functions: list[HttpFunction]) -> None:
    """Refuse two functions of one route that share a method: the host would leave the second out."""
    seen: list[HttpFunction] = []
    for function in functions:
        for other in seen:
            same = function.template.text.lower() == other.template.text.lower()
            if same and (not function.methods or not other.methods or function.methods & other.methods):
                raise FunctionError(f"function {function.name}: its route conflicts with that of {other.name}")
        seen.append(function)
