"""The whole service for tests and scripts: Azurite in memory, the app in its own process, a tenant and its token.

with Service() as service:
    httpx.get(f"{service.tenant_url}/Users", headers={"Authorization": f"Bearer {service.secret_token}"})
"""

from collections.abc import Mapping
from typing import Self

from local import oauth
from local.app import App, Log
from local.azurite import Azurite
from local.demo import make_tables, new_token

TENANT = "demo"


class Service:
    """The running service. `kill` and `restart` end and start the app alone: the storage keeps what it has."""

    def __init__(self, port: int = 0, *, log: Log = "kept", settings: Mapping[str, str] | None = None) -> None:
        """Take the port of the app (0: a free one), what of its log is written to standard error, and app settings."""
        self.azurite = Azurite()
        self.secret_token = ""
        self._port = port
        self._log: Log = log
        self._settings = oauth.settings() | dict(settings or {})
        self._app: App | None = None

    def start(self) -> Self:
        """Start everything and wait until it answers. Raises StartError, and leaves nothing running then."""
        try:
            self.azurite.start()
            self._app = App(self.connection_string, self._port, log=self._log, settings=self._settings).start()
            make_tables(self.connection_string)
            self.secret_token = new_token(self.connection_string, TENANT)
            self._app.wait()
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def app(self) -> App:
        """The app's process."""
        if self._app is None:
            raise RuntimeError("the service has not been started")
        return self._app

    @property
    def tenant_url(self) -> str:
        """The base URL of SCIM, to which `/Users` is appended."""
        return f"{self.app.url}/scim/v2"

    @property
    def connection_string(self) -> str:
        """The connection string of the storage."""
        return self.azurite.connection_string

    @property
    def storage_url(self) -> str:
        """The endpoint of the table service."""
        return self.azurite.url

    def new_token(self, tenant: str) -> str:
        """Return a new secret token of another tenant, which is created if there is none."""
        return new_token(self.connection_string, tenant)

    def kill(self) -> None:
        """End the app as a crash would, in the middle of what it does."""
        self.app.kill()

    def restart(self) -> None:
        """Start the app again, on the same port and the same storage, and wait until it answers."""
        self.app.stop()
        self.app.start().wait()

    def stop(self) -> None:
        """End everything."""
        if self._app is not None:
            self._app.stop()
        self.azurite.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
