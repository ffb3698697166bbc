"""What the token endpoint of a local run needs: a key that encrypts its signing keys, and issuers on this machine."""

import os
from base64 import b64encode
from pathlib import Path
from secrets import token_bytes


def settings(file: Path | None = None) -> dict[str, str]:
    """Return the settings; the key is the one that an earlier run left in `file`, else a new one, left there."""
    key = file.read_text().strip() if file is not None and file.exists() else ""
    if not key:
        key = b64encode(token_bytes(32)).decode()
        if file is not None:
            file.parent.mkdir(exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
                kept.write(f"{key}\n")
    return {"SIGNING_KEY_ENCRYPTION_KEY": key, "JWKS_LOOPBACK": "true"}
