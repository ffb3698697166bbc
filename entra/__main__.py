"""`python -m entra`: Microsoft Entra's provisioning service as a local, offline peer of any SCIM service provider."""

import argparse
import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

# Sub-command -> the module that has its HELP, add_arguments(parser) and run(arguments) -> int.
COMMANDS = {
    "generate": "entra.cli.generate",
    "change": "entra.cli.change",
    "test-connection": "entra.cli.test_connection",
    "sync": "entra.cli.sync",
    "provision-on-demand": "entra.cli.provision_on_demand",
    "watch": "entra.cli.watch",
    "logs": "entra.cli.logs",
    "verify": "entra.cli.verify",
    "validate": "entra.cli.validate",
    "issuer": "entra.cli.issuer",
    "demo": "entra.cli.demo",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one sub-command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m entra", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules: dict[str, ModuleType] = {}
    for name, path in COMMANDS.items():
        modules[name] = importlib.import_module(path)
        modules[name].add_arguments(
            commands.add_parser(name, help=modules[name].HELP, description=modules[name].__doc__)
        )
    chosen = parser.parse_args(arguments)
    return int(modules[chosen.command].run(chosen))


if __name__ == "__main__":
    sys.exit(main())
