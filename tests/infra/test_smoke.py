"""The smoke test passes against the running service, and says clearly what is wrong with anything else."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from local.azurite import free_port
from local.service import Service
from tools.smoke import CHECKS, main


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command; return its exit status and what it printed on both streams."""

    def command(url: str, token: str, *more: str) -> tuple[int, str]:
        status = main(["--url", url, "--token", token, *more])
        return status, "".join(capsys.readouterr())

    return command


@pytest.fixture
def other_server() -> Iterator[Callable[[int, str, bytes], str]]:
    """Start servers that give every request the same answer; return the Tenant URL that leads there."""
    servers = []

    def start(status: int, content_type: str, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/scim/v2"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_passes_against_the_service_and_leaves_nothing_behind(service: Service, run) -> None:
    status, printed = run(service.tenant_url, service.secret_token)
    assert status == 0, printed
    assert [line.split()[1] for line in printed.splitlines() if line.startswith("ok")] == [c.__name__ for c in CHECKS]
    headers = {"Authorization": f"Bearer {service.secret_token}"}
    assert httpx.get(f"{service.tenant_url}/Users", headers=headers).json()["totalResults"] == 0


def test_a_slash_at_the_end_of_the_url_does_no_harm(service: Service, run) -> None:
    assert run(f"{service.tenant_url}/", service.secret_token)[0] == 0


def test_a_wrong_token_is_named(service: Service, run) -> None:
    status, printed = run(service.tenant_url, service.secret_token[:-3] + "xyz")
    assert status == 1
    assert "configuration: GET /ServiceProviderConfig answered 401, not 200; the token is not accepted" in printed
    assert service.secret_token[:-3] not in printed


def test_a_wrong_path_is_named(service: Service, run) -> None:
    status, printed = run(service.tenant_url.removesuffix("/v2") + "/v3", service.secret_token)
    assert status == 1
    assert "GET /ServiceProviderConfig answered 404, not 200" in printed
    assert "a Tenant URL ends with /scim/v2" in printed


def test_a_host_that_does_not_answer_is_named(run) -> None:
    address = f"127.0.0.1:{free_port()}"
    status, printed = run(f"http://{address}/scim/v2", "token")
    assert status == 1
    assert f"{address} cannot be reached" in printed


def test_html_is_not_taken_for_an_answer(other_server, run) -> None:
    status, printed = run(other_server(200, "text/html; charset=utf-8", b"<h1>Your app is running</h1>"), "token")
    assert status == 1
    assert "GET /healthz answered 200 with text/html, not with a JSON object: is this the Tenant URL?" in printed


def test_a_storage_that_does_not_answer_is_named(other_server, run) -> None:
    status, printed = run(other_server(503, "application/json", b'{"status": "fail"}'), "token")
    assert status == 1
    assert "health: GET /healthz answered 503, not 200; the storage does not answer: is the role" in printed


def test_it_waits_for_a_service_that_comes_up_late_but_not_longer_than_told(run, other_server) -> None:
    status, printed = run(other_server(404, "application/json", b"{}"), "token", "--wait", "0.1")
    assert status == 1
    assert printed.count("waiting: GET /healthz answered 404") == 1


@pytest.mark.parametrize("url", ["", "scim.example.com/scim/v2", "ftp://scim.example.com"])
def test_what_is_no_url_is_refused(url: str, run) -> None:
    status, printed = run(url, "token")
    assert status == 1
    assert "is not a URL: give the Tenant URL" in printed


def test_a_service_that_lets_anybody_in_fails(other_server, run) -> None:
    status, printed = run(other_server(200, "application/json", b'{"status": "pass"}'), "token")
    assert status == 1
    assert "guard: GET /Users without a token answered 200, not 401" in printed
