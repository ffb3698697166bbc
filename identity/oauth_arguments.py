"""The arguments of `python -m identity` for OAuth clients, trusts, Entra tenants, keys, and what expires."""

import argparse

from identity.clients import DEFAULT_MINUTES
from identity.expiring import SOON
from identity.issuers import NON_GALLERY_AUDIENCE
from identity.rules import ACCESS_TOKEN_MINUTES, SECRET_DAYS
from identity.verb import base_url, confirmed, label, of_tenant, printing, verb


def add_client(noun: argparse.ArgumentParser) -> None:
    """Add the verbs of `client`."""
    verbs = noun.add_subparsers(dest="verb", required=True)
    create = of_tenant(verb(verbs, "create", "make an OAuth client and show its first secret, once"))
    label(create)
    _minutes(create)
    _days(create)
    base_url(create)
    of_tenant(verb(verbs, "list", "show the OAuth clients of a tenant, not their secrets"))
    rotate = _of_client(verb(verbs, "rotate", "make a second secret beside the one in use"))
    _days(rotate)
    base_url(rotate)
    rotate.add_argument("--revoke-oldest", action="store_true", help="revoke the older of two valid ones to make room")
    confirmed(rotate)
    secret = _of_client(verb(verbs, "revoke-secret", "end a secret; tokens that it brought live on until they expire"))
    secret.add_argument("secret_id", metavar="SECRET_ID")
    confirmed(secret)
    confirmed(_of_client(verb(verbs, "revoke", "end a client and its tokens within a minute, for ever")))


def add_trust(noun: argparse.ArgumentParser) -> None:
    """Add the verbs of `trust`."""
    verbs = noun.add_subparsers(dest="verb", required=True)
    add = of_tenant(verb(verbs, "add", "trust the tokens of an issuer, as Entra's portal shows it"))
    add.add_argument("--issuer", required=True, help="who issues the tokens: their claim iss")
    add.add_argument("--jwks-url", required=True, metavar="URL", help="where the issuer's public keys are")
    add.add_argument("--subject", required=True, help="whom the tokens are about: their claim sub")
    add.add_argument("--audience", required=True, help="whom the tokens are for: their claim aud, with api:// or bare")
    add.add_argument(
        "--entra-tenant-id", metavar="GUID", help="their claim tid; without it the one that the issuer names, if any"
    )
    label(add)
    _minutes(add)
    base_url(add)
    of_tenant(verb(verbs, "list", "show the trusts of a tenant"))
    confirmed(_of_client(verb(verbs, "remove", "end a trust and its tokens within a minute, for ever")))
    _token(_of_client(verb(verbs, "verify", "tell check by check whether a trust believes a token")))
    _token(verb(verbs, "decode", "show what a token says, without verifying anything"))


def add_entra(noun: argparse.ArgumentParser) -> None:
    """Add the verbs of `entra`."""
    verbs = noun.add_subparsers(dest="verb", required=True)
    add = _of_entra_tenant(verb(verbs, "add", "accept what Entra issues where no Secret Token was entered"))
    add.add_argument(
        "--audience", help=f"the id of the gallery application; without it that of all others, {NON_GALLERY_AUDIENCE}"
    )
    add.add_argument("--issuer", help="for national clouds: the claim iss, instead of https://sts.windows.net/GUID/")
    add.add_argument("--jwks-url", metavar="URL", help="for national clouds: where Entra's public keys are")
    label(add)
    confirmed(add)
    of_tenant(verb(verbs, "list", "show the registered Entra tenants of a tenant"))
    confirmed(_of_entra_tenant(verb(verbs, "remove", "accept no more of Entra's tokens")))


def add_keys(noun: argparse.ArgumentParser) -> None:
    """Add the verbs of `keys`."""
    verbs = noun.add_subparsers(dest="verb", required=True)
    verb(verbs, "list", "show the keys that sign access tokens, not their private halves")
    rotate = verb(verbs, "rotate", "make a new key that takes over shortly, while tokens of the old one stay good")
    rotate.add_argument(
        "--at-once", action="store_true", help="end all other keys, and so all access tokens, within a minute"
    )
    confirmed(rotate)


def add_expiring(noun: argparse.ArgumentParser) -> None:
    """Make `expiring` a command without verbs."""
    noun.set_defaults(verb="list")
    noun.add_argument(
        "--days", type=int, default=SOON.days, metavar="N", help="within how many days from now (%(default)s)"
    )
    printing(noun)


def _of_client(each: argparse.ArgumentParser) -> argparse.ArgumentParser:
    of_tenant(each).add_argument("client_id", metavar="CLIENT_ID")
    return each


def _of_entra_tenant(each: argparse.ArgumentParser) -> argparse.ArgumentParser:
    of_tenant(each).add_argument("entra_tenant_id", metavar="ENTRA_TENANT_ID")
    return each


def _token(each: argparse.ArgumentParser) -> None:
    each.add_argument("token", metavar="TOKEN", nargs="?", default="-", help="the token; without it, standard input")


def _minutes(each: argparse.ArgumentParser) -> None:
    shortest, longest = ACCESS_TOKEN_MINUTES
    each.add_argument(
        "--minutes",
        type=int,
        default=DEFAULT_MINUTES,
        metavar="N",
        help=f"how long its access tokens live (%(default)s; {shortest} to {longest})",
    )


def _days(each: argparse.ArgumentParser) -> None:
    shortest, longest = SECRET_DAYS
    each.add_argument(
        "--days",
        type=int,
        default=shortest,
        metavar="N",
        help=f"how long the secret lives (%(default)s; {shortest} to {longest})",
    )
