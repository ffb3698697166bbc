"""The HTTP server under both Python programs: uvicorn, with the fastest loop and parser that it knows."""

from typing import Any

import uvicorn


def run(application: Any, port: int) -> None:
    """Serve an ASGI application on a port of the loopback interface until SIGTERM."""
    uvicorn.run(
        application,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=600,  # connections that rest while another operation is measured stay open
    )
