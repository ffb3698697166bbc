"""The arguments of `python -m identity`."""

import argparse

from identity.rules import DEFAULT_DAYS, LONGEST_DAYS
from identity.settings import BASE_URL

_SETTINGS = """\
settings, from the environment or else from the Values of local.settings.json in the project's folder:
  STORAGE_CONNECTION_STRING   the tables of the local run, or
  STORAGE_TABLE_ENDPOINT      the tables of a deployment (AZURE_CLIENT_ID: as which user-assigned identity)
  SCIM_BASE_URL               where the service is, to print the Tenant URL with a token

exit status: 0 done, 1 refused, 2 wrong arguments or settings, 3 the tables do not answer
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it parses has `noun`, `verb`, `json` and what the verb takes."""
    root = argparse.ArgumentParser(
        prog="python -m identity",
        description="Tenants and their secret tokens.",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    nouns = root.add_subparsers(dest="noun", required=True, metavar="{tenant,token}")
    _tenant(nouns.add_parser("tenant", help="create, list, show, disable and enable tenants", allow_abbrev=False))
    _token(nouns.add_parser("token", help="issue, list, rotate and revoke secret tokens", allow_abbrev=False))
    return root


def _tenant(noun: argparse.ArgumentParser) -> None:
    verbs = noun.add_subparsers(dest="verb", required=True)
    create = _verb(verbs, "create", "add a customer")
    create.add_argument("name", metavar="NAME", help="what people call the customer")
    create.add_argument("--id", help="1 to 40 of a-z, 0-9 and -; without it one that looks like the name")
    _verb(verbs, "list", "show all tenants")
    _of_tenant(_verb(verbs, "show", "show a tenant and its tokens"))
    disable = _of_tenant(_verb(verbs, "disable", "refuse everything that the tenant's credentials ask for"))
    _confirmed(disable)
    _of_tenant(_verb(verbs, "enable", "accept the tenant's credentials again"))


def _token(noun: argparse.ArgumentParser) -> None:
    verbs = noun.add_subparsers(dest="verb", required=True)
    _issuing(_verb(verbs, "issue", "make a token and show it, once"))
    _of_tenant(_verb(verbs, "list", "show the tokens of a tenant, not their secrets"))
    rotate = _issuing(_verb(verbs, "rotate", "make a second token beside the one in use"))
    rotate.add_argument("--revoke-oldest", action="store_true", help="revoke the older of two valid ones to make room")
    _confirmed(rotate)
    revoke = _of_tenant(_verb(verbs, "revoke", "end a token within a minute, for ever"))
    revoke.add_argument("token_id", metavar="TOKEN_ID")
    _confirmed(revoke)


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help: str
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".", allow_abbrev=False)
    verb.add_argument("--json", action="store_true", help="print JSON for scripts")
    return verb


def _of_tenant(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    verb.add_argument("tenant", metavar="TENANT", help="the id of the tenant")
    return verb


def _issuing(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    _of_tenant(verb)
    verb.add_argument("--label", help="to tell it from others, such as where it is used")
    verb.add_argument(
        "--days",
        type=int,
        default=DEFAULT_DAYS,
        metavar="N",
        help=f"how long it lives (%(default)s; {LONGEST_DAYS} at most)",
    )
    verb.add_argument("--base-url", metavar="URL", help=f"where the service is, instead of {BASE_URL}")
    return verb


def _confirmed(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--yes", action="store_true", help="do not ask")
