"""A function app that the Functions host refuses, because of its route."""

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="administrators/{id}")
async def administrators(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.method)
