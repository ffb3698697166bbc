"""Three instruments measure requests, told apart by operation, tenant, class of status and scimType."""

from collections import Counter
from typing import Any

import httpx
import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint

from tests.telemetry.collector import attributes, wait_for
from tests.telemetry.conftest import Told

TENANT = "measured"
MISS = "/Users?filter=userName%20eq%20%22nobody@contoso.example%22"
# Operation, class of status and scimType of each request that the fixture makes, and how often.
MADE = {
    ("users_create", "2xx", None): 1,
    ("users_create", "4xx", "uniqueness"): 2,
    ("users_list", "2xx", None): 3,
    ("users_list", "4xx", "invalidFilter"): 1,
    ("zz_unmatched", "4xx", None): 1,
}


@pytest.fixture(scope="module")
def lines(told: Told) -> list[dict[str, Any]]:
    """The lines of the log about what was asked of a tenant of its own."""
    headers = {"Authorization": f"Bearer {told.service.new_token(TENANT)}"}
    with httpx.Client(base_url=told.service.tenant_url, headers=headers, timeout=60) as client:
        for _ in range(3):
            client.post("/Users", json={"userName": "ana.quetzal@contoso.example"})
            client.get(MISS)
        client.get("/Users?filter=wrong")
        client.get("/Nothing")
    return [line for line in told.lines() if line.get("tenant") == TENANT]


def _metric(told: Told, name: str) -> Metric:
    """Wait until a metric has counted all requests of the tenant, and return it."""

    def find() -> Metric | None:
        metric = told.collector.metrics().get(name)
        return metric if metric and sum(map(_count, _points(metric).values())) == sum(MADE.values()) else None

    return wait_for(find, f"all of {name}")


def _points(metric: Metric) -> dict[tuple[str, str, str | None], Any]:
    points = (metric.sum if metric.WhichOneof("data") == "sum" else metric.histogram).data_points
    said = [(attributes(point), point) for point in points]
    return {
        (each["scim.operation"], each["scim.status_class"], each.get("scim.scim_type")): point
        for each, point in said
        if each.get("scim.tenant") == TENANT
    }


def _count(point: NumberDataPoint | HistogramDataPoint) -> int:
    return point.as_int if isinstance(point, NumberDataPoint) else point.count


@pytest.mark.parametrize(
    ("name", "unit"),
    [("scim.requests", "{request}"), ("scim.request.duration", "s"), ("scim.request.storage_calls", "{call}")],
)
def test_each_instrument_counts_requests_of_a_kind(told: Told, lines: list[Any], name: str, unit: str) -> None:
    assert Counter(_kind(line) for line in lines) == MADE
    metric = _metric(told, name)

    assert metric.unit == unit
    assert {kind: _count(point) for kind, point in _points(metric).items()} == MADE


@pytest.mark.parametrize(
    ("name", "field", "size"),
    [("scim.request.duration", "milliseconds", 0.001), ("scim.request.storage_calls", "storageCalls", 1)],
)
def test_a_histogram_adds_up_what_the_lines_say(
    told: Told, lines: list[Any], name: str, field: str, size: float
) -> None:
    points = _points(_metric(told, name))

    for kind in MADE:
        said = [line[field] * size for line in lines if _kind(line) == kind]
        assert points[kind].sum == pytest.approx(sum(said), abs=0.06 * 0.001 * len(said))


def test_whom_nobody_let_in_is_measured_without_a_tenant(told: Told) -> None:
    told.client.get("/Users", headers={"Authorization": "Bearer nonsense"})

    def find() -> list[dict[str, Any]]:
        metric = told.collector.metrics().get("scim.requests")
        return [each for each in map(attributes, metric.sum.data_points if metric else ()) if "scim.tenant" not in each]

    assert wait_for(find, "the refusal") == [{"scim.operation": "users_list", "scim.status_class": "4xx"}]


def _kind(line: dict[str, Any]) -> tuple[str, str, str | None]:
    return line["operation"], f"{line['status'] // 100}xx", line.get("scimType")
