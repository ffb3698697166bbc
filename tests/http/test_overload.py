"""A tenant that sends more at once than an instance can work on: refused early, and felt by nobody else."""

import json
import socket
from contextlib import ExitStack
from http.client import HTTPResponse
from urllib.parse import urlsplit

from identity.turns import AT_ONCE, MOST_WAITING
from tests.http.client import Client

CROWD = 2 * (AT_ONCE + MOST_WAITING)


def connect(client: Client) -> socket.socket:
    """Connect and send a request, so that the connection is accepted before the others come."""
    parts = urlsplit(client.tenant_url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=120)
    ask(connection, client, "ServiceProviderConfig")
    assert receive(connection)[0] == 200
    return connection


def ask(connection: socket.socket, client: Client, path: str) -> None:
    lines = [f"GET /scim/v2/{path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {client.secret_token}"]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())


def receive(connection: socket.socket):
    with HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.headers, json.loads(response.read())


def test_of_a_crowd_some_are_served_the_others_refused_at_once_and_another_tenant_is_served(new_client):
    crowd, other = new_client(), new_client()
    user = crowd.post("/Users", {"userName": "wanted"})["id"]
    other.get("/Users")
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(crowd)) for _ in range(CROWD)]
        for connection in connections:
            ask(connection, crowd, f"Users/{user}")
        assert other.get("/Users")["totalResults"] == 0
        answers = [receive(connection) for connection in connections]
    served = [body["id"] for status, _, body in answers if status == 200]
    refused = [(headers["Retry-After"], body["status"]) for status, headers, body in answers if status == 429]
    assert len(served) + len(refused) == CROWD
    assert len(served) >= MOST_WAITING
    assert set(served) == {user}
    assert set(refused) == {("2", "429")}
    assert crowd.get(f"/Users/{user}")["userName"] == "wanted"
