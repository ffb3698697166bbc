"""`make scan`: checkov on infra/ and azure-functions-doctor on the app. Exit status 1 when either finds something.

checkov skips what it cannot parse, and a check of its own that crashes, with exit status 0; both count as findings
here. What is left on purpose is justified: for checkov beside the resource in the Bicep file, for the doctor below.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
CRASHED = "Failed to run check"
# What the doctor reads: the app and where it is deployed to, without tests (which hold the schemas of everything).
READ = ("*.py", "host.json", "requirements.txt", ".funcignore", "azure.yaml", "infra", "scim", "storage", "identity")
JUSTIFIED = {
    "check_programming_model_v2": "it looks at `def` only, and every function here is `async def`",
    "check_app_insights": "infra/modules/function.bicep sets the connection string",
    "check_native_dependency_risk": "the remote build installs cryptography for the machine that runs it",
    "check_extension_bundle": "HTTP and timer triggers need no bundle, and loading one delays every cold start",
    "check_extension_bundle_v4": "as above",
    "check_host_json_log_level_conflict": "the host is quiet on purpose, the service's own lines are wanted",
}


def checkov() -> list[str]:
    """Return checkov's findings on infra/."""
    command = [str(PROGRAMS / "checkov"), "-d", str(ROOT / "infra"), "--framework", "bicep", "--skip-download"]
    done = subprocess.run([*command, "-o", "json"], capture_output=True, text=True, check=False)
    results = json.loads(done.stdout)["results"]
    found = [f"{one['check_id']} {one['file_path']} {one['check_name']}" for one in results["failed_checks"]]
    found += [f"cannot read {name}" for name in results["parsing_errors"]]
    return found + [line for line in done.stderr.splitlines() if CRASHED in line]


def doctor() -> list[str]:
    """Return what azure-functions-doctor finds and nobody has justified, and justifications that are out of date."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder)
        for pattern in READ:
            for path in ROOT.glob(pattern):
                (shutil.copytree if path.is_dir() else shutil.copy)(path, app / path.name)
        command = [str(PROGRAMS / "azure-functions-doctor"), "doctor", "--path", str(app), "--profile", "deploy"]
        options = ["--hosting-plan", "flex-consumption", "--target-python", "3.13", "--format", "json"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    items = [item for section in json.loads(done.stdout)["results"] for item in section["items"]]
    found = {item["rule_id"]: item["value"] for item in items if item["status"] not in {"pass", "skip"}}
    return [f"{rule}: {value}" for rule, value in found.items() if rule not in JUSTIFIED] + [
        f"{rule} is justified, but not found any more" for rule in JUSTIFIED.keys() - found.keys()
    ]


def main() -> int:
    """Run both, print what they found, and return the exit status."""
    found = checkov() + doctor()
    print("\n".join(found) if found else "checkov and azure-functions-doctor find nothing that is not justified.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
