"""The algorithms of Microsoft's gallery validation: over every attribute that /Schemas publishes, and in pages."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.http import gallery
from tests.http.client import Client

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# The attributes that Entra's default mappings write to.
USER_TARGETS = [
    *("id", "userName", "active", "displayName", "title", "externalId", "preferredLanguage", "userType", "nickName"),
    *("locale", "timezone", "profileUrl", "name.givenName", "name.familyName", "name.formatted", "name.middleName"),
    *("name.honorificPrefix", "name.honorificSuffix", 'emails[type eq "work"].value', 'emails[type eq "other"].value'),
    *(f'phoneNumbers[type eq "{each}"].value' for each in ("work", "mobile", "fax")),
    *(f'addresses[type eq "work"].{each}' for each in ("formatted", "streetAddress", "locality", "region")),
    *('addresses[type eq "work"].postalCode', 'addresses[type eq "work"].country'),
    'addresses[type eq "other"].formatted',
    *(f'roles[primary eq "True"].{each}' for each in ("value", "display", "type")),
    *(f"{ENTERPRISE}:{each}" for each in ("employeeNumber", "department", "costCenter", "organization", "division")),
    f"{ENTERPRISE}:manager",
]
GROUP_TARGETS = ["displayName", "externalId", "members"]


def schemas(client, resource_type):
    core = f"{CORE}{resource_type}"
    every = client.get("/Schemas")["Resources"]
    ours = [each for each in every if each["id"] == core]
    return ours + [each for each in every if each["id"].endswith(f":{resource_type}") and each["id"] != core]


def create(client, resource_type, values):
    made = client.post(f"/{resource_type}s", {"schemas": [f"{CORE}{resource_type}"], **values})
    return f"/{resource_type}s/{made['id']}"


def fresh(paths, keep=()):
    """Return a value of its own for each path: never formatted as the attribute's name would have it."""
    return {
        path: True if attribute["type"] == "boolean" else f"upd-{secrets.token_hex(4)}"
        for path, attribute in paths.items()
        if path not in keep
    }


@pytest.mark.parametrize(("resource_type", "targets"), [("User", USER_TARGETS), ("Group", GROUP_TARGETS)])
def test_schemas_publish_every_attribute_that_entra_maps(client, resource_type, targets):
    published = schemas(client, resource_type)
    paths = {path.lower() for each in published for path, _ in gallery.paths(each, extension=each is not published[0])}
    assert {target.lower() for target in targets} - paths - {"id"} == set()


def test_schemas_have_none_of_what_the_schema_readers_refuse(client):
    for schema in client.get("/Schemas")["Resources"]:
        for attribute in schema["attributes"]:
            parts = [attribute, *attribute.get("subAttributes", [])]
            assert all(part["returned"] != "never" and part.get("description") for part in parts)
            subs = {sub["name"] for sub in attribute.get("subAttributes", [])}
            assert attribute["name"] != "password"
            assert attribute["name"] != "emails" or not subs & {"display", "primary"}
            assert {"name", "type", "multiValued", "required", "mutability", "returned"} <= attribute.keys()


@pytest.mark.parametrize("verbose", [True, False], ids=["verbose", "non-verbose"])
def test_every_attribute_of_a_user_is_updated_and_read_back(client, verbose):
    values = fresh(gallery.writable(schemas(client, "User")), keep={"active"})
    path = create(client, "User", {"userName": "scupd@fabrikam.example", "active": True})
    assert len(values) > 50
    assert client.call("PATCH", path, gallery.operations(values, verbose=verbose)).status == 200
    after = client.get(path)
    for name, value in values.items():
        read = gallery.found(after, name)
        assert value in read if "[" in name else value == read, name


@pytest.mark.parametrize("verbose", [True, False], ids=["verbose", "non-verbose"])
@pytest.mark.parametrize("empty", ["", None], ids=["empty", "null"])
def test_every_attribute_of_a_user_can_be_cleared(client, empty, verbose):
    published = schemas(client, "User")
    keep = {"userName", "active", "externalId", *(path for path in gallery.writable(published) if "roles" in path)}
    values = fresh(gallery.writable(published), keep)
    path = create(client, "User", {"userName": "scnull@fabrikam.example", "active": True})
    assert client.call("PATCH", path, gallery.operations(values, verbose=True)).status == 200
    assert all(value in gallery.found(client.get(path), name) for name, value in values.items())
    cleared = gallery.operations(dict.fromkeys(values, empty), verbose=verbose)
    assert client.call("PATCH", path, cleared).status == 200
    after = client.get(path)
    for name in values:
        assert gallery.found(after, name) in (None, "[]"), name
    assert after["userName"] == "scnull@fabrikam.example"


@pytest.mark.parametrize("verbose", [True, False], ids=["verbose", "non-verbose"])
def test_every_attribute_of_a_group_is_updated_and_read_back(client, verbose):
    values = fresh(gallery.writable(schemas(client, "Group")))
    path = create(client, "Group", {"displayName": "LASCDirectGroup-0a1b2c3d"})
    assert values.keys() == {"displayName", "externalId"}
    assert client.call("PATCH", path, gallery.operations(values, verbose=verbose)).status == 204
    assert {name: client.get(path)[name] for name in values} == values


@pytest.mark.parametrize(("path", "name"), [("/Users", "userName"), ("/Groups", "displayName")])
def test_pages_of_five_are_full_while_others_create(client, path, name):
    def make(number):
        with Client(client.tenant_url, client.secret_token) as own:
            return own.post(path, {name: f"pag{number:02d}-{secrets.token_hex(4)}"})["id"]

    with ThreadPoolExecutor(5) as pool:
        made = set(pool.map(make, range(11)))
        later = [pool.submit(make, number) for number in range(11, 17)]
        read, start, total = [], 1, 1
        while start <= total:
            page = client.get(path, f"startIndex={start}&count=5")
            assert page["startIndex"] == start
            assert page["itemsPerPage"] == 5 or start + 5 > page["totalResults"]
            read += [each["id"] for each in page["Resources"]]
            start, total = start + len(page["Resources"]), page["totalResults"]
        made |= {each.result() for each in later}
    assert len(read) == len(set(read))
    assert len(read) >= 11
    assert set(read) <= made
