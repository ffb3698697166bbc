"""The whole service: Azurite, the app in its own process, a tenant and its token."""

from collections.abc import Iterator

import httpx
import pytest

from local.service import Service


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def _client(service: Service, token: str) -> httpx.Client:
    return httpx.Client(base_url=service.tenant_url, headers={"Authorization": f"Bearer {token}"}, timeout=120)


def test_the_token_opens_the_tenant_and_nothing_else_does(service: Service) -> None:
    with _client(service, service.secret_token) as client, _client(service, service.secret_token[:-1]) as stranger:
        assert client.get("/Users").json()["totalResults"] == 0
        assert stranger.get("/Users").status_code == 401


def test_what_the_app_has_written_is_there_after_it_was_killed(service: Service) -> None:
    with _client(service, service.new_token("other")) as client:
        created = client.post("/Users", json={"userName": "ana@example.test"})
        service.kill()
        with pytest.raises(httpx.ConnectError):
            client.get("/Users")
        service.restart()
        found = client.get(f"/Users/{created.json()['id']}")

    assert (created.status_code, found.status_code) == (201, 200)
    assert found.json()["userName"] == "ana@example.test"
