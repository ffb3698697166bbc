"""The log of the service holds nothing of people and no secret, whatever is asked of it."""

import re
from base64 import b64encode
from urllib.parse import quote

import httpx

from identity.client_secrets import SCANNER_PATTERN as CLIENT_SECRET
from identity.tokens import SCANNER_PATTERN as TOKEN
from local.service import Service

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PEOPLE = ("quetzalcoatl.smithers", "zebulon", "wintergreen", "bartholomew")
JWT = r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+"


def talk(client: httpx.Client, token: str, origin: str) -> set[int]:
    """Send what names people and secrets, in paths, queries and bodies, right and wrong; return the statuses."""
    address = f"{PEOPLE[0]}@contoso.example"
    user = {"userName": address, "displayName": PEOPLE[1], "name": {"familyName": PEOPLE[2]}, "externalId": PEOPLE[3]}
    made = client.post("/Users", json=user)
    path = f"/Users/{made.json()['id']}"
    rename = {"op": "replace", "path": "displayName", "value": PEOPLE[2]}
    answers = [
        made,
        client.post("/Users", json=user),
        client.get("/Users", params={"filter": f'userName eq "{address}"'}),
        client.get("/Users", params={"filter": f'userName == "{address}"'}),
        client.get(f"/Users/{quote(address)}"),
        client.post("/Users/.search", json={"filter": f'emails.value eq "{address}" and'}),
        client.patch(path, json={"schemas": [PATCH_OP], "Operations": [rename]}),
        client.patch(
            path, json={"schemas": [PATCH_OP], "Operations": [{**rename, "path": f'emails[value eq "{address}'}]}
        ),
        client.put(path, json={"userName": [address]}),
        client.post("/Users", content=f'{{"userName": "{address}", '),
        client.post("/Groups", json={"displayName": PEOPLE[1], "members": [{"value": address}]}),
        client.post("/Bulk", json={"Operations": [{"method": "POST", "path": "/Users", "bulkId": "1", "data": user}]}),
        client.get("/Users", headers={"Authorization": f"Bearer {token[:-1]}"}),
        client.get("/Users", headers={"Authorization": "Basic " + b64encode(f"{address}:{token}".encode()).decode()}),
        client.get("/Users", headers={"Authorization": f"Bearer {address}"}),
        client.post(f"{origin}/oauth2/token", data={"grant_type": "client_credentials", "client_secret": token}),
        client.delete(path),
    ]
    return {answer.status_code for answer in answers}


def test_no_name_address_or_secret_is_in_the_log() -> None:
    with Service() as service:
        headers = {"Authorization": f"Bearer {service.secret_token}", "Content-Type": "application/scim+json"}
        with httpx.Client(base_url=service.tenant_url, headers=headers, timeout=120) as client:
            statuses = talk(client, service.secret_token, service.app.url)
        token = service.secret_token
        written = service.app.child.output() if service.app.child else ""

    assert statuses >= {200, 201, 204, 400, 401, 404, 409}
    assert 500 not in statuses
    assert written.count('"operation"') >= 16
    assert [each for each in (*PEOPLE, token, token[-20:], "contoso.example") if each in written] == []
    assert [each for each in (TOKEN, CLIENT_SECRET, JWT, r"[\w.+-]+@[\w-]+\.\w+") if re.search(each, written)] == []
