"""`python -m storage.check`: report every broken invariant of a tenant's directory, or of all tenants'.

Exit status 0: whole, 1: broken, 2: could not look.
"""

import argparse
import asyncio
import json
import os
import sys
from dataclasses import asdict

from scim.errors import Unavailable
from storage.check import Finding, check, tenants
from storage.settings import Settings, SettingsError
from storage.tables import Tables


async def _run(settings: Settings, tenant: str | None) -> dict[str, list[Finding]]:
    opened = Tables(settings)
    try:
        names = [tenant] if tenant else await tenants(opened)
        return {name: await check(opened, name) for name in names}
    finally:
        await opened.close()


def _table(found: dict[str, list[Finding]]) -> str:
    lines = [
        f"{tenant}: {'whole' if not findings else f'{len(findings)} broken'}" for tenant, findings in found.items()
    ]
    for findings in found.values():
        width = max((len(finding.problem) for finding in findings), default=0)
        lines += [f"  {finding.problem:<{width}}  {finding.key}  {finding.detail}".rstrip() for finding in findings]
    return "\n".join(lines) or "no tenant has a row"


def main(arguments: list[str] | None = None) -> int:
    """Check one tenant or all, print a table or JSON, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m storage.check", description=__doc__)
    parser.add_argument("--tenant", help="check this tenant alone")
    parser.add_argument("--json", action="store_true", help="print JSON: tenant -> findings")
    options = parser.parse_args(arguments)
    try:
        found = asyncio.run(_run(Settings.from_environment(os.environ), options.tenant))
    except (SettingsError, Unavailable) as error:
        print(f"could not look: {error}", file=sys.stderr)
        return 2
    plain = {tenant: [asdict(finding) for finding in findings] for tenant, findings in found.items()}
    print(json.dumps(plain, indent=2) if options.json else _table(found))
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
