"""Requests as Entra sends them, and what becomes of answers that are none."""

import base64
from urllib.parse import parse_qs

import httpx
import pytest

from entra.client import Wire, split_tenant_url
from entra.credentials import ClientCredentials, SecretToken
from entra.dialect import Dialect
from entra.errors import JobError, ObjectError

LIST = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": []}


class Target:
    """Records requests and answers them from a list, the last answer for ever."""

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def wire(target, credentials=None, dialect="legacy", switches=()):
    return Wire(
        "https://ideo.test/scim/v2/?aadOptscim062020",
        credentials or SecretToken("secret"),
        Dialect.named(dialect, switches),
        transport=httpx.MockTransport(target),
    )


def ok(body=None, status=200, **headers):
    return httpx.Response(status, json=LIST if body is None else body, headers=headers)


async def test_a_get_has_entras_headers_and_no_others():
    target = Target(ok())
    async with wire(target) as connection:
        await connection.get("/Users", filter="x")
    names = {name.lower() for name in target.requests[0].headers}
    assert names == {"host", "accept", "connection", "authorization", "adscimversion", "activityid"}
    assert target.requests[0].headers["Accept"] == "application/scim+json"
    assert target.requests[0].headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("switches", "query"),
    [
        ((), "excludedAttributes=members&filter=displayName+eq+%22R%26D+%28a%40b%29+%5Bx%5D%22"),
        (
            ("spaces=%20",),
            "excludedAttributes=members&filter=displayName%20eq%20%22R%26D%20%28a%40b%29%20%5Bx%5D%22",
        ),
    ],
)
async def test_filters_are_form_encoded_after_the_other_parameters(switches, query):
    target = Target(ok())
    async with wire(target, switches=switches) as connection:
        await connection.get("/Groups", excludedAttributes="members", filter='displayName eq "R&D (a@b) [x]"')
    assert target.requests[0].url.raw_path.decode() == f"/scim/v2/Groups?{query}"


async def test_a_body_is_scim_json_in_utf_8():
    target = Target(ok({}, 201))
    async with wire(target) as connection:
        exchange = await connection.send("POST", "/Users", {"userName": "zoë"})
    assert target.requests[0].headers["Content-Type"] == "application/scim+json; charset=utf-8"
    assert target.requests[0].content == '{"userName": "zoë"}'.encode()
    assert (exchange.status, exchange.body, connection.traffic.writes) == (201, {}, 1)


async def test_an_unreachable_target_stops_the_job_after_three_attempts():
    target = Target(httpx.ConnectError("refused"))
    async with wire(target) as connection:
        with pytest.raises(JobError) as caught:
            await connection.get("/Users")
    assert caught.value.code.endswith("CredentialValidationUnavailable")
    assert len(target.requests) == 3


async def test_a_lost_answer_is_asked_for_again():
    target = Target(httpx.ReadError("reset"), ok())
    async with wire(target) as connection:
        assert (await connection.get("/Users")).status == 200
    assert connection.traffic.sent_again == 1


async def test_an_answer_that_does_not_come_in_time_fails_one_object():
    async with wire(Target(httpx.ReadTimeout("late"))) as connection:
        with pytest.raises(ObjectError) as caught:
            await connection.get("/Users")
    assert caught.value.code == "Timeout"


async def test_too_many_requests_wait_as_long_as_they_are_told():
    target = Target(ok({}, 429, **{"Retry-After": "0"}), ok({}, 429, **{"Retry-After": "0"}), ok())
    async with wire(target) as connection:
        assert (await connection.get("/Users")).status == 200
    assert len(target.requests) == 3


@pytest.mark.parametrize("wait", ["", "3600", "tomorrow"])
async def test_too_many_requests_without_a_bearable_wait_are_given_up(wait):
    target = Target(ok({}, 429, **({"Retry-After": wait} if wait else {})))
    async with wire(target) as connection:
        assert (await connection.get("/Users")).status == 429
    assert len(target.requests) == 1


def token(value, status=200, **more):
    return httpx.Response(status, json={"access_token": value, "token_type": "Bearer", "expires_in": 3600, **more})


@pytest.mark.parametrize(
    ("place", "in_header", "in_body"), [("header", True, False), ("body", False, True), ("both", True, True)]
)
async def test_client_credentials_are_sent_where_they_are_wanted(place, in_header, in_body):
    target = Target(token("t1"), ok())
    credentials = ClientCredentials("https://ideo.test/token", "id", "s:e+c", scope="scim", place=place)
    async with wire(target, credentials) as connection:
        await connection.get("/Users")
    asked, sent = target.requests
    form = parse_qs(asked.content.decode())
    assert (form["grant_type"], form["scope"]) == (["client_credentials"], ["scim"])
    assert ("client_secret" in form) is in_body
    assert ("Authorization" in asked.headers) is in_header
    if in_header:
        assert base64.b64decode(asked.headers["Authorization"].split()[1]) == b"id:s%3Ae%2Bc"
    assert sent.headers["Authorization"] == "Bearer t1"


async def test_an_assertion_takes_the_place_of_the_secret(tmp_path):
    (tmp_path / "assertion").write_text("ey.jwt\n")
    target = Target(token("t1"), ok())
    credentials = ClientCredentials("https://ideo.test/token", "id", assertion=tmp_path / "assertion")
    async with wire(target, credentials) as connection:
        await connection.get("/Users")
    form = parse_qs(target.requests[0].content.decode())
    assert form["client_assertion"] == ["ey.jwt"]
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "Authorization" not in target.requests[0].headers


async def test_a_token_is_kept_until_it_expires_and_replaced_when_it_is_refused():
    now = [0.0]
    credentials = ClientCredentials("https://ideo.test/token", "id", "s", clock=lambda: now[0])
    target = Target(token("t1"), ok(), ok(), token("t2"), ok(), ok({}, 401), token("t3"), ok())
    async with wire(target, credentials) as connection:
        await connection.get("/Users")
        await connection.get("/Users")
        now[0] = 3600.0
        await connection.get("/Users")
        assert (await connection.get("/Users")).status == 200
    bearers = [request.headers["Authorization"] for request in target.requests if request.method == "GET"]
    assert bearers == ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"]


@pytest.mark.parametrize("answer", [token("x", 400), httpx.Response(200, text="<html>"), httpx.ConnectError("no")])
async def test_a_token_endpoint_that_gives_no_token_stops_the_job(answer):
    credentials = ClientCredentials("https://ideo.test/token", "id", "s")
    async with wire(Target(answer), credentials) as connection:
        with pytest.raises(JobError):
            await connection.get("/Users")


@pytest.mark.parametrize(
    ("given", "base", "flagged"),
    [
        ("https://h/scim", "https://h/scim", False),
        ("https://h/scim/", "https://h/scim", False),
        ("https://h/scim?aadOptscim062020", "https://h/scim", True),
        ("https://h/scim/?aadOptscim062020", "https://h/scim", True),
        ("http://localhost:7071/scim/v2", "http://localhost:7071/scim/v2", False),
    ],
)
def test_a_tenant_url_may_end_in_a_slash_or_carry_the_flag(given, base, flagged):
    assert split_tenant_url(given) == (base, flagged)


@pytest.mark.parametrize("given", ["", "ideo.test/scim", "ftp://h/scim"])
def test_text_that_is_no_tenant_url_is_refused(given):
    with pytest.raises(ValueError, match="is not a Tenant URL"):
        split_tenant_url(given)
