"""Many clients at once, each on a connection of its own: no update is lost, one of many rivals wins."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.http.client import Client


def at_once(client, calls):
    """Send all the calls (method, path, body, headers) in the same moment and return the answers in their order."""
    start = Barrier(len(calls))

    def send(call):
        method, path, body, headers = call
        with Client(client.tenant_url, client.secret_token) as own:
            own.get("/ServiceProviderConfig")  # connected and authenticated before the start
            start.wait()
            return own.call(method, path, body, headers=headers)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(send, calls))


def patch(op, path, value):
    return {"Operations": [{"op": op, "path": path, "value": value}]}


def test_32_clients_that_add_different_members_lose_none(client):
    users = [client.post("/Users", {"userName": f"member-{number}"})["id"] for number in range(32)]
    group = f"/Groups/{client.post('/Groups', {'displayName': 'Crowd'})['id']}"
    answers = at_once(client, [("PATCH", group, patch("Add", "members", [{"value": id}]), None) for id in users])
    assert [answer.status for answer in answers] == [204] * 32
    assert {member["value"] for member in client.get(group)["members"]} == set(users)
    assert all(len(client.get(f"/Users/{id}")["groups"]) == 1 for id in users)


def test_16_clients_that_change_different_attributes_of_a_user_lose_none(client):
    names = ["displayName", "nickName", "title", "userType", "locale", "timezone", "externalId", "profileUrl"]
    names += ["name.givenName", "name.familyName", "name.middleName", "name.formatted", "preferredLanguage"]
    names += ['emails[type eq "work"].value', 'emails[type eq "home"].value', 'phoneNumbers[type eq "mobile"].value']
    user = f"/Users/{client.post('/Users', {'userName': 'contended'})['id']}"
    answers = at_once(client, [("PATCH", user, patch("Replace", name, f"v {name}"), None) for name in names])
    assert [answer.status for answer in answers] == [200] * 16
    after = client.get(user)
    held = [*after.values(), *after["name"].values(), *(each["value"] for each in after["emails"])]
    held.append(after["phoneNumbers"][0]["value"])
    assert [name for name in names if f"v {name}" not in held] == []


def test_of_8_creations_of_one_name_one_succeeds(client):
    calls = [("POST", "/Users", {"userName": "One@contoso.example", "title": str(number)}, None) for number in range(8)]
    answers = at_once(client, calls)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert {answer.body["scimType"] for answer in answers if answer.status == 409} == {"uniqueness"}
    winner = next(answer.body for answer in answers if answer.status == 201)
    assert client.get("/Users")["Resources"] == [winner]


def test_of_8_changes_of_one_version_one_succeeds(client):
    made = client.post("/Users", {"userName": "versioned"})
    path, headers = f"/Users/{made['id']}", {"If-Match": made["meta"]["version"]}
    calls = [("PATCH", path, patch("Replace", "title", f"title {number}"), headers) for number in range(8)]
    answers = at_once(client, calls)
    assert sorted(answer.status for answer in answers) == [200] + [412] * 7
    winner = next(answer.body for answer in answers if answer.status == 200)
    assert client.get(path) == winner


def test_of_8_renamings_to_one_name_one_succeeds(client):
    groups = [client.post("/Groups", {"displayName": f"Group {number}"})["id"] for number in range(8)]
    calls = [("PATCH", f"/Groups/{id}", patch("Replace", "displayName", "Wanted"), None) for id in groups]
    assert sorted(answer.status for answer in at_once(client, calls)) == [204] + [409] * 7
    assert client.get("/Groups", "filter=displayName+eq+%22wanted%22")["totalResults"] == 1


def test_of_8_deletions_one_succeeds_and_the_rest_find_nothing(client):
    user = client.post("/Users", {"userName": "doomed"})["id"]
    group = client.post("/Groups", {"displayName": "Left behind", "members": [{"value": user}]})["id"]
    answers = at_once(client, [("DELETE", f"/Users/{user}", None, None)] * 8)
    assert sorted(answer.status for answer in answers) == [204] + [404] * 7
    assert "members" not in client.get(f"/Groups/{group}")


def test_a_user_deleted_while_being_added_is_in_no_group(client):
    users = [client.post("/Users", {"userName": f"fleeting-{number}"})["id"] for number in range(8)]
    group = f"/Groups/{client.post('/Groups', {'displayName': 'Fleeting'})['id']}"
    adding = [("PATCH", group, patch("Add", "members", [{"value": id}]), None) for id in users]
    deleting = [("DELETE", f"/Users/{id}", None, None) for id in users]
    answers = at_once(client, adding + deleting)
    assert {answer.status for answer in answers[:8]} <= {204, 400}
    assert [answer.status for answer in answers[8:]] == [204] * 8
    assert "members" not in client.get(group)
