"""The public conformance tests of the scim2-tester package, through its command line, against the running service."""

import os
import re
import subprocess
import sys
from pathlib import Path

_COMMAND = Path(sys.executable).parent / "scim2"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_scim2_tester_finds_nothing_to_complain_about(client):
    done = subprocess.run(
        [_COMMAND, "--url", client.tenant_url, "test", "--verbose"],
        env={**os.environ, "SCIM_CLI_HEADERS": f"Authorization: Bearer {client.secret_token}"},
        capture_output=True,
        text=True,
        check=False,
    )
    results = [line for line in _COLOUR.sub("", done.stdout).splitlines() if re.match(r"[A-Z]+ ", line)]
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(results) > 50
    assert {line.split()[0] for line in results} == {"SUCCESS"}
