"""After `azd deploy`: try the service out as a customer would, with a tenant that can do nothing afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tools.smoke import SmokeError, smoke  # noqa: E402 - the project is not installed; it is the folder above

TENANT = "smoke-test"
_WAIT_SECONDS = 300.0  # new code, new roles and, without always-ready instances, a cold start


class TryOutError(Exception):
    """The throw-away tenant could not be made; the message is that of the command line."""


def identity(environment: Mapping[str, str], *arguments: str) -> dict[str, str]:
    """Run `python -m identity` on the deployed tables and return its answer. Raises TryOutError."""
    command = [sys.executable, "-m", "identity", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise TryOutError(done.stderr.strip())
    return json.loads(done.stdout)


def try_out(environment: Mapping[str, str], *, wait: float = _WAIT_SECONDS) -> None:
    """Make a tenant and a token, run the smoke test, and take the token and the tenant's access away again."""
    try:
        identity(environment, "tenant", "create", "Smoke test", "--id", TENANT)
    except TryOutError:
        identity(environment, "tenant", "enable", TENANT)  # it is left over from the last deployment
    try:
        token = identity(environment, "token", "issue", TENANT, "--days", "1", "--label", "deployment")
        try:
            smoke(environment["TENANT_URL"], token["secret_token"], wait=wait)
        finally:
            identity(environment, "token", "revoke", TENANT, token["token_id"], "--yes")
    finally:
        identity(environment, "tenant", "disable", TENANT, "--yes")


def main(environment: Mapping[str, str]) -> int:
    """Try the service out, say where it is and what comes next, and return the exit status."""
    try:
        try_out(environment)
    except (SmokeError, TryOutError) as error:
        print(f"The service is deployed, but does not work: {error}", file=sys.stderr)
        return 1
    print(f"""
The service works. Tenant URL:  {environment["TENANT_URL"]}

Next, for the first customer:

    python -m identity tenant create "Contoso"
    python -m identity token issue contoso

and enter Tenant URL and Secret Token in Entra, as README.md describes.""")
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
