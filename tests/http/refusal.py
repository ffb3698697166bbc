"""What every refusal must be: a sound SCIM error with the right status and scimType, and no longer than need be."""

from tests.http.answers import faults
from tests.http.client import Client


def refused(client: Client, status: int, scim_type: str | None, method: str, path: str, body=None, **request) -> None:
    """Send what must be refused and see that the error is sound."""
    answer = client.call(method, path, body, **request)
    assert answer.status == status, (answer.status, answer.content[:500])
    assert faults(answer) == []
    assert answer.body.get("scimType") == scim_type, answer.body
    assert len(answer.body["detail"]) < 1000
