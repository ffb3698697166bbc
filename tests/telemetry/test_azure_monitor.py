"""Where Application Insights is the destination, it is told as the app's managed identity, and of no request twice."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.service import Service
from tests.secret_forms import check_log, forms_in
from tests.telemetry.application_insights import HEADER, TOKEN, ApplicationInsights
from tests.telemetry.collector import PATIENCE, wait_for
from tests.telemetry.conftest import QUICK

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
TRACE, HOST = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
USER = {"userName": "ana.quetzal@contoso.example"}


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApplicationInsights]:
    """What came of a user created twice, as a child of the host's own request, and one measurement."""
    with ApplicationInsights(tmp_path_factory.mktemp("insights")) as insights:
        settings = QUICK | {"WEBSITE_SITE_NAME": "func-x"} | insights.settings(CLIENT_ID)
        with Service(settings=settings) as service:
            headers = {"Authorization": f"Bearer {service.secret_token}", "traceparent": f"00-{TRACE}-{HOST}-00"}
            for _ in range(2):
                _create(service, headers)
            wait_for(lambda: len(_spans(insights, "users_create")) == 2, "both spans")
            wait_for(lambda: insights.of_kind("MetricData"), "a measurement")
            check_log(service)
            assert '"event": "telemetry"' not in _log(service)
        yield insights


def _spans(insights: ApplicationInsights, name: str) -> list[dict[str, Any]]:
    spans = insights.of_kind("RemoteDependencyData")
    return [item for item in spans if item["data"]["baseData"]["name"] == name]


def test_it_is_told_as_the_managed_identity_and_never_without_a_token(insights: ApplicationInsights) -> None:
    assert insights.refused == []
    assert {header for header, _ in insights.asked} == {HEADER}
    for _, query in insights.asked:
        assert query["client_id"] == [CLIENT_ID]
        assert query["resource"][0].rstrip("/") == "https://monitor.azure.com"


def test_a_request_is_a_step_of_the_hosts_own_request_and_not_a_second_one(insights: ApplicationInsights) -> None:
    assert insights.of_kind("RequestData") == []
    for item in _spans(insights, "users_create"):
        assert item["data"]["baseData"]["type"] == "InProc"
        assert item["tags"]["ai.operation.id"] == TRACE
        assert item["tags"]["ai.operation.parentId"] == HOST
        assert item["tags"]["ai.cloud.role"] == "func-x"


def test_what_the_line_says_can_be_asked_for(insights: ApplicationInsights) -> None:
    first, second = [item["data"]["baseData"]["properties"] for item in _spans(insights, "users_create")]

    for said in (first, second):
        assert {"scim.credential", "faas.invocation_id"} <= said.keys()
        assert (said["scim.operation"], said["scim.tenant"]) == ("users_create", "demo")
    assert sorted([first["scim.status"], second["scim.status"]]) == ["201", "409"]
    assert {first.get("scim.scim_type"), second.get("scim.scim_type")} == {None, "uniqueness"}


def test_storage_calls_are_steps_of_the_request(insights: ApplicationInsights) -> None:
    requests = {item["data"]["baseData"]["id"] for item in _spans(insights, "users_create")}
    calls = _spans(insights, "commit directory")

    assert len(calls) == 2
    assert {call["tags"]["ai.operation.parentId"] for call in calls} == requests
    assert {call["data"]["baseData"]["type"] for call in calls} == {"azure.tables"}
    assert all(call["data"]["baseData"]["success"] for call in calls)


def test_measurements_keep_what_they_are_told_apart_by(insights: ApplicationInsights) -> None:
    measured = [item["data"]["baseData"] for item in insights.of_kind("MetricData")]
    ours = {"scim.requests", "scim.request.duration", "scim.request.storage_calls"}
    # The search of the log asks for something as well, which may be measured in time or not.
    of_creating = [each for each in measured if each["properties"]["scim.operation"] == "users_create"]

    assert {each["metrics"][0]["name"] for each in of_creating} == ours
    assert {each["properties"]["scim.tenant"] for each in measured} == {"demo"}


def test_no_name_and_no_secret_is_sent(insights: ApplicationInsights) -> None:
    sent = json.dumps(insights.items)

    assert forms_in(sent) == []
    assert [each for each in ("quetzal", "contoso.example", TOKEN, HEADER) if each in sent] == []


def test_a_silent_one_is_given_up_and_changes_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        nowhere = f"InstrumentationKey={'0' * 8}-0000-0000-0000-{'0' * 12};IngestionEndpoint=http://127.0.0.1:{{}}/"
        connection = nowhere.format(listener.getsockname()[1])
        with Service(settings=QUICK | {"APPLICATIONINSIGHTS_CONNECTION_STRING": connection}) as service:
            headers = {"Authorization": f"Bearer {service.secret_token}"}
            statuses = [_create(service, headers)]
            with listener.accept()[0]:
                statuses.append(_create(service, headers))
                wait_for(lambda: '"event": "telemetry", "outcome": "failed"' in _log(service), "that it is given up")
            log = _log(service)

    assert statuses == [201, 409]
    assert log.count('"event": "telemetry"') == 1


def _create(service: Service, headers: dict[str, str]) -> int:
    return httpx.post(f"{service.tenant_url}/Users", json=USER, headers=headers, timeout=PATIENCE).status_code


def _log(service: Service) -> str:
    assert service.app.child is not None
    return service.app.child.output()
