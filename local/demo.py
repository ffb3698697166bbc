"""The tenant of a local run and its secret token, made by the same command line that operators use."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.app import ROOT, environment, reachable
from local.child import StartError

_LABEL = "local run"


def create_tenant(connection_string: str, tenant: str) -> None:
    """Create a tenant. Raises StartError."""
    _identity(connection_string, "tenant", "create", tenant, "--id", tenant)


def has_tenant(connection_string: str, tenant: str) -> bool:
    """Whether there is such a tenant. Raises StartError."""
    return any(each["id"] == tenant for each in _identity(connection_string, "tenant", "list"))


def issue_token(connection_string: str, tenant: str) -> str:
    """Issue a secret token; where two are valid already, the older one is revoked. Raises StartError."""
    arguments = ("--label", _LABEL, "--revoke-oldest", "--yes")
    return str(_identity(connection_string, "token", "rotate", tenant, *arguments)["secret_token"])


def kept_token(file: Path, connection_string: str, tenant: str, tenant_url: str) -> str:
    """Return the token that an earlier run left in `file` if it still works, else a new one, left there.

    The app must be running. Raises StartError.
    """
    token = file.read_text().strip() if file.exists() else ""
    if token and reachable(f"{tenant_url}/Users?count=0", token):
        return token
    if not has_tenant(connection_string, tenant):
        create_tenant(connection_string, tenant)
    token = issue_token(connection_string, tenant)
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
        kept.write(f"{token}\n")
    return token


def _identity(connection_string: str, *arguments: str) -> Any:
    command = [sys.executable, "-m", "identity", *arguments, "--json"]
    done = subprocess.run(
        command, env=environment(connection_string), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StartError(f"`python -m identity {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return json.loads(done.stdout)
