"""Where the tables are: read once from the environment of the process."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict


class SettingsError(ValueError):
    """The environment does not say where the tables are; the message says what to set."""


class Settings(BaseModel):
    """Where the table service is and how to sign in to it.

    Either `connection_string` (local run, tests) or `table_endpoint`, an https URL that is reached with the managed
    identity of the app (`client_id` names a user-assigned one).
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
        return settings
