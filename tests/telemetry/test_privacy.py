"""Nothing of people and no secret is sent to a collector, whatever is asked of the service."""

import re
from urllib.parse import quote

import httpx

from tests.http.test_log import PEOPLE, talk
from tests.secret_forms import forms_in
from tests.telemetry.collector import wait_for
from tests.telemetry.conftest import Told

ADDRESS = re.compile(r"[\w.+-]+(@|%40)[\w-]+\.\w+")


def test_no_name_address_key_or_secret_is_sent(told: Told) -> None:
    token = told.service.secret_token
    statuses = talk(told.client, token, told.service.app.url)
    people = PEOPLE[0]
    # What is sent beside the body, and into the path where no function is.
    told.client.get(f"/{quote(people)}/{token}", headers={"activityid": "ordinary", "x-name": people, "cookie": token})
    told.client.request("PROPFIND", f"/Users?name={people}", headers={"baggage": f"name={people}"})

    assert statuses >= {200, 201, 204, 400, 401, 404, 409}
    lines = told.lines()
    for line in lines:
        told.span(line)
    wait_for(lambda: _counted(told) >= len(lines), "the measurements")
    sent = "\n".join(body.decode("latin-1") for body in told.collector.bodies)
    assert "users_create" in sent
    assert [each for each in (token, token[-20:], "contoso.example", "c.userName") if each in sent] == []
    assert [each for each in PEOPLE if each in sent.lower()] == []
    assert forms_in(sent) == []
    assert not ADDRESS.search(sent)


def test_the_collector_is_sent_nothing_but_spans_and_measurements(told: Told) -> None:
    told.client.get("/Users")
    told.span(told.last_line())

    for headers in told.collector.headers:
        assert headers["content-type"] == "application/x-protobuf"
        assert headers.keys().isdisjoint({"authorization", "cookie", "traceparent", "baggage"})


def _counted(told: Told) -> int:
    metric = told.collector.metrics().get("scim.requests")
    return sum(point.as_int for point in metric.sum.data_points) if metric else 0


def test_what_a_client_writes_into_its_own_ids_is_cut(told: Told) -> None:
    httpx.get(f"{told.service.tenant_url}/Users", headers={"activityid": "x" * 1000}, timeout=60)

    assert told.last_line()["activityId"] == "x" * 64
    told.span(told.last_line())
    assert not [body for body in told.collector.bodies if b"x" * 65 in body]
