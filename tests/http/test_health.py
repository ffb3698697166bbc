"""How the service says how it is, and what its log says of requests."""

import json
from typing import Any

import httpx
import pytest
from azure.data.tables import TableServiceClient

from identity.tokens import Token
from local.app import App
from local.azurite import free_port
from local.service import Service
from storage.directory import TABLE

JSON = "application/json"


def ask(url: str, path: str) -> tuple[int, Any]:
    answer = httpx.get(f"{url}/{path}", timeout=120)
    assert answer.headers["Content-Type"] == JSON
    return answer.status_code, answer.json()


def test_a_service_that_has_all_it_needs_is_healthy_and_ready(service: Service) -> None:
    assert ask(service.app.url, "healthz") == ask(service.app.url, "readyz") == (200, {"status": "pass"})


def test_a_service_without_one_of_its_tables_is_not_ready() -> None:
    with Service() as service:
        with TableServiceClient.from_connection_string(service.connection_string) as tables:
            tables.delete_table("identity")
        assert ask(service.app.url, "healthz") == (200, {"status": "pass"})
        assert ask(service.app.url, "readyz")[0] == 503
        with TableServiceClient.from_connection_string(service.connection_string) as tables:
            tables.delete_table(TABLE)
        assert ask(service.app.url, "healthz")[0] == 503
        written = service.app.child.output() if service.app.child else ""

    assert "a table is missing: the deployment makes it (azd provision)" in written


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"STORAGE_CONNECTION_STRING": ""}, "set STORAGE_CONNECTION_STRING or STORAGE_TABLE_ENDPOINT"),
        ({"TENANT_REQUESTS_PER_SECOND": "many"}, "TENANT_REQUESTS_PER_SECOND is 'many'"),
    ],
)
def test_a_service_with_a_wrong_setting_says_which_and_is_not_ready(
    service: Service, settings: dict[str, str], reason: str
) -> None:
    app = App(service.connection_string, free_port(), settings=settings).start()
    try:
        assert app.child is not None
        app.child.wait_until(lambda: "listening" in (app.child.output() if app.child else ""), 30)
        status, body = ask(app.url, "readyz")
    finally:
        app.stop()

    assert (status, body["status"]) == (503, "fail")
    assert body["detail"].startswith(reason)


def test_a_request_is_one_line_that_tells_what_was_done_for_whom_and_what_it_cost() -> None:
    with Service() as service:
        headers = {"Authorization": f"Bearer {service.secret_token}", "ActivityId": "a-1"}
        with httpx.Client(base_url=service.tenant_url, headers=headers, timeout=120) as client:
            client.post("/Users", json={"userName": "ana@example.test"})
            client.post("/Users", json={"userName": "ANA@example.test"})
            client.get("/Users", headers={"Authorization": "Bearer nonsense"})
        written = service.app.child.output() if service.app.child else ""
        credential = Token.parse(service.secret_token).id

    lines = [json.loads(line.partition(" scim ")[2]) for line in written.splitlines() if " scim {" in line]
    assert [(line["operation"], line["status"], line.get("scimType")) for line in lines] == [
        ("users_create", 201, None),
        ("users_create", 409, "uniqueness"),
        ("users_list", 401, None),
    ]
    assert [(line.get("tenant"), line.get("credential")) for line in lines] == [("demo", credential)] * 2 + [
        (None, None)
    ]
    assert all(line["milliseconds"] > 0 and line["activityId"] == "a-1" and line["invocation"] for line in lines)
    assert lines[0]["storageRoundTrips"] >= 1
