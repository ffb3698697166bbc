"""scim2-server: its ASGI application on its own storage in memory, set up as its documentation shows.

Usage: python -m bench.servers.scim2 PORT
"""

import sys

from scim2_server.applications.asgi import ASGIApplication
from scim2_server.memory import AsyncInMemoryStorage
from scim2_server.utils import load_default_provider

from bench.servers.asgi import run

if __name__ == "__main__":
    run(ASGIApplication(AsyncInMemoryStorage(), load_default_provider()), int(sys.argv[1]))
