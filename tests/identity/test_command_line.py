"""`python -m identity` as operators and scripts use it, end to end."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import identity.__main__ as command_line
from identity.tokens import Token
from local.azurite import free_port
from storage.settings import Settings
from storage.tables import Tables

_PROJECT = Path(command_line.__file__).parent.parent


@dataclass(frozen=True)
class Shell:
    """Runs the command in a process of its own against the test's tables."""

    connection_string: str

    def __call__(self, *arguments: str, reply: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "identity", *arguments],
            cwd=_PROJECT,
            env={"PATH": os.environ["PATH"], "STORAGE_CONNECTION_STRING": self.connection_string},
            input=reply,
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *arguments: str) -> object:
        done = self(*arguments, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


@pytest.fixture
def shell(tables: Tables, storage_settings: Settings) -> Shell:  # noqa: ARG001  the tables are there, and empty
    return Shell(storage_settings.connection_string)


def test_a_script_creates_a_tenant_and_rotates_its_token(shell: Shell) -> None:
    created = shell.json("tenant", "create", "Fabrikam GmbH", "--id", "fabrikam")
    assert created["name"] == "Fabrikam GmbH"
    assert shell.json("tenant", "list") == [created]

    first = shell.json("token", "issue", "fabrikam", "--label", "Entra", "--base-url", "https://scim.example.com")
    assert first["tenant_url"] == "https://scim.example.com/scim/v2"
    assert Token.parse(first["secret_token"]).id == first["token_id"]
    second = shell.json("token", "rotate", "fabrikam", "--days", "30")
    assert (second["label"], second["tenant_url"]) == ("Entra", None)

    third = shell.json("token", "rotate", "fabrikam", "--revoke-oldest", "--yes")
    shell.json("token", "revoke", "fabrikam", second["token_id"], "--yes")
    listed = shell.json("token", "list", "fabrikam")
    assert {token["token_id"]: token["state"] for token in listed} == {
        first["token_id"]: "revoked",
        second["token_id"]: "revoked",
        third["token_id"]: "valid",
    }
    disabled = shell.json("tenant", "disable", "fabrikam", "--yes")
    assert disabled["disabled"]
    shown = shell.json("tenant", "show", "fabrikam")
    assert [token["state"] for token in shown["tokens"]] == ["revoked", "revoked", "suspended"]
    assert "digest" not in json.dumps(shown)


def test_a_person_is_shown_a_token_once_and_asked_before_it_dies(shell: Shell) -> None:
    created = shell("tenant", "create", "Fabrikam")
    assert created.stdout.splitlines()[-1] == "Next: python -m identity token issue fabrikam"
    issued = shell("token", "issue", "fabrikam", "--label", "Entra", "--base-url", "http://localhost:7071")
    fields = dict(re.findall(r"^(\S[^:]*?)  +(\S+)$", issued.stdout, re.MULTILINE))
    token = Token.parse(fields["Secret Token"])
    assert fields["Tenant URL"] == "http://localhost:7071/scim/v2"
    assert "shown this once" in issued.stdout

    kept = shell("token", "revoke", "fabrikam", token.id, reply="n\n")
    assert (kept.returncode, kept.stdout) == (1, "")
    assert "Go on? [y/N]" in kept.stderr
    assert "nothing was changed" in kept.stderr
    listed = shell("token", "list", "fabrikam").stdout
    assert re.search(rf"^{token.id}  Entra  .* valid$", listed, re.MULTILINE)
    assert token.secret not in listed

    ended = shell("token", "revoke", "fabrikam", token.id, reply="y\n")
    assert (ended.returncode, ended.stdout) == (0, f"Revoked the token {token.id} (Entra): refused within a minute.\n")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; its status, standard output and standard error."""
    status = command_line.main(list(arguments))
    return status, *capsys.readouterr()


@pytest.fixture
def here(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This process as an operator's shell: the settings of the test, and nothing on standard input."""
    for name in ("STORAGE_TABLE_ENDPOINT", "SCIM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STORAGE_CONNECTION_STRING", shell.connection_string)
    monkeypatch.setattr("builtins.input", _nothing)
    return monkeypatch


def _nothing() -> str:
    raise EOFError


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("tenant create demo", "there is a tenant demo already: choose another id with --id"),
        ("tenant create x --id A", "'A' is not a tenant id"),
        ("tenant show nobody", "there is no tenant nobody"),
        ("tenant disable demo", "nothing was changed: answer y, or give --yes"),
        ("tenant enable nobody", "there is no tenant nobody"),
        ("token issue nobody", "there is no tenant nobody"),
        ("token issue demo", "the tenant demo has two valid tokens already"),
        ("token issue demo --days 1096", "a token cannot live 1096 days"),
        ("token rotate demo", "or rotate with --revoke-oldest"),
        ("token rotate demo --revoke-oldest", "nothing was changed"),
        ("token revoke demo aaaaaaaa", "the tenant demo has no token aaaaaaaa"),
        ("token list a/b", "'a/b' is not a tenant id"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_refused_is_one_sentence_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], arguments: str, sentence: str
) -> None:
    for prepared in ("tenant create demo", "token issue demo", "token rotate demo"):
        run(capsys, *prepared.split())
    before = run(capsys, "tenant", "show", "demo", "--json")

    status, out, err = run(capsys, *arguments.split())

    assert (status, out) == (1, "")
    assert sentence in err.splitlines()[-1]
    assert run(capsys, "tenant", "show", "demo", "--json") == before


@pytest.mark.usefixtures("here")
def test_rotating_tells_until_when_the_first_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "tenant", "create", "demo")
    _, first, _ = run(capsys, "token", "issue", "demo", "--json")
    issued = json.loads(first)

    status, out, _ = run(capsys, "token", "rotate", "demo")

    assert status == 0
    assert f"The token {issued['token_id']} stays valid until {issued['expires'][:10]}." in out
    assert f"python -m identity token revoke demo {issued['token_id']}" in out


@pytest.mark.usefixtures("here")
def test_rotating_where_no_token_is_valid_issues_one(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "tenant", "create", "demo")

    status, out, _ = run(capsys, "token", "rotate", "demo", "--revoke-oldest", "--json")

    assert (status, json.loads(out)["state"]) == (0, "valid")


def test_a_wrong_base_url_issues_nothing(here: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "tenant", "create", "demo")
    here.setenv("SCIM_BASE_URL", "scim.example.com")

    status, _, err = run(capsys, "token", "issue", "demo")

    assert (status, err) == (
        2,
        "error: 'scim.example.com' is not a base URL: give one such as https://scim.example.com\n",
    )
    assert run(capsys, "token", "list", "demo") == (0, "(none)\n", "")


@pytest.mark.parametrize(
    ("settings", "status", "sentence"),
    [
        ({}, 2, "set STORAGE_CONNECTION_STRING or STORAGE_TABLE_ENDPOINT"),
        ({"STORAGE_CONNECTION_STRING": "garbage"}, 2, "the settings do not lead to any tables"),
        ({"STORAGE_CONNECTION_STRING": "dead"}, 3, "those that STORAGE_CONNECTION_STRING names"),
        ({"STORAGE_TABLE_ENDPOINT": "https://127.0.0.1:1"}, 3, "run `azd auth login` or `az login` first"),
        ({"STORAGE_TABLE_ENDPOINT": "http://127.0.0.1:1"}, 2, "no https URL"),
    ],
    ids=["none", "malformed", "nobody listens", "nobody signed in", "not https"],
)
def test_tables_out_of_reach_are_one_sentence(
    here: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    dead = re.sub(r":\d+/", f":{free_port()}/", os.environ["STORAGE_CONNECTION_STRING"])
    here.delenv("STORAGE_CONNECTION_STRING")
    here.setattr(command_line, "_PROJECT", tmp_path)
    for name, value in settings.items():
        here.setenv(name, dead if value == "dead" else value)

    done, out, err = run(capsys, "tenant", "list")

    assert (done, out) == (status, "")
    assert err.startswith("error: ")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", ["", "tenant", "token issue", "tenant create", "tenant list --jso", "user list"])
@pytest.mark.usefixtures("here")
def test_wrong_arguments_are_explained(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments.split())

    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m identity")
