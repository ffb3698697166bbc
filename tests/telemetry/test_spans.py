"""Each request is a span, with one below it for each storage call: what its line in the log says, and nothing more."""

import secrets

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.telemetry.collector import attributes
from tests.telemetry.conftest import Told
from tests.telemetry.requests import CASES, Case

# Field of the line -> attribute of the span.
SAME = {
    "operation": "scim.operation",
    "tenant": "scim.tenant",
    "credential": "scim.credential",
    "status": "scim.status",
    "scimType": "scim.scim_type",
    "storageCalls": "scim.storage_calls",
    "storageRoundTrips": "scim.storage_round_trips",
    "activityId": "scim.activity_id",
    "invocation": "faas.invocation_id",
}
OF_CONVENTIONS = {"http.request.method", "http.response.status_code"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_span_says_what_the_line_of_its_request_says(told: Told, case: Case) -> None:
    activity = secrets.token_hex(8)
    answer = case.send(told.client, activityid=activity)

    assert answer.status_code == case.status
    line = told.last_line()
    assert line["activityId"] == activity
    span = told.span(line)
    assert (span.name, span.kind) == (case.operation, Span.SPAN_KIND_SERVER)
    said = attributes(span)
    fields = {field: value for field, value in line.items() if field != "milliseconds"}
    assert {field: said[SAME[field]] for field in fields} == fields
    assert said.keys() == {SAME[field] for field in fields} | OF_CONVENTIONS
    assert said["http.response.status_code"] == case.status
    assert said["http.request.method"] == (case.method if case.method != "PROPFIND" else "_OTHER")
    assert (said.get("scim.tenant"), said.get("scim.scim_type")) == (case.tenant, case.scim_type)
    assert span.status.code == Status.STATUS_CODE_UNSET


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_storage_calls_are_spans_below_within_its_time_and_without_keys(told: Told, case: Case) -> None:
    case.send(told.client)
    line = told.last_line()
    span = told.span(line)

    below = told.children(span)
    assert len(below) == line["storageCalls"]
    assert sorted((each.name, attributes(each).get("db.response.status_code")) for each in below) == case.storage
    for child in below:
        verb, table = child.name.split()
        said = attributes(child)
        said.pop("db.response.status_code", None)
        assert said == {"db.system.name": "azure.tables", "db.operation.name": verb, "db.collection.name": table}
        assert (child.kind, child.trace_id) == (Span.SPAN_KIND_CLIENT, span.trace_id)
        assert child.status.code == Status.STATUS_CODE_UNSET
        assert span.start_time_unix_nano <= child.start_time_unix_nano <= child.end_time_unix_nano
        assert child.end_time_unix_nano <= span.end_time_unix_nano


def test_a_span_lasts_as_long_as_the_line_says(told: Told) -> None:
    told.client.get("/Users")
    line = told.last_line()
    span = told.span(line)

    lasted = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
    assert lasted == pytest.approx(line["milliseconds"], abs=0.06)


TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize("flags", ["00", "01"], ids=["caller traces nothing", "caller traces"])
def test_the_caller_is_the_parent_whether_it_traces_or_not(told: Told, flags: str) -> None:
    told.client.get("/Users", headers={"traceparent": f"00-{TRACE}-{CALLER}-{flags}"})
    span = told.span(told.last_line())

    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)


@pytest.mark.parametrize(
    "headers",
    [{}, {"traceparent": "nonsense"}, {"traceparent": f"00-{'0' * 32}-{CALLER}-01"}, {"tracestate": "a=1"}],
    ids=["none", "nonsense", "all zero", "state alone"],
)
def test_without_a_caller_that_can_be_named_a_trace_begins(told: Told, headers: dict[str, str]) -> None:
    told.client.get("/Users", headers=headers)
    span = told.span(told.last_line())

    assert span.parent_span_id == b""
    assert any(span.trace_id)


def test_the_free_text_of_a_caller_is_not_passed_on(told: Told) -> None:
    state = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "vendor=wintergreen", "baggage": "who=wintergreen"}
    told.client.get("/Users", headers=state)
    told.span(told.last_line())

    assert not [body for body in told.collector.bodies if b"wintergreen" in body]


def test_the_service_says_who_it_is(told: Told) -> None:
    told.client.get("/Users")
    told.span(told.last_line())

    said = told.collector.resources()[-1]
    assert said["service.name"] == "ideo-scim"
    assert said["service.instance.id"]


def test_health_checks_are_no_requests(told: Told) -> None:
    before = len(told.lines())
    assert told.client.get(f"{told.service.app.url}/healthz").status_code == 200
    told.client.get("/Users")
    told.span(told.last_line())

    assert len(told.lines()) == before + 1
    assert {each.name for each in told.collector.spans()}.isdisjoint({"healthz", "readyz"})
