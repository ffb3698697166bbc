"""What alerts, the workbook and docs/ ask the logs: Microsoft's own parser of KQL understands it, every column is one
of its table's, and every field of a line one that the service logs."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
INFRA = ROOT / "infra"
# Columns with their types, as Azure Monitor's reference has them; of more than the queries read, not all.
TABLES = {
    "AppRequests": "(TimeGenerated: datetime, Id: string, Name: string, OperationId: string, OperationName: string,"
    " ResultCode: string, Success: bool, DurationMs: real, Properties: dynamic)",
    "AppTraces": "(TimeGenerated: datetime, Message: string, SeverityLevel: int, OperationId: string,"
    " OperationName: string, Properties: dynamic)",
    "AppExceptions": "(TimeGenerated: datetime, ExceptionType: string, OuterMessage: string, ProblemId: string,"
    " SeverityLevel: int, OperationId: string, OperationName: string, Properties: dynamic)",
    "AppDependencies": "(TimeGenerated: datetime, Id: string, Name: string, Target: string, DependencyType: string,"
    " ResultCode: string, Success: bool, DurationMs: real, OperationId: string, ParentId: string,"
    " OperationName: string, Properties: dynamic)",
    "StorageTableLogs": "(TimeGenerated: datetime, AccountName: string, OperationName: string, StatusCode: string,"
    " StatusText: string, DurationMs: real, ServerLatencyMs: real, CorrelationId: string)",
}
LOGGING = ("edge.py", "service.py", "identity/*.py", "maintenance/*.py", "storage/check/*.py", "telemetry/*.py")


def workbook() -> list[dict[str, Any]]:
    """Return the items of the workbook that ask something."""
    return [item for item in json.loads((INFRA / "workbook.json").read_text())["items"] if item["type"] == 3]


def queries() -> dict[str, str]:
    """Return every query by the place where it stands."""
    found = {path.name: path.read_text() for path in sorted((INFRA / "queries").glob("*.kql"))}
    for item in workbook():
        found[f"workbook {item['name']}"] = item["content"]["query"].replace("{TimeRange:grain}", "1h")
    for path in sorted((ROOT / "docs").rglob("*.md")):
        blocks = re.findall(r"^```kusto\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)
        found |= {f"{path.name} {number}": block for number, block in enumerate(blocks, 1)}
    return found


QUERIES = queries()


def problems(*asked: str) -> list[list[str]]:
    """Return what the parser finds wrong with each query."""
    done = subprocess.run(
        ["node", Path(__file__).parent / "kql.cjs"],
        input=json.dumps({"tables": TABLES, "queries": asked}),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def test_every_query_is_understood() -> None:
    found = dict(zip(QUERIES, problems(*QUERIES.values()), strict=True))
    assert {place: lines for place, lines in found.items() if lines} == {}
    assert len(QUERIES) > len(workbook()) > 0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("| summarize", "| summarise"),
        ("DurationMs", "Duration"),
        ("AppRequests", "Requests"),
        ("percentile(DurationMs, 95)", "percentile(DurationMs)"),
        ("P95 > 2000", "P99 > 2000"),
        ("count()", "count("),
    ],
)
def test_a_slip_in_a_query_is_seen(right: str, wrong: str) -> None:
    query = (INFRA / "queries" / "latency.kql").read_text()
    assert right in query
    assert problems(query, query.replace(right, wrong))[0] == []
    assert problems(query.replace(right, wrong)) != [[]]


@pytest.mark.parametrize("place", QUERIES)
def test_it_reads_fields_that_the_service_logs(place: str) -> None:
    source = "\n".join(path.read_text() for pattern in LOGGING for path in sorted(ROOT.glob(pattern)))
    read = set(re.findall(r"\bLine\.(\w+)", QUERIES[place]))
    assert {name for name in read if not re.search(rf'"{name}"|^    {name}: ', source, re.MULTILINE)} == set()


def test_the_alerts_use_every_query_file() -> None:
    used = set(re.findall(r"queries/([\w-]+\.kql)", (INFRA / "modules" / "alerts.bicep").read_text()))
    assert used == {path.name for path in (INFRA / "queries").glob("*.kql")}
