"""What the command line reads beside its arguments: the app's settings, wherever they are kept."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from storage.settings import SettingsError

LOCAL_SETTINGS = "local.settings.json"
BASE_URL = "SCIM_BASE_URL"
_BASE_PATH = "/scim/v2"
# The first that has a value decides, as in storage.settings.
TABLES_SETTINGS = ("STORAGE_CONNECTION_STRING", "STORAGE_TABLE_ENDPOINT")


def environment(process: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the process's environment, with what it lacks from the Values of `folder`/local.settings.json.

    Where the tables are comes from one of the two as a whole: an endpoint in the environment is never overruled by a
    connection string left in the file. Raises SettingsError.
    """
    values = _local_values(folder / LOCAL_SETTINGS)
    if any(process.get(name) for name in TABLES_SETTINGS):
        values = {name: value for name, value in values.items() if name not in TABLES_SETTINGS}
    return values | dict(process)


def tenant_url(base_url: str) -> str | None:
    """Return the Tenant URL to type into Entra: the base URL with /scim/v2, or None when there is no base URL.

    Raises SettingsError when it is not an http or https URL.
    """
    if not base_url:
        return None
    if not _is_base_url(base_url):
        raise SettingsError(f"{base_url!r} is not a base URL: give one such as https://scim.example.com")
    url = base_url.rstrip("/")
    return url if url.endswith(_BASE_PATH) else url + _BASE_PATH


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that are no IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not parts.query and not parts.fragment


def _local_values(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8")).get("Values", {})
        return {str(name): str(value) for name, value in values.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}") from error
