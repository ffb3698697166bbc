"""The provisioning log has Graph's shape, and can be searched."""

import json
from datetime import UTC, datetime

import pytest

from entra.log import Entry, Log, Run, Selection, read_log
from entra.rules import RULES, Finding

RUN = Run("tenant", "scim.1", "cycle-1", "IDEO")
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    created = Entry("User", "s1", "ana@contoso.com", action="Create", target="t1", seconds=0.25)
    created.step("Match", "Success", "No object matches userName ana@contoso.com")
    created.modified.append(("active", None, True))
    log.write(created, RUN, AT)
    failed = Entry("Group", "s2", "Team", action="Update")
    failed.fail("Failure", "EntryConflict", "409")
    failed.findings.append(Finding("members-excluded", "3 members returned"))
    log.write(failed, RUN, AT)
    log.close()
    with (tmp_path / "log.jsonl").open("ab") as file:
        file.write(b'{"cut off')
    return tmp_path / "log.jsonl"


def test_an_entry_has_the_fields_of_a_provisioning_object_summary(path):
    entry = next(iter(read_log(path, Selection())))
    assert set(entry) == {
        "id", "activityDateTime", "tenantId", "jobId", "cycleId", "changeId", "provisioningAction",
        "durationInMilliseconds", "servicePrincipal", "sourceSystem", "targetSystem", "initiatedBy", "sourceIdentity",
        "targetIdentity", "provisioningStatusInfo", "provisioningSteps", "modifiedProperties",
    }  # fmt: skip
    assert entry["activityDateTime"] == "2026-01-01T12:00:00Z"
    assert entry["provisioningAction"] == "create"
    assert entry["durationInMilliseconds"] == 250
    assert entry["modifiedProperties"] == [{"displayName": "active", "oldValue": None, "newValue": "true"}]
    assert entry["provisioningStatusInfo"] == {"status": "success", "errorInformation": None}


def test_a_failure_names_entras_code_and_the_sentence_that_explains_the_broken_rule(path):
    error = list(read_log(path, Selection()))[1]["provisioningStatusInfo"]["errorInformation"]
    assert error["errorCode"] == "EntryConflict"
    assert RULES["members-excluded"][1] in error["additionalDetails"]
    assert error["recommendedAction"] == RULES["members-excluded"][1]


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(), ["ana@contoso.com", "Team"]),
        (Selection(user="ANA@contoso.com"), ["ana@contoso.com"]),
        (Selection(user="t1"), ["ana@contoso.com"]),
        (Selection(user="s2"), ["Team"]),
        (Selection(status="failure"), ["Team"]),
        (Selection(action="Create"), ["ana@contoso.com"]),
        (Selection(cycle="cycle"), ["ana@contoso.com", "Team"]),
        (Selection(cycle="other"), []),
    ],
)
def test_entries_are_selected_by_user_status_action_and_cycle(path, selection, names):
    assert [entry["sourceIdentity"]["displayName"] for entry in read_log(path, selection)] == names


def test_redacted_values_do_not_reach_the_log():
    from entra.functions.values import Context  # noqa: PLC0415
    from entra.mapping import AttributeMapping, Value  # noqa: PLC0415

    mapping = AttributeMapping(target="nickName", source="Redact([secret])")
    value = Value(mapping.path, mapping.value({"secret": "hush"}, Context()), mapping)
    assert value.shown == "[Redact]"
    assert json.loads(json.dumps(value.value)) == "hush"
