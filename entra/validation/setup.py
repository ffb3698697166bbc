"""What comes before the tests: the connection is tried, the schemas are read."""

from typing import Any

from entra.errors import JobError, ObjectError
from entra.exchange import OK
from entra.job import Job
from entra.matching import test_connection
from entra.source import Directory
from entra.state import State
from entra.validation.attempt import Attempt, Candidate
from entra.validation.comparison import check_list
from entra.validation.surface import GROUP, USER, discovered_surface
from entra.validation.verdict import Failed, Test

# Sub-attributes that the validator refuses as unknown to the protocol, though RFC 7643 has them.
_REFUSED = {"emails": {"display", "primary"}}


async def try_connection(attempt: Attempt) -> None:
    """Ask for a user and a group that cannot exist."""
    candidate = attempt.candidate
    job = Job(Directory(tenant_id="", domain=""), candidate.mappings, candidate.wire, State())
    try:
        await test_connection(job)
    except (JobError, ObjectError) as problem:
        raise Failed("an empty ListResponse with status 200", f"{problem.code}: {problem}", problem.exchange) from None
    attempt.notes += map(str, job.tally.examples.values())


async def discover(candidate: Candidate) -> None:
    """Read the schemas, and take the attributes from them if they declare users. Raise JobError, ObjectError."""
    exchange = candidate.schemas = await candidate.wire.get("/Schemas")
    schemas = [each for each in exchange.resources if isinstance(each, dict)]
    if exchange.status == OK and any(schema.get("id") == USER for schema in schemas):
        candidate.published = discovered_surface(schemas)
        if candidate.discovers:
            candidate.surface = candidate.published


async def discover_schema(attempt: Attempt) -> None:
    """Check that Entra's schema discovery can use the schemas."""
    exchange = await attempt.ask("GET", "/Schemas")
    check_list(exchange)
    ids = [each.get("id") for each in exchange.resources if isinstance(each, dict)]
    if missing := [id for id in (USER, GROUP) if id not in ids]:
        raise Failed(f"the schema {' and '.join(missing)}", ", ".join(map(str, ids)), exchange)
    faults = [fault for schema in exchange.resources for fault in _faults(schema)]
    if faults:
        raise Failed("schemas that schema discovery accepts", "; ".join(faults), exchange)


def _faults(schema: dict[str, Any]) -> list[str]:
    found = [f"null in {schema.get('id')}"] if _has_null(schema) else []
    for declared in schema.get("attributes") or ():
        name, subs = declared.get("name"), [sub.get("name") for sub in declared.get("subAttributes") or ()]
        if name == "password":
            found.append("password, which Entra does not provision")
        if name == "name" and declared.get("type") != "complex":
            found.append(f"name of type {declared.get('type')}")
        found += [f"{name}.{sub}, which the validator refuses" for sub in subs if sub in _REFUSED.get(name, ())]
    return found


def _has_null(value: Any) -> bool:
    match value:
        case dict():
            return any(map(_has_null, value.values()))
        case list():
            return any(map(_has_null, value))
        case _:
            return value is None


_SUITE = "Set-up"

TESTS = (
    Test(_SUITE, "Test Connection", try_connection),
    Test(_SUITE, "Discover schema", discover_schema),
)
