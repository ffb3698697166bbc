"""`python -m identity` with OAuth clients, trusts, Entra tenants, keys, and what expires."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import identity.__main__ as command_line
from identity.client_secrets import Secret
from storage.settings import Settings
from storage.tables import Tables
from tests.identity.clock import Clock
from tests.identity.conftest import SETTINGS
from tests.identity.issuer import AUDIENCE, ENTRA_TENANT, OTHER_ENTRA_TENANT, SUBJECT, Issuer, rsa_key, serving

BASE = "https://scim.example.com"


class Line:
    """The command line, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """Run a command; its status, standard output and standard error."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return command_line.main(list(arguments)), *self._capsys.readouterr()

    def json(self, *arguments: str):
        status, out, err = self(*arguments, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def line(
    tables: Tables,  # noqa: ARG001  the tables are there, and empty
    storage_settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Line:
    for name in ("STORAGE_TABLE_ENDPOINT", "SCIM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = {"STORAGE_CONNECTION_STRING": storage_settings.connection_string, **SETTINGS}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    made = Line(capsys, monkeypatch)
    made.json("tenant", "create", "Demo", "--id", "demo")
    return made


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving(Issuer(Clock(datetime.now(UTC)))) as running:
        yield running


def added(line: Line, issuer: Issuer):
    arguments = ["--issuer", issuer.issuer, "--jwks-url", issuer.jwks_url, "--subject", SUBJECT]
    return line.json("trust", "add", "demo", *arguments, "--audience", f"api://{AUDIENCE}", "--base-url", BASE)


def test_a_script_creates_a_client_and_rotates_its_secret(line: Line) -> None:
    created = line.json("client", "create", "demo", "--label", "Entra", "--minutes", "90", "--base-url", BASE)
    assert created["client_id"].startswith("demo.")
    assert Secret.parse(created["client_secret"]).id == created["secret_id"]
    assert (created["tenant_url"], created["token_endpoint"]) == (f"{BASE}/scim/v2", f"{BASE}/oauth2/token")
    assert created["lifetime"] == 5400

    second = line.json("client", "rotate", "demo", created["client_id"], "--days", "1095")
    status, _, err = line("client", "rotate", "demo", created["client_id"])
    assert (status, "two valid secrets already" in err) == (1, True)
    third = line.json("client", "rotate", "demo", created["client_id"], "--revoke-oldest", "--yes")
    line.json("client", "revoke-secret", "demo", created["client_id"], second["secret_id"], "--yes")

    (listed,) = line.json("client", "list", "demo")
    assert {each["secret_id"]: each["state"] for each in listed["secrets"]} == {
        created["secret_id"]: "revoked",
        second["secret_id"]: "revoked",
        third["secret_id"]: "valid",
    }
    assert "digest" not in json.dumps(listed)
    line.json("client", "revoke", "demo", created["client_id"], "--yes")
    assert line.json("client", "list", "demo")[0]["state"] == "revoked"


def test_a_person_is_shown_the_fields_of_the_portal(line: Line) -> None:
    status, out, _ = line("client", "create", "demo", "--base-url", BASE)
    fields = dict(re.findall(r"^(\S[^:]*?)  +(\S+)$", out, re.MULTILINE))

    assert status == 0
    assert fields.keys() == {
        "Tenant URL",
        "Token Endpoint",
        "Client Identifier",
        "Client Secret",
        "Secret id",
        "Expires",
    }
    assert "shown this once" in out
    _, listed, _ = line("client", "list", "demo")
    assert Secret.parse(fields["Client Secret"]).secret not in listed
    assert re.search(rf"^{fields['Client Identifier']} .* valid$", listed, re.MULTILINE)
    assert re.search(rf"^  secret {fields['Secret id']} .* valid$", listed, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("client create demo --days 364", "a client secret cannot live 364 days: choose 365 to 1095"),
        ("client create demo --minutes 361", "an access token cannot live 361 minutes: choose 60 to 360"),
        ("client create nobody", "there is no tenant nobody"),
        ("client rotate demo demo.aaaaaaaa", "the tenant demo has no OAuth client demo.aaaaaaaa"),
        ("client revoke demo x --yes", "the tenant demo has no OAuth client x"),
        ("trust remove demo x --yes", "the tenant demo has no OAuth client x"),
        ("trust verify demo x token", "the tenant demo has no OAuth client x"),
        ("trust decode x", "this is not a token: it is not three parts"),
        ("entra add demo contoso.com --yes", "'contoso.com' is not an Entra tenant id"),
        (f"entra add demo {ENTRA_TENANT}", "nothing was changed"),
        (f"entra remove demo {ENTRA_TENANT} --yes", "has not registered the Entra tenant"),
        ("keys rotate --at-once", "nothing was changed"),
    ],
)
def test_what_is_refused_is_one_sentence_and_changes_nothing(line: Line, arguments: str, sentence: str) -> None:
    status, out, err = line(*arguments.split())

    assert (status, out) == (1, "")
    assert sentence in err.splitlines()[-1]
    shown = line.json("tenant", "show", "demo")
    assert (shown["clients"], shown["entra_tenants"], line.json("keys", "list")) == ([], [], [])


def test_a_trust_is_made_of_four_values_and_answered_with_three(line: Line, issuer: Issuer) -> None:
    trusted = added(line, issuer)

    assert trusted["client_id"].startswith("demo.")
    assert (trusted["token_url"], trusted["scim_url"]) == (f"{BASE}/oauth2/token", f"{BASE}/scim/v2")
    assert trusted["trust"] == {
        "issuer": issuer.issuer,
        "jwks_url": issuer.jwks_url,
        "audiences": [AUDIENCE, f"api://{AUDIENCE}"],
        "subject": SUBJECT,
        "entra_tenant_id": ENTRA_TENANT,
    }
    assert line.json("trust", "list", "demo")[0]["client_id"] == trusted["client_id"]
    assert line.json("client", "list", "demo") == []
    status, _, err = line("client", "rotate", "demo", trusted["client_id"])
    assert (status, "takes no secret" in err) == (1, True)
    line.json("trust", "remove", "demo", trusted["client_id"], "--yes")
    assert line.json("trust", "list", "demo")[0]["state"] == "revoked"


def test_a_trust_in_a_host_that_is_not_listed_is_refused(line: Line) -> None:
    four = "--issuer x --jwks-url https://idp.example.com/keys --subject s --audience a"
    status, _, err = line("trust", "add", "demo", *four.split())

    assert status == 1
    assert "JWKS_HOSTS adds a host" in err


def test_a_good_assertion_is_explained_as_good(line: Line, issuer: Issuer) -> None:
    trusted = added(line, issuer)
    status, out, _ = line("trust", "verify", "demo", trusted["client_id"], typed=issuer.token() + "\n")

    assert status == 0
    assert out.splitlines()[-1] == "The trust believes the token."
    checks = [row.split()[0] for row in out.splitlines()[1:-2]]
    assert checks == ["iss", "kid", "signature", "aud", "sub", "tid", "exp", "nbf", "iat"]


def test_every_check_that_fails_is_explained_at_once(line: Line, issuer: Issuer) -> None:
    trusted = added(line, issuer)
    wrong = issuer.token(aud=SUBJECT, sub="someone", tid=OTHER_ENTRA_TENANT, exp=1)
    status, out, _ = line("trust", "verify", "demo", trusted["client_id"], wrong, "--json")

    assert status == 1
    assert [each["check"] for each in json.loads(out) if not each["passed"]] == ["aud", "sub", "tid", "exp"]
    (sub,) = [each for each in json.loads(out) if each["check"] == "sub"]
    assert (sub["expected"], sub["received"]) == (f'"{SUBJECT}"', '"someone"')


def test_keys_that_cannot_be_fetched_are_the_first_thing_that_is_wrong(line: Line, issuer: Issuer) -> None:
    trusted = added(line, issuer)
    issuer.status = 500
    status, out, _ = line("trust", "verify", "demo", trusted["client_id"], issuer.token())

    assert status == 1
    assert re.match(r"keys  +those of \S+  +the issuer answered 500 +WRONG$", out.splitlines()[1])


def test_an_assertion_is_decoded_whatever_it_is(line: Line, issuer: Issuer) -> None:
    status, out, _ = line("trust", "decode", issuer.forged(rsa_key("thief"), alg="HS256", jku="https://x"))

    assert status == 0
    assert re.search(rf'^claim +sub +"{SUBJECT}"$', out, re.MULTILINE)
    assert re.search(r"^claim +exp +\d+ +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", out, re.MULTILINE)
    assert re.search(r'^header +alg +"HS256"$', out, re.MULTILINE)
    assert out.splitlines()[-1] == "Form: refused: its header brings keys of its own (jku)"
    assert line.json("trust", "decode", issuer.token())["form"] == "as expected"


def test_an_entra_tenant_is_registered_after_a_warning(line: Line) -> None:
    id = ENTRA_TENANT.upper()
    status, out, err = line("entra", "add", "demo", id, typed="y\n")

    assert (status, out) == (0, f"The tenant demo accepts Entra's tokens of the Entra tenant {ENTRA_TENANT}.\n")
    assert "will read and change all of the tenant demo's directory" in err
    (listed,) = line.json("entra", "list", "demo")
    assert listed["trust"]["issuer"] == f"https://sts.windows.net/{ENTRA_TENANT}/"
    line.json("entra", "remove", "demo", id, "--yes")
    assert line.json("entra", "list", "demo")[0]["state"] == "revoked"


def test_a_tenant_refuses_kinds_of_credential(line: Line) -> None:
    line.json("client", "create", "demo")
    line.json("token", "issue", "demo")
    refused = line.json("tenant", "refuse", "demo", "secret_token", "--yes")
    assert refused["barred"] == ["secret_token"]

    assert line("tenant", "list")[1].splitlines()[1].endswith("enabled, refuses secret_token")
    shown = line.json("tenant", "show", "demo")
    assert [each["state"] for each in shown["tokens"] + shown["clients"]] == ["refused", "valid"]
    status, _, err = line("token", "issue", "demo")
    assert (status, "refuses credentials of the kind secret_token" in err) == (1, True)
    line.json("tenant", "accept", "demo", "secret_token")
    assert line.json("tenant", "show", "demo")["tokens"][0]["state"] == "valid"


def test_keys_are_listed_and_rotated(line: Line) -> None:
    first = line.json("keys", "rotate")["kid"]
    second = line.json("keys", "rotate")["kid"]
    listed = line.json("keys", "list")
    assert [(each["kid"], each["state"]) for each in listed] == [(first, "signing"), (second, "next")]
    assert "private" not in json.dumps(listed)

    third = line.json("keys", "rotate", "--at-once", "--yes")["kid"]
    assert [each["kid"] for each in line.json("keys", "list")] == [third]


def test_keys_without_an_encryption_key_are_one_sentence(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNING_KEY_ENCRYPTION_KEY")
    status, _, err = line("keys", "rotate")

    assert (status, err.count("\n")) == (2, 1)
    assert "SIGNING_KEY_ENCRYPTION_KEY must hold 32 bytes in base64" in err


def test_what_expires_soon_is_listed_over_all_tenants(line: Line) -> None:
    line.json("tenant", "create", "Other", "--id", "other")
    soon = line.json("token", "issue", "other", "--days", "5", "--label", "old")
    line.json("token", "issue", "demo", "--days", "61")
    ended = line.json("token", "issue", "demo", "--days", "3")
    line.json("token", "revoke", "demo", ended["token_id"], "--yes")
    client = line.json("client", "create", "demo")

    listed = line.json("expiring")
    assert listed == [
        {
            "expires": f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}",
            "tenant_id": "other",
            "kind": "secret_token",
            "id": soon["token_id"],
            "label": "old",
            "last_used": None,
        }
    ]
    assert [each["id"].split()[0] for each in line.json("expiring", "--days", "365")[2:]] == [client["client_id"]]
    _, out, _ = line("expiring")
    assert out.splitlines()[0].split() == ["EXPIRES", "TENANT", "ID", "KIND", "ID", "LABEL", "LAST", "USED"]


def test_a_kind_that_there_is_not_is_a_wrong_argument(line: Line) -> None:
    with pytest.raises(SystemExit) as caught:
        line("tenant", "refuse", "demo", "password")

    assert caught.value.code == 2
