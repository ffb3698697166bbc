"""`python -m tools.smoke --url TENANT_URL --token TOKEN`: is a deployed service alive, guarded and able to provision?

It needs Python alone. It makes one user with a name that nobody has, changes and deletes it, so any tenant will do;
a tenant of its own is tidier. Exit status: 0 when every check passes, 1 at the first that does not.
"""

import argparse
import http.client
import json
import secrets
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

_SCIM = "application/scim+json"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_TIMEOUT = 60.0  # a cold start included


class SmokeError(Exception):
    """A check failed; the message says what was expected, what came, and what that usually means."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with the JSON object of the body, {} when it is empty."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


class Target:
    """The service behind a Tenant URL."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SmokeError(f"{url!r} is not a URL: give the Tenant URL, such as https://scim.example.com/scim/v2")
        self._parts, self._token = parts, token
        self.url = url.rstrip("/")

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, guarded: bool = True) -> Answer:
        """Send a request to a path below the Tenant URL, or of the host when it begins with "//". Raises SmokeError."""
        where = path[1:] if path.startswith("//") else f"{self._parts.path}{path}"
        headers = {"Accept": _SCIM, "Content-Type": _SCIM}
        if guarded:
            headers["Authorization"] = f"Bearer {self._token}"
        connection = self._connect()
        try:
            connection.request(method, where, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SmokeError(f"{self._parts.netloc} cannot be reached: {error or type(error).__name__}") from error
        finally:
            connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, _object(raw, response.status, found, f"{method} {where}"))

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT)


def _object(raw: bytes, status: int, headers: Mapping[str, str], request: str) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        kind = headers.get("content-type", "something without a type").partition(";")[0]
        raise SmokeError(f"{request} answered {status} with {kind}, not with a JSON object: is this the Tenant URL?")
    return body


def _expect(answer: Answer, status: int, what: str) -> Answer:
    if answer.status == status:
        return answer
    detail = str(answer.body.get("detail", ""))[:200]
    hint = {
        401: "the token is not accepted: is it complete, of this deployment, and not expired or revoked?",
        404: "there is no such endpoint: a Tenant URL ends with /scim/v2",
        503: "the storage does not answer: is the role of the identity in place? It takes some minutes to take effect",
    }.get(answer.status, "")
    raise SmokeError(
        "; ".join(part for part in (f"{what} answered {answer.status}, not {status}", hint, detail) if part)
    )


def _require(condition: bool, sentence: str) -> None:  # noqa: FBT001 - an assertion that -O keeps
    if not condition:
        raise SmokeError(sentence)


@dataclass(slots=True)
class Run:
    """One run: the target, and the user that it has made and not deleted yet."""

    target: Target
    user_name: str
    user_id: str = ""

    def health(self) -> None:
        """The service is up, and ready: its storage answers."""
        for path in ("/healthz", "/readyz"):
            answer = _expect(self.target.ask("GET", f"/{path}", guarded=False), 200, f"GET {path}")
            _require(answer.body.get("status") == "pass", f"GET {path} says {answer.body.get('status')!r}, not 'pass'")

    def guard(self) -> None:
        """A request without a token is refused as RFC 6750 says, with a SCIM error."""
        answer = self.target.ask("GET", "/Users", guarded=False)
        _expect(answer, 401, "GET /Users without a token")
        _require(
            "bearer" in answer.headers.get("www-authenticate", "").lower(), "the 401 has no WWW-Authenticate: Bearer"
        )
        _require(answer.body.get("status") == "401", "the 401 carries no SCIM error")

    def configuration(self) -> None:
        """The token is accepted, and what answers is a SCIM service provider that can PATCH and filter."""
        body = _expect(self.target.ask("GET", "/ServiceProviderConfig"), 200, "GET /ServiceProviderConfig").body
        for feature in ("patch", "filter"):
            _require(bool(body.get(feature, {}).get("supported")), f"ServiceProviderConfig does not offer {feature}")

    def create(self) -> None:
        """A user can be created."""
        draft = {"schemas": [_USER], "userName": self.user_name, "active": True}
        body = _expect(self.target.ask("POST", "/Users", draft), 201, "POST /Users").body
        self.user_id = str(body.get("id", ""))
        location = str(body.get("meta", {}).get("location", ""))
        _require(bool(self.user_id), "the user that was created has no id")
        _require(location == f"{self.target.url}/Users/{self.user_id}", f"meta.location is {location!r}")

    def find(self) -> None:
        """The user is found by the attribute that Entra matches by, and nobody else is."""
        wanted = quote(f'userName eq "{self.user_name}"')
        body = _expect(self.target.ask("GET", f"/Users?filter={wanted}"), 200, "GET /Users with a filter").body
        ids = [found.get("id") for found in body.get("Resources", [])]
        _require(ids == [self.user_id] and body.get("totalResults") == 1, f"the filter found {ids}")

    def disable(self) -> None:
        """The user can be disabled, in the form that Entra sends."""
        change = {"schemas": [_PATCH], "Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
        _expect(self.target.ask("PATCH", f"/Users/{self.user_id}", change), 200, "PATCH /Users/{id}")
        body = _expect(self.target.ask("GET", f"/Users/{self.user_id}"), 200, "GET /Users/{id}").body
        _require(body.get("active") is False, f"after disabling, active is {body.get('active')!r}")

    def delete(self) -> None:
        """The user can be deleted, and is gone."""
        path = f"/Users/{self.user_id}"
        _expect(self.target.ask("DELETE", path), 204, "DELETE /Users/{id}")
        self.user_id = ""
        _expect(self.target.ask("GET", path), 404, "GET of a deleted user")


CHECKS: tuple[Callable[[Run], None], ...] = (
    Run.health, Run.guard, Run.configuration, Run.create, Run.find, Run.disable, Run.delete,
)  # fmt: skip


def smoke(url: str, token: str, *, wait: float = 0.0) -> None:
    """Run all checks and print a line for each; the first may fail for `wait` seconds. Raises SmokeError."""
    run = Run(Target(url, token), f"smoke-{secrets.token_hex(8)}@smoke.invalid")
    _until_up(run, time.monotonic() + wait)
    try:
        for check in CHECKS:
            began = time.monotonic()
            try:
                check(run)
            except SmokeError as error:
                raise SmokeError(f"{check.__name__}: {error}") from error
            print(f"ok  {check.__name__:<14}{(time.monotonic() - began) * 1000:7.0f} ms")
    finally:
        if run.user_id:
            run.target.ask("DELETE", f"/Users/{run.user_id}")


def _until_up(run: Run, deadline: float) -> None:
    """Wait while a new deployment is not yet served, or its roles have not yet taken effect."""
    while time.monotonic() < deadline:
        try:
            run.health()
        except SmokeError as error:
            print(f"..  waiting: {error}", flush=True)
            time.sleep(max(0.0, min(5.0, deadline - time.monotonic())))
        else:
            return


def main(arguments: list[str]) -> int:
    """Parse the arguments, run the checks and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.smoke", description="Check a deployed SCIM service.")
    parser.add_argument("--url", required=True, metavar="TENANT_URL", help="such as https://scim.example.com/scim/v2")
    parser.add_argument("--token", required=True, help="a Secret Token of a tenant that may hold a test user")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="how long it may take to come up")
    given = parser.parse_args(arguments)
    try:
        smoke(given.url, given.token, wait=given.wait)
    except SmokeError as error:
        print(f"FAILED  {error}", file=sys.stderr)
        return 1
    print(f"{given.url} works.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
