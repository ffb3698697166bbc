"""No input makes the app fail or think for a second: random requests, and random text for each parser.

FUZZ_INPUTS sets their number (`make fuzz`: 200,000 in all), FUZZ_SEED the sequence; both are printed. With neither the
sequence is the same each time.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

import edge
from identity.credentials import SecretTokens
from identity.limits import BUDGET
from identity.tenants import Tenants
from scim import dialect, patch
from scim.cursor import decode
from scim.errors import ScimError
from scim.etag import check_match, not_modified
from scim.filter import parse_filter, parse_path
from scim.jsonbody import read_json
from scim.match import matcher
from scim.plan import lookups, members_wanted
from scim.schema import resource_types
from scim.validate import new_document
from service import Service
from storage.settings import Settings
from storage.tables import Tables
from tests.fuzz import inputs, words
from tests.fuzz.target import LONGEST_SECONDS, App, drive, quiet

INPUTS = int(os.environ.get("FUZZ_INPUTS", "6000"))
SEED = int(os.environ.get("FUZZ_SEED", secrets.randbelow(2**32) if "FUZZ_INPUTS" in os.environ else 7644))
USER, GROUP = resource_types()["User"], resource_types()["Group"]


def _filter(random: Random) -> None:
    written = random.choice((inputs.expression, inputs.text))(random)
    tree = parse_filter(written, (USER, GROUP))
    for type in (USER, GROUP):
        lookups(tree, type)
        members_wanted(tree, type)
        matcher(tree, type)(inputs.resource(random, []))


def _path(random: Random) -> None:
    parse_path(inputs.path(random), random.choice((USER, GROUP)))


def _patch(random: Random) -> None:
    type = random.choice((USER, GROUP))
    operations = dialect.operations(inputs.patch(random, ["a", "b"]), type)
    patch.members_wanted(operations, type)
    before = {"userName": "u", "displayName": "g", "emails": [{"type": "work", "value": "a@b", "primary": True}]}
    patch.apply(operations, before, type)


def _document(random: Random) -> None:
    type = random.choice((USER, GROUP))
    new_document(dialect.resource(inputs.resource(random, []), type), type)


def _json(random: Random) -> None:
    read_json(inputs.body(random, inputs.value(random, [], 4)))


def _cursor(random: Random) -> None:
    decode(inputs.text(random), "query", 10)


def _entity_tags(random: Random) -> None:
    headers = {name: random.choice((inputs.text(random), *words.HEADER_VALUES)) for name in words.HEADERS[:2]}
    not_modified(headers, "1")
    check_match(headers, "1")


@pytest.mark.parametrize("parse", [_filter, _path, _patch, _document, _json, _cursor, _entity_tags])
def test_any_text_is_read_or_refused_at_once(
    parse: Callable[[Random], None], record_property: Callable[[str, object], None]
) -> None:
    random = Random(SEED)
    for number in range(INPUTS // 10):
        began = time.process_time()
        try:
            parse(random)
        except ScimError:
            pass
        except Exception as error:
            raise AssertionError(f"seed {SEED}, input {number}") from error
        assert time.process_time() - began < LONGEST_SECONDS, f"seed {SEED}, input {number}"
    record_property("fuzz", INPUTS // 10)
    record_property("seed", SEED)


async def test_any_request_is_answered_as_scim_and_at_once(
    tables: Tables,
    storage_settings: Settings,
    tenant: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setenv("STORAGE_CONNECTION_STRING", storage_settings.connection_string)
    monkeypatch.setenv(BUDGET, "1e9")
    monkeypatch.setattr(edge, "_service", Service())
    quiet()
    await Tenants(tables, _now).create(tenant, tenant)
    token, _ = await SecretTokens(tables, _now).issue(tenant)
    app = App(tenant, token.render())
    count = INPUTS - 7 * (INPUTS // 10)

    await drive(app, SEED, count)

    await asyncio.gather(edge._service._connect().close())
    record_property("fuzz", count)
    record_property("seed", SEED)
    assert {200, 201, 400, 404} <= app.statuses.keys(), app.statuses
    assert app.statuses.get(401) is None


def _now() -> datetime:
    return datetime.now(UTC)
