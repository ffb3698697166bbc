"""Every Bicep file parses, and says nothing that Azure's resource types do not know; the checker sees what is wrong."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.infra.bicep_check import check, check_tree
from tests.infra.bicep_syntax import BicepSyntaxError, literal, named, parse, parse_text, properties
from tests.infra.bicep_types import BOOL, INT, SCHEMAS, Plain
from tests.infra.bicep_values import declared_type

ROOT = Path(__file__).parent.parent.parent
INFRA = ROOT / "infra"
MAIN = INFRA / "main.bicep"
FILES = sorted(INFRA.rglob("*.bicep"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_has_no_problem(path: Path) -> None:
    assert check(parse(path)) == []


def test_every_module_is_used_and_every_file_is_a_module() -> None:
    assert {MAIN.parent / found.type for found in parse(MAIN).of_kind("module")} == set(FILES) - {MAIN}


def test_the_snapshot_holds_what_is_declared_and_nothing_else() -> None:
    known = {json.loads(path.read_text())["name"].partition("@")[0] for path in SCHEMAS.glob("*.json")}
    declared = set()
    for path in FILES:
        for found in parse(path).of_kind("resource"):
            name, outer = found.type.partition("@")[0], found.parent
            while outer is not None:
                name, outer = f"{outer.type.partition('@')[0]}/{name}", outer.parent
            declared.add(name)
    assert declared == known


# One row for each kind of mistake: file, what stands there, what is written instead, what the checker must say.
MISTAKES = {
    "unknown property": ("storage", "allowSharedKeyAccess: false", "allowSharedKeys: false", "no property allowShared"),
    "misspelt nested property": ("function", "instanceMemoryMB: inst", "instanceMemoryMb: inst", "no property inst"),
    "unknown setting of a known name": ("function", "name: 'appsettings'", "name: 'appsetting'", "name must be one of"),
    "string for a bool": ("storage", "allowBlobPublicAccess: false", "allowBlobPublicAccess: 'false'", "where bool"),
    "int for a string": ("function", "minTlsVersion: '1.2'", "minTlsVersion: 12", "where 1.0"),
    "bool for an int": ("network", "@batchSize(1)", "@batchSize(1)\n@other(nowhere)", "nowhere is not declared"),
    "wrong type of a parameter": ("function", "param alwaysReadyCount int", "param alwaysReadyCount bool", "is bool"),
    "object for an array": ("network", "addressPrefixes: ['10.20.0.0/24']", "addressPrefixes: {}", "where string[]"),
    "wrong type in an array": ("network", "groupIds: [endpoint.group]", "groupIds: [7]", "is int where string"),
    "wrong type in a variable": ("alerts", "severity: 1", "severity: 'one'", "rule.severity is"),
    "unknown enum value": ("storage", "'Standard_GZRS'", "'Standard_GZR'", "Standard_GZR"),
    "unknown enum value, one of one": ("keys", "family: 'A'", "family: 'B'", "'B' is B where"),
    "number out of range": ("storage", "enabled: true, days: 7", "enabled: true, days: 700", "700 is outside 1 to 365"),
    "read-only property": ("identity", "tags: tags\n", "tags: tags\n  id: 'x'\n", "id is read only"),
    "required property missing": ("storage", "  kind: 'StorageV2'\n", "", "the property kind is missing"),
    "unknown variant": ("alerts", "Azure.Monitor.SingleResource", "Azure.Monitor.Single", "odata.type must be one of"),
    "unknown resource type": ("identity", "userAssignedIdentities@", "userAssignedIdentity@", "is not in the snapshot"),
    "unknown API version": ("identity", "@2024-11-30", "@2030-01-01", "is known in version 2024-11-30"),
    "unknown symbol": ("identity", "= identity.id", "= identiti.id", "identiti is not declared"),
    "unknown property read": ("identity", "properties.clientId", "properties.clientID", "has no clientID"),
    "unknown nested resource": ("storage", "dataAccount::tableService\n", "dataAccount::tables\n", "tables is not"),
    "unknown function": ("keys", "guid(vault", "guidd(vault", "does not know the function guidd"),
    "missing file": ("alerts", "workbook.json", "workbok.json", "there is no file workbok.json"),
    "child without parent": ("network", "  parent: zones[i]\n", "", "links has no parent"),
    "name from a deployed property": ("identity", "name: name", "name: identity.properties.clientId", "not known"),
    "unused parameter": ("identity", "param tags object", "param tags object\nparam spare string", "never used"),
    "property twice": ("identity", "tags: tags\n", "tags: tags\n  tags: tags\n", "tags stands twice"),
    "output of the wrong type": ("identity", "output id string", "output id bool", "where bool is wanted"),
    "module that is not there": ("main", "modules/keys.bicep", "modules/key.bicep", "there is no module"),
    "parameter the module lacks": ("main", "    email: alertEmail", "    mail: alertEmail", "has no parameter mail"),
    "parameter the module needs": ("main", "    email: alertEmail\n", "", "needs the parameter email"),
    "module parameter of the wrong type": ("main", "retentionDays: logR", "retentionDays: '' // ", "int is wanted"),
    "value the module does not allow": ("main", "? 'Disabled' : 'Enabled'", "? 'Off' : 'Enabled'", "is wanted"),
    "output the module lacks": ("main", "identity.outputs.clientId", "identity.outputs.clientID", "has no clientID"),
    "wrong scope": ("main", "targetScope = 'subscription'", "targetScope = 'tenant'", "cannot be deployed to a Tenant"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_broken_copy_is_seen(name: str, old: str, new: str, expected: str) -> None:
    path = MAIN if name == "main" else INFRA / "modules" / f"{name}.bicep"
    source = path.read_text()
    assert old in source
    problems = check(parse_text(source.replace(old, new, 1), path))
    assert any(expected in problem for problem in problems), problems


def test_what_the_grammar_does_not_know_is_seen() -> None:
    with pytest.raises(BicepSyntaxError, match=r"identity.bicep:\d+"):
        parse_text("param name string =\n resource x {", INFRA / "modules" / "identity.bicep")


def test_a_mistake_in_a_module_on_disk_is_seen(tmp_path: Path) -> None:
    copy = shutil.copytree(INFRA, tmp_path / "infra")
    module = copy / "modules" / "keys.bicep"
    module.write_text(module.read_text().replace("output encryptionKeyUri string", "output encryptionKeyURI string"))
    assert any("keys.outputs has no encryptionKeyUri" in problem for problem in check_tree(copy))


# What azd puts into the parameters


def _azd_parameters() -> dict[str, str]:
    held = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
    return {name: entry["value"] for name, entry in held.items()}


def test_azd_gives_every_parameter_and_no_other() -> None:
    assert _azd_parameters().keys() == {found.name for found in parse(MAIN).of_kind("parameter")}


@pytest.mark.parametrize(("name", "value"), _azd_parameters().items(), ids=_azd_parameters().keys())
def test_the_default_of_a_variable_fits_its_parameter(name: str, value: str) -> None:
    variable = re.fullmatch(r"\$\{([A-Z_]+)(?:=(.*))?\}", value)
    assert variable, value
    parameter = parse(MAIN).symbols[name]
    default = variable[2]
    if default is None:
        assert variable[1] in {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID"}, "azd itself sets only these"
        return
    match declared_type(parameter):
        case found if found == BOOL:
            assert default in {"true", "false"}
        case found if found == INT:
            assert int(default) >= 0
        case Plain("string", allowed):
            assert not allowed or default in allowed
    assert parameter.value is not None
    written = parameter.value.text or b""
    assert default == written.decode().strip("'"), "the file and azd must not have different defaults"


def test_azd_finds_group_and_site_by_their_tags() -> None:
    source = MAIN.read_text()
    assert "'azd-env-name': environmentName" in source
    assert "'azd-service-name': 'scim'" in source


# What the architecture promises


def test_no_key_or_connection_secret_is_read_anywhere() -> None:
    for path in FILES:
        assert not re.search(r"\blist(Keys|AccountSas|ServiceSas|Secrets)?\(|AccountKey|@secure", path.read_text()), (
            path
        )


def test_both_accounts_refuse_keys_and_anonymous_readers() -> None:
    for symbol in ("hostAccount", "dataAccount"):
        account = dict(_plain(parse(INFRA / "modules" / "storage.bicep").symbols[symbol].body))
        settings = dict(_plain(account["properties"]))
        assert settings["allowSharedKeyAccess"].text == b"false"
        assert settings["allowBlobPublicAccess"].text == b"false"
        assert literal(settings["minimumTlsVersion"]) == "TLS1_2"


def test_no_setting_that_flex_consumption_ignores_or_forbids_is_set() -> None:
    settings = dict(_plain(parse(INFRA / "modules" / "function.bicep").symbols["site::settings"].body))["properties"]
    names = {name for name, _ in _plain(settings)}
    assert {"STORAGE_TABLE_ENDPOINT", "AZURE_CLIENT_ID", "AzureWebJobsStorage__accountName"} <= names
    forbidden = (
        "FUNCTIONS_WORKER",
        "FUNCTIONS_EXTENSION",
        "WEBSITE_",
        "ENABLE_ORYX",
        "SCM_DO_BUILD",
        "AzureWebJobsStorage=",
    )
    assert not [name for name in names if name.startswith(forbidden) or name == "AzureWebJobsStorage"]


def test_every_role_assignment_names_the_kind_of_its_principal() -> None:
    for path in FILES:
        for found in parse(path).of_kind("resource"):
            if found.type.startswith("Microsoft.Authorization/roleAssignments"):
                assert "principalType" in dict(_plain(dict(_plain(found.body))["properties"])), found.name


def _plain(node):
    return [(literal(key) if key.type == "string" else key.text.decode(), value) for key, value in properties(node)]


def test_the_linter_stops_at_what_would_leak_or_rot() -> None:
    rules = json.loads((ROOT / "bicepconfig.json").read_text())["analyzers"]["core"]["rules"]
    for rule in (
        "outputs-should-not-contain-secrets",
        "secure-secrets-in-params",
        "no-unused-params",
        "no-unused-vars",
    ):
        assert rules[rule]["level"] == "error"


def test_named_nodes_leave_out_comments() -> None:
    file = parse_text("var a = [\n  // why\n  1\n]", MAIN)
    assert [node.type for node in named(file.symbols["a"].value)] == ["number"]
