"""The forms of every secret of the service: the logs of the whole test run are searched for them."""

import logging
import re

import httpx

from identity import client_secrets, tokens
from local.service import Service

JWT = r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+"
SECRETS = [re.compile(each) for each in (tokens.SCANNER_PATTERN, client_secrets.SCANNER_PATTERN, JWT)]


def forms_in(text: str) -> list[str]:
    """Return which forms of secrets stand in a text, without the secrets."""
    return [form.pattern for form in SECRETS if form.search(text)]


def check_log(service: Service) -> None:
    """Check that a service has logged its requests, one more by which it can be seen that it logs, and no secret."""
    headers = {"Authorization": f"Bearer {service.secret_token}"}
    httpx.get(f"{service.tenant_url}/ServiceProviderConfig", headers=headers, timeout=120).raise_for_status()
    assert service.app.child is not None
    log = service.app.child.output()
    assert '"operation"' in log
    assert forms_in(log) == []


class Watch(logging.Handler):
    """Reads every line that is logged in this process, and keeps who logged a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, int, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.found |= {(record.pathname, record.lineno, form) for form in forms_in(record.getMessage())}
