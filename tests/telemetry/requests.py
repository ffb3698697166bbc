"""Requests of many kinds, and what must be told of each."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True, slots=True)
class Case:
    """A request below the Tenant URL, how it is answered, and the storage calls it makes, each with its status.

    {id} and {taken} stand for the id and the userName of a user who is there, {new} for what is nowhere yet.
    """

    rule: str
    method: str
    path: str
    operation: str
    status: int
    body: dict[str, Any] | None = None
    scim_type: str | None = None
    storage: list[tuple[str, str | None]] = field(default_factory=list)
    tenant: str | None = "demo"
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, client: httpx.Client, **headers: str) -> httpx.Response:
        """Make the user, and send the request."""
        names = {"{taken}": _new_name(), "{new}": _new_name()}
        names["{id}"] = client.post("/Users", json={"userName": names["{taken}"]}).json()["id"]
        path, body = _filled(self.path, names), _filled(json.dumps(self.body), names) if self.body else None
        return client.request(self.method, path, content=body, headers=self.headers | headers)


def _new_name() -> str:
    return f"{secrets.token_hex(6)}@contoso.example"


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


NEW, TAKEN = {"userName": "{new}", "displayName": "Ana Quetzal"}, {"userName": "{taken}"}
RENAME = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "displayName", "value": "Wintergreen"}]}
MISS = "/Users?filter=userName%20eq%20%22{new}%22"
LOOK = [("get directory", "404"), ("query directory", None)]
REFUSED = [("commit directory", "409"), ("get directory", None)]
CHANGE = [("commit directory", None), ("get directory", None), ("query directory", None)]
STRANGER = {"Authorization": "Bearer nonsense"}

CASES = [
    Case("a user is created", "POST", "/Users", "users_create", 201, NEW, storage=[("commit directory", None)]),
    Case("a name is taken", "POST", "/Users", "users_create", 409, TAKEN, "uniqueness", REFUSED),
    Case("nobody is found", "GET", MISS, "users_list", 200, storage=LOOK),
    Case("a user is changed", "PATCH", "/Users/{id}", "users_patch", 200, RENAME, storage=CHANGE),
    Case("a user is not there", "GET", "/Users/nobody", "users_read", 404),
    Case("a user is deleted", "DELETE", "/Users/{id}", "users_delete", 204, storage=CHANGE),
    Case("a filter is wrong", "GET", "/Users?filter=wrong", "users_list", 400, scim_type="invalidFilter"),
    Case("a body is wrong", "POST", "/Users", "users_create", 400, {"userName": [1]}, "invalidValue"),
    Case("nothing is there", "GET", "/Nothing", "zz_unmatched", 404),
    Case("a method is not allowed", "PUT", "/Users", "zz_unmatched", 405, {}),
    Case("a method is not one of HTTP's", "PROPFIND", "/Users", "zz_unmatched", 405),
    Case("nobody is let in", "GET", "/Users", "users_list", 401, tenant=None, headers=STRANGER),
]
