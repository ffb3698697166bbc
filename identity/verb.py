"""What the arguments of several verbs of `python -m identity` have in common."""

import argparse

from identity.settings import BASE_URL


def verb(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help: str) -> argparse.ArgumentParser:
    """Add a verb, which can print JSON."""
    added = verbs.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".", allow_abbrev=False)
    return printing(added)


def printing(each: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add --json."""
    each.add_argument("--json", action="store_true", help="print JSON for scripts")
    return each


def of_tenant(each: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the id of the tenant."""
    each.add_argument("tenant", metavar="TENANT", help="the id of the tenant")
    return each


def label(each: argparse.ArgumentParser) -> None:
    """Add --label."""
    each.add_argument("--label", help="to tell it from others, such as where it is used")


def base_url(each: argparse.ArgumentParser) -> None:
    """Add --base-url."""
    each.add_argument("--base-url", metavar="URL", help=f"where the service is, instead of {BASE_URL}")


def confirmed(each: argparse.ArgumentParser) -> None:
    """Add --yes."""
    each.add_argument("--yes", action="store_true", help="do not ask")
