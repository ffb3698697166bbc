"""The arguments of `python -m identity`."""

import argparse

from identity.issuers import HOSTS
from identity.models import KINDS
from identity.oauth_arguments import add_client, add_entra, add_expiring, add_keys, add_trust
from identity.rules import DEFAULT_DAYS, LONGEST_DAYS
from identity.verb import base_url, confirmed, label, of_tenant, verb

_SETTINGS = f"""\
settings, from the environment or else from the Values of local.settings.json in the project's folder:
  STORAGE_CONNECTION_STRING   the tables of the local run, or
  STORAGE_TABLE_ENDPOINT      the tables of a deployment (AZURE_CLIENT_ID: as which user-assigned identity)
  SCIM_BASE_URL               where the service is, to print the Tenant URL with a credential
  SIGNING_KEY_ENCRYPTION_KEY  what the signing keys are encrypted with, for `keys rotate`
  {HOSTS:<26}  from which hosts beside Microsoft's the keys of issuers may be fetched

exit status: 0 done, 1 refused, 2 wrong arguments or settings, 3 the tables do not answer
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it parses has `noun`, `verb`, `json` and what the verb takes."""
    root = argparse.ArgumentParser(
        prog="python -m identity",
        description="Tenants and their credentials.",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    nouns = root.add_subparsers(dest="noun", required=True, metavar="NOUN")
    for name, help, add in (
        ("tenant", "create, list, show, disable, enable and delete tenants", _tenant),
        ("token", "issue, list, rotate and revoke secret tokens", _token),
        ("client", "create, list, rotate and revoke OAuth clients and their secrets", add_client),
        ("trust", "add, list, remove and explain trusts of workload identity federation", add_trust),
        ("entra", "register Entra tenants whose own tokens are accepted", add_entra),
        ("keys", "list and rotate the keys that sign access tokens", add_keys),
        ("expiring", "show the credentials that expire soon", add_expiring),
    ):
        add(nouns.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".", allow_abbrev=False))
    return root


def _tenant(noun: argparse.ArgumentParser) -> None:
    verbs = noun.add_subparsers(dest="verb", required=True)
    create = verb(verbs, "create", "add a customer")
    create.add_argument("name", metavar="NAME", help="what people call the customer")
    create.add_argument("--id", help="1 to 40 of a-z, 0-9 and -; without it one that looks like the name")
    verb(verbs, "list", "show all tenants")
    of_tenant(verb(verbs, "show", "show a tenant and its credentials"))
    disable = of_tenant(verb(verbs, "disable", "refuse everything that the tenant's credentials ask for"))
    confirmed(disable)
    of_tenant(verb(verbs, "enable", "accept the tenant's credentials again"))
    delete = verb(verbs, "delete", "remove a tenant with everything it holds; waits a minute for its last requests")
    confirmed(of_tenant(delete))
    refuse = of_tenant(verb(verbs, "refuse", "refuse one kind of credential"))
    refuse.add_argument("kind", choices=KINDS)
    confirmed(refuse)
    accept = of_tenant(verb(verbs, "accept", "accept a kind of credential again"))
    accept.add_argument("kind", choices=KINDS)
    change = of_tenant(verb(verbs, "self-service", "set which attributes people may change of themselves by /Me"))
    change.add_argument("attributes", metavar="ATTRIBUTE", nargs="*", help="such as nickName; without any: none")


def _token(noun: argparse.ArgumentParser) -> None:
    verbs = noun.add_subparsers(dest="verb", required=True)
    _issuing(verb(verbs, "issue", "make a token and show it, once"))
    of_tenant(verb(verbs, "list", "show the tokens of a tenant, not their secrets"))
    rotate = _issuing(verb(verbs, "rotate", "make a second token beside the one in use"))
    rotate.add_argument("--revoke-oldest", action="store_true", help="revoke the older of two valid ones to make room")
    confirmed(rotate)
    revoke = of_tenant(verb(verbs, "revoke", "end a token within a minute, for ever"))
    revoke.add_argument("token_id", metavar="TOKEN_ID")
    confirmed(revoke)


def _issuing(each: argparse.ArgumentParser) -> argparse.ArgumentParser:
    of_tenant(each)
    label(each)
    each.add_argument(
        "--days",
        type=int,
        default=DEFAULT_DAYS,
        metavar="N",
        help=f"how long it lives (%(default)s; {LONGEST_DAYS} at most)",
    )
    base_url(each)
    return each
