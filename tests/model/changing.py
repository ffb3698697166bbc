"""Changing and deleting users and groups (RFC 7644 sections 3.5 and 3.6)."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.comparing import Comparing
from tests.model.documents import (
    EMAIL,
    EMAILS,
    NAME,
    NOBODY,
    OP,
    SIMPLE,
    TEXT,
    USER_PATCHES,
    becoming,
    in_order,
    operation,
    patch_op,
    setting,
    user,
)
from tests.model.reference import ENTERPRISE, Change, Refused, members_after, set_emails, set_inside


class Changing(Comparing):
    """PATCH, PUT and DELETE, with and without If-Match."""

    @rule(
        pick=st.integers(0, 30),
        client=st.integers(0, 1),
        match=st.booleans(),
        patches=st.lists(USER_PATCHES, min_size=1, max_size=3),
    )
    def patch_user(self, pick: int, client: int, match: bool, patches: list[tuple[dict[str, Any], Change]]) -> None:
        body, change = patch_op(*(written for written, _ in patches)), in_order(*(change for _, change in patches))
        self._change("PATCH", "User", pick, body, client if match else None, change)

    @rule(pick=st.integers(1, 3), primary=EMAIL.map(lambda email: email | {"primary": True}))
    def add_the_primary_email(self, pick: int, primary: dict[str, Any]) -> None:
        body = patch_op(operation("add", "emails", [primary]))
        self._change("PATCH", "User", pick, body, None, set_emails([primary], add=True))

    @rule(pick=st.integers(0, 30), path=st.sampled_from(["id", "groups", "meta.created"]))
    def patch_what_is_read_only(self, pick: int, path: str) -> None:
        def change(_: dict[str, Any]) -> None:
            raise Refused((400, "mutability"))

        self._change("PATCH", "User", pick, patch_op(operation("replace", path, "x")), None, change)

    @rule(
        pick=st.integers(0, 30),
        client=st.integers(0, 1),
        match=st.booleans(),
        op=st.sampled_from(["add", "replace", "remove", "Remove", "remove one"]),
        picks=st.lists(st.integers(0, 30), min_size=1, max_size=4),
        stranger=st.integers(0, 9),
    )
    def patch_members(self, pick: int, client: int, match: bool, op: str, picks: list[int], stranger: int) -> None:
        ids = self._ids(picks) + ([NOBODY] if stranger == 0 else [])
        if not ids:
            return
        if op == "remove one":
            ids = ids[:1]
            written = {"op": "remove", "path": f'members[value eq "{ids[0]}"]'}
        else:
            written = operation(op, "members", [{"value": id} for id in ids])
        members = members_after(op, set(ids))
        client = client if match else None
        self._change("PATCH", "Group", pick, patch_op(written), client, in_order(), members)

    @rule(pick=st.integers(0, 30), name=NAME, op=OP)
    def rename_group(self, pick: int, name: str, op: str) -> None:
        written, change = setting("displayName", op, name)
        self._change("PATCH", "Group", pick, patch_op(written), None, change)

    @rule(
        pick=st.integers(0, 30),
        client=st.integers(0, 1),
        match=st.booleans(),
        name=NAME,
        simple=st.dictionaries(st.sampled_from(SIMPLE), TEXT),
        emails=EMAILS,
    )
    def replace_user(self, pick: int, client: int, match: bool, name: str, simple: Any, emails: Any) -> None:
        body = user(name, simple, emails, {}, None)
        self._change("PUT", "User", pick, body, client if match else None, becoming(body))

    @rule(pick=st.integers(0, 30), name=NAME, picks=st.lists(st.integers(0, 30), max_size=4))
    def replace_group(self, pick: int, name: str, picks: list[int]) -> None:
        ids = self._ids(picks)
        body = {"displayName": name, "members": [{"value": id} for id in ids]}
        self._change("PUT", "Group", pick, body, None, becoming({"displayName": name}), lambda _: set(ids))

    @rule(pick=st.integers(0, 30), boss=st.integers(0, 30), op=OP)
    def give_a_manager(self, pick: int, boss: int, op: str) -> None:
        id = (self._ids([boss]) or [NOBODY])[0]
        change = set_inside(ENTERPRISE, "manager", {"value": id})
        self._change("PATCH", "User", pick, patch_op(operation(op, f"{ENTERPRISE}:manager", id)), None, change)

    def _change(
        self,
        method: str,
        type: str,
        pick: int,
        body: Any,
        client: int | None,
        change: Change,
        members: Callable[[set[str]], set[str]] | None = None,
    ) -> None:
        id = self._pick(type, pick)
        tag = self.tags[client].get(id) if client is not None else None
        said = self._call(method, f"/{type}s/{id}", body, headers={"If-Match": tag} if tag else None)
        try:
            resource = self.model.get(type, id, tag)
            self.model.change(resource, change, members)
        except Refused as refused:
            self._is_refused(said, refused)
            return
        if method == "PATCH" and type == "Group":
            assert said.status == 204, said
            assert said.body is None
            self._see(resource, said.headers["etag"], 0)
        else:
            assert said.status == 200, said
            self._is(resource, said)

    @rule(
        type=st.sampled_from(["User", "Group"]), pick=st.integers(0, 30), client=st.integers(0, 1), match=st.booleans()
    )
    def delete(self, type: str, pick: int, client: int, match: bool) -> None:
        id = self._pick(type, pick)
        tag = self.tags[client].get(id) if match else None
        said = self._call("DELETE", f"/{type}s/{id}", headers={"If-Match": tag} if tag else None)
        try:
            resource = self.model.get(type, id, tag)
        except Refused as refused:
            self._is_refused(said, refused)
            return
        assert said.status == 204, said
        self.model.remove(resource)
