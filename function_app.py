"""The front door: one HTTP-triggered function per SCIM route and method (RFC 7644 section 3.2), and a timer.

The functions are anonymous to the host: the project's own bearer check guards them, because a function key would be
a second secret, which Entra cannot send. The host tries functions in the alphabetical order of their names, and the
first whose route and method match wins: the last, which takes what remains, is named to sort last.
"""

from collections.abc import Awaitable, Callable

import azure.functions as func

from edge import BASE_PATH, authorize, browse, declare, health, maintain, readiness, serve, serve_me, unmatched
from scim import discovery
from scim.schema import resource_types

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
USER, GROUP = resource_types()["User"], resource_types()["Group"]


Function = Callable[[func.HttpRequest, func.Context], Awaitable[func.HttpResponse]]


def route(method: str, path: str) -> Callable[[Function], Function]:
    """Declare a function for one method of one path below the base path."""
    declare(method, path)
    decorator: Callable[[Function], Function] = app.route(route=f"{BASE_PATH}/{path}", methods=[method])
    return decorator


@route("GET", "Users")
async def users_list(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.list(request, USER))


@route("POST", "Users")
async def users_create(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.create(request, USER))


@route("POST", "Users/.search")
async def users_search(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.search(request, USER))


@route("GET", "Users/{id}")
async def users_read(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.read(request, USER))


@route("PUT", "Users/{id}")
async def users_replace(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.replace(request, USER))


@route("PATCH", "Users/{id}")
async def users_patch(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.patch(request, USER))


@route("DELETE", "Users/{id}")
async def users_delete(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.delete(request, USER))


@route("GET", "Groups")
async def groups_list(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.list(request, GROUP))


@route("POST", "Groups")
async def groups_create(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.create(request, GROUP))


@route("POST", "Groups/.search")
async def groups_search(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.search(request, GROUP))


@route("GET", "Groups/{id}")
async def groups_read(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.read(request, GROUP))


@route("PUT", "Groups/{id}")
async def groups_replace(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.replace(request, GROUP))


@route("PATCH", "Groups/{id}")
async def groups_patch(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.patch(request, GROUP))


@route("DELETE", "Groups/{id}")
async def groups_delete(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.delete(request, GROUP))


@route("POST", ".search")
async def root_search(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.search(request, None))


@route("POST", "Bulk")
async def bulk(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda provider, request: provider.bulk(request))


@route("GET", "ServiceProviderConfig")
async def service_provider_config_read(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda _, request: discovery.service_provider_config(request))


@route("GET", "ResourceTypes")
async def resource_types_list(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda _, request: discovery.list_resource_types(request))


@route("GET", "ResourceTypes/{id}")
async def resource_types_read(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda _, request: discovery.read_resource_type(request))


@route("GET", "Schemas")
async def schemas_list(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda _, request: discovery.list_schemas(request))


@route("GET", "Schemas/{id}")
async def schemas_read(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda _, request: discovery.read_schema(request))


@route("GET", "Me")
async def me_read(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve_me(req, context)


@route("PATCH", "Me")
async def me_patch(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve_me(req, context)


@app.route(route="oauth2/token")
async def oauth_token(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await authorize(req, context, lambda oauth, request, caller: oauth.token(request, caller))


@app.route(route=".well-known/oauth-authorization-server", methods=["GET"])
async def oauth_metadata(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await authorize(req, context, lambda oauth, request, _: oauth.metadata(request))


@app.route(route=".well-known/jwks.json", methods=["GET"])
async def oauth_keys(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await authorize(req, context, lambda oauth, _, __: oauth.jwks())


@app.route(route="signin", methods=["GET"])
async def signin_page(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await browse(req, context, lambda signin, request, _: signin.page(request))


@app.route(route="signin/start", methods=["GET"])
async def signin_start(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await browse(req, context, lambda signin, request, _: signin.begin(request))


@app.route(route="signin/callback", methods=["GET"])
async def signin_callback(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await browse(req, context, lambda signin, request, caller: signin.callback(request, caller))


@app.route(route="signout", methods=["GET"])
async def signout_page(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await browse(req, context, lambda signin, request, _: signin.ask_sign_out(request))


@app.route(route="signout", methods=["POST"])
async def signout(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await browse(req, context, lambda signin, request, _: signin.sign_out(request))


@app.route(route="profile", methods=["GET"])
async def profile(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await browse(req, context, lambda signin, request, _: signin.profile(request))


@app.route(route="healthz", methods=["GET"])
async def healthz(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  # the host names the binding
    return await health()


@app.route(route="readyz", methods=["GET"])
async def readyz(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  # the host names the binding
    return await readiness()


@app.timer_trigger(schedule="30 */15 * * * *", arg_name="timer")
async def maintenance(timer: func.TimerRequest) -> None:  # noqa: ARG001  # the host names the binding
    await maintain()


@app.route(route="scim/{*path}")
async def zz_unmatched(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await serve(req, context, lambda _, request: unmatched(request))
