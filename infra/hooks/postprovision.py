"""After `azd provision`: point this machine's settings at the deployment, and make the encryption key once."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from encryption_key import KeyNotMade, Login, ensure_key, refresh_reference

ROOT = Path(__file__).resolve().parent.parent.parent
_PROCESS_SECONDS = 30  # of `azd` or `az`, which start slowly


def write_local_settings(path: Path, environment: Mapping[str, str]) -> None:
    """Let `func start` and `python -m identity` work on the deployed tables, with the login of whoever runs them.

    Other values of the file are kept, but a connection string, which would be used instead.
    """
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    # Timers want a blob store, which nobody has who only tries requests out.
    defaults = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": "",
        "AzureWebJobs.maintenance.Disabled": "true",
    }
    values = defaults | held.get("Values", {})
    values.pop("STORAGE_CONNECTION_STRING", None)
    values["STORAGE_TABLE_ENDPOINT"] = environment["STORAGE_TABLE_ENDPOINT"]
    values["SCIM_BASE_URL"] = environment["TENANT_URL"]
    path.write_text(json.dumps({"IsEncrypted": False} | held | {"Values": values}, indent=2) + "\n", encoding="utf-8")


def operator_login() -> Login:
    """Return the login of `azd auth login`, or else that of `az login`."""
    from azure.identity import AzureCliCredential, AzureDeveloperCliCredential, ChainedTokenCredential  # noqa: PLC0415

    azd = AzureDeveloperCliCredential(process_timeout=_PROCESS_SECONDS)
    login: Login = ChainedTokenCredential(azd, AzureCliCredential(process_timeout=_PROCESS_SECONDS))
    return login


def main(environment: Mapping[str, str]) -> int:
    """Do both, and return the exit status."""
    write_local_settings(ROOT / "local.settings.json", environment)
    print("local.settings.json now names the deployed tables.")
    login = operator_login()
    try:
        if ensure_key(environment["ENCRYPTION_KEY_URI"], login):
            refresh_reference(environment, login)
            print("The key that encrypts the signing keys was made.")
    except KeyNotMade as error:
        # Secret Tokens work without it; only OAuth needs it, and says so itself.
        print(f"OAuth is not ready: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
