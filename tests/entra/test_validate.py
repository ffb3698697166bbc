"""The validator: it passes the service, it catches every fault by the test that Microsoft has for it, it cleans up."""

import io
import json
import secrets

import pytest
from rich.console import Console

from entra.__main__ import main
from entra.credentials import SecretToken
from entra.dialect import Dialect
from entra.errors import JobError
from entra.mapping import Mappings
from entra.paths import parse_target
from entra.validation.attempt import Candidate, OAuth, RecordingWire
from entra.validation.bodies import creation, together, verbose
from entra.validation.report import Mask, as_json, show
from entra.validation.run import TESTS, chosen, validate
from entra.validation.surface import GROUP, USER, Attribute, default_surface, discovered_surface
from entra.validation.verdict import Verdict, accepted
from entra.validation.words import Words, other_case
from tests.entra.conftest import Tenant
from tests.entra.faults import FAULTS, Faulty, status


async def run(
    tenant: Tenant,
    *words: str,
    fault: Faulty | None = None,
    dialect: str = "legacy",
    oauth: OAuth | None = None,
    token: str = "",
) -> tuple[dict[str, Verdict], Candidate]:
    wire = RecordingWire(tenant.url, SecretToken(token or tenant.token), Dialect.named(dialect), transport=fault)
    candidate = Candidate(
        wire, default_surface(), Words(secrets.randbelow(10**6)), Mappings.load("default"), oauth or OAuth()
    )
    async with wire:
        verdicts = await validate(candidate, chosen(words))
    return {verdict.test.name: verdict for verdict in verdicts}, candidate


async def everything(tenant: Tenant) -> int:
    """Return how many users and groups there are."""
    async with RecordingWire(tenant.url, SecretToken(tenant.token), Dialect.named("legacy")) as wire:
        return sum([(await wire.get(path, count="1")).body["totalResults"] for path in ("/Users", "/Groups")])


def failures(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {name: verdict.reason for name, verdict in verdicts.items() if verdict.outcome == "fail"}


async def test_the_service_passes_every_test_and_is_left_as_it_was(tenant):
    verdicts, candidate = await run(tenant)
    assert failures(verdicts) == {}
    assert {name for name, verdict in verdicts.items() if verdict.outcome == "skip"} == {
        "21 Validate_Credentials_Test",
        "22 Federated_Identity_Test",
    }
    assert {note for verdict in verdicts.values() for note in verdict.notes} == set()
    assert candidate.surface.origin == "discovered"
    assert await everything(tenant) == 0


async def test_the_service_passes_in_the_gallerys_other_dialect(tenant):
    verdicts, _ = await run(tenant, "POD_", "Update_", dialect="logicapp-nonverbose")
    assert len(verdicts) > 8
    assert failures(verdicts) == {}


def test_the_tests_are_microsofts_24_and_7_with_the_two_that_came_later_and_the_gallerys_25():
    counted = {suite: sum(test.suite == suite for test in TESTS) for suite in {test.suite for test in TESTS}}
    assert counted == {
        "Set-up": 2,
        "SCIM Validator: Users": 12 + 2,
        "SCIM Validator: Groups": 12,
        "SCIM Validator: preview": 7,
        "Gallery: through the provisioning service": 14,
        "Gallery: direct SCIM tests": 11,
    }
    numbers = [int(name.split()[0]) for name in (test.name for test in TESTS) if name[0].isdigit()]
    assert numbers == list(range(1, 26))
    assert len({test.name for test in TESTS}) == len(TESTS)


@pytest.mark.parametrize(("fault", "name", "reason"), FAULTS, ids=[f"{name}: {why}" for _, name, why in FAULTS])
async def test_a_fault_is_caught_by_the_test_that_is_made_for_it(tenant, fault, name, reason):
    verdicts, _ = await run(tenant, name, fault=Faulty(**fault))
    verdict = verdicts[name]
    assert verdict.outcome == "fail", verdict
    assert reason in verdict.reason
    assert verdict.exchange is not None
    assert await everything(tenant) == 0


async def test_what_cannot_be_deleted_is_told(tenant):
    verdicts, _ = await run(tenant, "Create a new User", fault=Faulty(status("DELETE", 204, 500)))
    (note,) = verdicts["Create a new User"].notes
    assert note.startswith("could not be deleted: /Users/")


async def test_a_failed_preview_test_does_not_decide(tenant):
    fault = Faulty(status("DELETE", 404, 204))
    verdicts, candidate = await run(tenant, "Delete a non-existent User", fault=fault)
    verdict = verdicts["Delete a non-existent User"]
    assert verdict.outcome == "fail"
    assert as_json(candidate, [verdict], 1, Mask([]))["accepted"] is True


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"21": "pass", "22": "fail"}, True),
        ({"21": "fail", "22": "pass"}, True),
        ({"21": "fail", "22": "fail"}, False),
        ({"21": "fail", "22": "skip"}, False),
        ({"21": "skip", "22": "skip"}, True),
        ({"21": "pass", "17": "fail"}, False),
        ({"24": "fail"}, True),
    ],
)
def test_one_way_to_get_a_token_is_enough(outcomes, expected):
    by_number = {test.name.split()[0]: test for test in TESTS}
    assert accepted([Verdict(by_number[number], outcome) for number, outcome in outcomes.items()]) is expected


async def test_refused_credentials_end_it_at_once(tenant):
    with pytest.raises(JobError, match="401"):
        await run(tenant, token="wrong")


async def test_no_secret_is_in_what_is_shown(tenant, tmp_path):
    file = tmp_path / "assertion.jwt"
    file.write_text("aaa.bbb.ccc")
    endpoint = f"{tenant.url.removesuffix('/scim/v2')}/oauth2/token"
    oauth = OAuth(endpoint, "a-client", "a-secret-of-it", "", file)
    fault = Faulty(status("GET", 200, 500, path="/Users"))
    verdicts, candidate = await run(tenant, "Create a new User", "Credentials", "Federated", fault=fault, oauth=oauth)
    assert all(verdict.outcome == "fail" for verdict in verdicts.values())
    mask, out = Mask([tenant.token, "a-secret-of-it", "aaa.bbb.ccc"]), io.StringIO()
    show(Console(file=out, width=200), candidate, list(verdicts.values()), mask)
    texts = (out.getvalue(), json.dumps(as_json(candidate, list(verdicts.values()), 1, mask)))
    for text in texts:
        assert not [secret for secret in (tenant.token, "a-secret-of-it", "aaa.bbb.ccc") if secret in text]
        assert "Bearer ***" in text
        assert "a-client" in text


def test_an_access_token_in_an_answer_is_masked():
    assert Mask([]).text('{"access_token": "abc", "expires_in": 1}') == '{"access_token": "***", "expires_in": 1}'


def _schema(id: str, *attributes: dict) -> dict:
    return {"id": id, "attributes": list(attributes)}


@pytest.mark.parametrize(
    ("declared", "names"),
    [
        ({"name": "title", "type": "string"}, ["title"]),
        ({"name": "profileUrl", "type": "reference"}, []),
        ({"name": "tags", "type": "string", "multiValued": True}, []),
        (
            {"name": "name", "type": "complex", "subAttributes": [{"name": "givenName", "type": "string"}]},
            ["name.givenName"],
        ),
        (
            {
                "name": "emails",
                "type": "complex",
                "multiValued": True,
                "subAttributes": [
                    {"name": "value", "type": "string"},
                    {"name": "primary", "type": "boolean"},
                    {"name": "type", "type": "string", "canonicalValues": ["work", "home"]},
                ],
            },
            ['emails[type eq "work"].value', 'emails[type eq "home"].value'],
        ),
        (
            {
                "name": "roles",
                "type": "complex",
                "multiValued": True,
                "subAttributes": [{"name": name, "type": "string"} for name in ("value", "display", "type")],
            },
            ['roles[primary eq "True"].value', 'roles[primary eq "True"].display', 'roles[primary eq "True"].type'],
        ),
    ],
)
def test_attributes_are_named_as_entra_names_them(declared, names):
    surface = discovered_surface([_schema(USER, declared)])
    assert [attribute.path.text for attribute in surface.users] == names


def test_an_extension_of_users_and_one_of_groups_are_told_apart_by_their_ids():
    extra = {"name": "tag", "type": "string", "mutability": "readOnly"}
    manager = {"name": "manager", "type": "complex", "subAttributes": []}
    surface = discovered_surface(
        [_schema(USER), _schema(GROUP), _schema("urn:x:2.0:User", extra, manager), _schema("urn:x:2.0:Group", extra)]
    )
    assert [each.path.text for each in surface.users] == ["urn:x:2.0:User:tag", "urn:x:2.0:User:manager"]
    assert [each.path.text for each in surface.groups] == ["urn:x:2.0:Group:tag"]
    assert not surface.users[0].writable
    assert surface.users[1].is_reference


def test_a_service_without_schemas_is_tested_by_entras_default_attributes():
    surface = default_surface()
    assert surface.origin == "default"
    assert len(surface.users) == 38
    assert surface.find('roles[primary eq "true"].VALUE') is not None


def _values(**written) -> dict:
    return {name: (Attribute(parse_target(name)), value) for name, value in written.items()}


def test_a_role_is_created_with_a_primary_that_is_a_string():
    values = _values(userName="a") | _values(**{'roles[primary eq "True"].value': "r"})
    assert creation("User", values) == {
        "userName": "a",
        "roles": [{"primary": "True", "value": "r"}],
        "schemas": [USER],
    }


def test_operations_are_one_per_attribute_or_one_for_all_that_have_no_filter():
    values = _values(title="t") | _values(**{"name.givenName": "g", 'emails[type eq "work"].value': "e"})
    assert [each["path"] for each in verbose("replace", values)] == list(values)
    assert together("replace", values) == [
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "e"},
        {"op": "replace", "value": {"title": "t", "name.givenName": "g"}},
    ]


def test_the_same_seed_makes_the_same_values_and_another_case_is_another():
    assert Words(7).email() == Words(7).email() != Words(8).email()
    assert other_case("aB1") == "Ab1"
    with pytest.raises(ValueError, match="no other case"):
        other_case("123")


def _command(service, *more: str) -> list[str]:
    token = service.new_token(f"t-{secrets.token_hex(6)}")
    return ["validate", "--url", service.tenant_url, "--token", token, *more]


def test_the_command_prints_json_and_ends_with_0_where_all_is_well(service, capsys):
    assert main(_command(service, "--json", "--only", "non-existing", "--seed", "5", "--dialect", "optscim")) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["passed"], result["failed"], result["accepted"]) == (2, 0, True)
    assert (result["seed"], result["dialect"], result["attributes"]) == (5, "optscim", "discovered")
    assert [test["outcome"] for test in result["tests"]] == ["pass", "pass"]


def test_the_command_ends_with_1_where_a_required_test_fails(service, capsys):
    command = _command(service, "--only", "Filter for an existing user", "--user-joining", "nickName.value")
    assert main([*command, "--attributes", "default"]) == 0  # not among the attributes: skipped
    assert "not among the attributes" in " ".join(capsys.readouterr().out.split())
    assert main([*command[:4], "wrong", "--only", "Test Connection"]) == 1
    assert "InvalidCredentials" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [("--only", "no such test"), ("--dialect", "custom", "--switch", "x=y")])
def test_the_command_ends_with_2_where_it_was_misused(service, wrong):
    assert main(_command(service, *wrong)) == 2
