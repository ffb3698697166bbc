"""Where the tables are: read once from the environment of the process, or from where a command line keeps it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

LOCAL_SETTINGS = "local.settings.json"
# The first that has a value decides.
TABLES_SETTINGS = ("STORAGE_CONNECTION_STRING", "STORAGE_TABLE_ENDPOINT")


class SettingsError(ValueError):
    """The environment does not say where the tables are; the message says what to set."""


class Settings(BaseModel):
    """Where the table service is and how to sign in to it.

    Either `connection_string` (local run, tests) or `table_endpoint`, an https URL that is reached with the managed
    identity of the app (`client_id` names a user-assigned one), or with the login of an operator.
    """

    model_config = ConfigDict(frozen=True)

    connection_string: str = ""
    table_endpoint: str = ""
    client_id: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read STORAGE_CONNECTION_STRING, or STORAGE_TABLE_ENDPOINT and AZURE_CLIENT_ID. Raises SettingsError."""
        settings = cls(
            connection_string=environment.get("STORAGE_CONNECTION_STRING", ""),
            table_endpoint=environment.get("STORAGE_TABLE_ENDPOINT", ""),
            client_id=environment.get("AZURE_CLIENT_ID", ""),
        )
        if not settings.connection_string and not settings.table_endpoint:
            raise SettingsError("set STORAGE_CONNECTION_STRING or STORAGE_TABLE_ENDPOINT: neither has a value")
        if not settings.connection_string and not settings.table_endpoint.startswith("https://"):
            raise SettingsError("STORAGE_TABLE_ENDPOINT is no https URL: tokens are not sent over anything else")
        return settings


def environment(process: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the process's environment, with what it lacks from the Values of `folder`/local.settings.json.

    Where the tables are comes from one of the two as a whole: an endpoint in the environment is never overruled by a
    connection string left in the file. Raises SettingsError.
    """
    values = _local_values(folder / LOCAL_SETTINGS)
    if any(process.get(name) for name in TABLES_SETTINGS):
        values = {name: value for name, value in values.items() if name not in TABLES_SETTINGS}
    return values | dict(process)


def _local_values(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8")).get("Values", {})
        return {str(name): str(value) for name, value in values.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}") from error
