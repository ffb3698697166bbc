"""What the command line reads beside its arguments: where the service is."""

from urllib.parse import urlsplit

from storage.settings import SettingsError

BASE_URL = "SCIM_BASE_URL"
_BASE_PATH = "/scim/v2"


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
