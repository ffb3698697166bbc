"""Random sequences of requests, each answer compared with what the reference says."""

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.model.ports import Port, Said
from tests.model.questions import NAMES, WORDS, questions, quoted
from tests.model.reference import (
    ENTERPRISE,
    Change,
    Reference,
    Refused,
    Resource,
    remove_emails,
    same_text,
    set_email_value,
    set_emails,
    set_inside,
    set_simple,
)

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
NOBODY = "01890000-0000-7000-8000-000000000000"
_SIMPLE = ("displayName", "externalId", "title", "nickName")
_EMAIL = st.fixed_dictionaries(
    {"value": st.sampled_from(["a@x", "A@x", "b@x"]), "type": st.sampled_from(["work", "home"])},
    optional={"primary": st.booleans()},
)
_EMAILS = st.lists(_EMAIL, max_size=2).filter(lambda emails: sum(e.get("primary", False) for e in emails) < 2)
_text = st.sampled_from(WORDS)
_name = st.sampled_from(NAMES)
_op = st.sampled_from(["add", "Add", "replace", "Replace"])


def _operation(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}


def _set(name: str, op: str, value: Any) -> tuple[dict[str, Any], Change]:
    return _operation(op, name, value), set_simple(name, value)


_USER_PATCHES = st.one_of(
    st.builds(_set, st.sampled_from(_SIMPLE), _op, _text | st.just("")),
    st.builds(_set, st.just("userName"), _op, _name),
    st.builds(lambda v: (_operation("replace", "active", v), set_simple("active", v)), st.booleans()),
    st.builds(lambda v: (_operation("Replace", "active", str(v)), set_simple("active", v)), st.booleans()),
    st.builds(lambda v: ({"op": "replace", "value": {"title": v}}, set_simple("title", v)), _text),
    st.builds(lambda n: ({"op": "remove", "path": n}, set_simple(n, None)), st.sampled_from([*_SIMPLE, "active"])),
    st.builds(lambda op, v: (_operation(op, "name.givenName", v), set_inside("name", "givenName", v)), _op, _text),
    st.just(({"op": "Remove", "path": "name.givenName"}, set_inside("name", "givenName", None))),
    st.builds(
        lambda op, v: (_operation(op, f"{ENTERPRISE}:department", v), set_inside(ENTERPRISE, "department", v)),
        _op,
        _text | st.just(""),
    ),
    st.builds(
        lambda v: (_operation("add", "emails", v), set_emails(v, add=True)), st.lists(_EMAIL, min_size=1, max_size=3)
    ),
    st.builds(lambda v: (_operation("replace", "emails", v), set_emails(v, add=False)), st.lists(_EMAIL, max_size=3)),
    st.builds(
        lambda op, t, v: (_operation(op, f'emails[type eq "{t}"].value', v), set_email_value(t, v)),
        _op,
        st.sampled_from(["work", "home"]),
        st.sampled_from(["a@x", "c@x"]),
    ),
    st.builds(
        lambda t, sub: ({"op": "remove", "path": f'emails[type eq "{t}"]{sub}'}, remove_emails(t)),
        st.sampled_from(["work", "home"]),
        st.sampled_from(["", ".value"]),
    ),
)


class Machine(RuleBasedStateMachine):
    """One tenant, two clients that each remember the entity-tags they saw last."""

    open: ClassVar[Callable[[], Port]]
    requests: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        self.port = type(self).open()
        self.model = Reference(self.port.base_url)
        self.tags: tuple[dict[str, str], dict[str, str]] = ({}, {})

    def teardown(self) -> None:
        if hasattr(self, "port"):
            self.port.close()

    # Creating

    @rule(
        name=_name,
        simple=st.dictionaries(st.sampled_from(_SIMPLE), _text, max_size=2),
        emails=st.lists(_EMAIL, max_size=2),
        extension=st.dictionaries(st.sampled_from(["department", "employeeNumber"]), _text, max_size=1),
        active=st.none() | st.booleans(),
    )
    def create_user(self, name: str, simple: Any, emails: Any, extension: Any, active: bool | None) -> None:
        self._create("User", _user(name, simple, emails, extension, active), ())

    @rule(name=_name, picks=st.lists(st.integers(0, 30), max_size=3), stranger=st.integers(0, 9))
    def create_group(self, name: str, picks: list[int], stranger: int) -> None:
        members = self._ids(picks) + ([NOBODY] if stranger == 0 else [])
        self._create("Group", {"displayName": name}, members)

    @rule()
    def create_without_a_name(self) -> None:
        self._create("User", {"title": "x"}, ())

    def _create(self, type: str, document: dict[str, Any], members: Any) -> None:
        body = document | ({"members": [{"value": member} for member in members]} if members else {})
        said = self._call("POST", f"/{type}s", body)
        try:
            self.model.check_new(type, _kept(document), members)
        except Refused as refused:
            self._is_refused(said, refused)
            return
        assert said.status == 201, said
        id = said.body["id"]
        assert id not in self.model.resources
        assert said.headers["location"] == f"{self.port.base_url}/{type}s/{id}"
        self.model.add(id, type, _kept(document), set(members))
        self._is(self.model.get(type, id), said)

    # Changing

    @rule(
        pick=st.integers(0, 30),
        client=st.integers(0, 1),
        match=st.booleans(),
        patches=st.lists(_USER_PATCHES, min_size=1, max_size=3),
    )
    def patch_user(self, pick: int, client: int, match: bool, patches: list[tuple[dict[str, Any], Change]]) -> None:
        def change(document: dict[str, Any]) -> None:
            for _, each in patches:
                each(document)

        body = {"schemas": [PATCH_OP], "Operations": [operation for operation, _ in patches]}
        self._change("PATCH", "User", pick, body, client if match else None, change)

    @rule(pick=st.integers(1, 3), primary=_EMAIL.map(lambda email: email | {"primary": True}))
    def add_the_primary_email(self, pick: int, primary: dict[str, Any]) -> None:
        body = {"schemas": [PATCH_OP], "Operations": [_operation("add", "emails", [primary])]}
        self._change("PATCH", "User", pick, body, None, set_emails([primary], add=True))

    @rule(pick=st.integers(0, 30), path=st.sampled_from(["id", "groups", "meta.created"]))
    def patch_what_is_read_only(self, pick: int, path: str) -> None:
        def change(_: dict[str, Any]) -> None:
            raise Refused((400, "mutability"))

        body = {"schemas": [PATCH_OP], "Operations": [_operation("replace", path, "x")]}
        self._change("PATCH", "User", pick, body, None, change)

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
            operation = {"op": "remove", "path": f'members[value eq "{ids[0]}"]'}
        else:
            operation = _operation(op, "members", [{"value": id} for id in ids])
        meanings: dict[str, Callable[[set[str]], set[str]]] = {
            "add": lambda held: held | set(ids),
            "replace": lambda _: set(ids),
        }
        members = meanings.get(op, lambda held: held - set(ids))
        body = {"schemas": [PATCH_OP], "Operations": [operation]}
        self._change("PATCH", "Group", pick, body, client if match else None, _nothing, members)

    @rule(pick=st.integers(0, 30), name=_name, op=_op)
    def rename_group(self, pick: int, name: str, op: str) -> None:
        operation, change = _set("displayName", op, name)
        self._change("PATCH", "Group", pick, {"schemas": [PATCH_OP], "Operations": [operation]}, None, change)

    @rule(
        pick=st.integers(0, 30),
        client=st.integers(0, 1),
        match=st.booleans(),
        name=_name,
        simple=st.dictionaries(st.sampled_from(_SIMPLE), _text),
        emails=_EMAILS,
    )
    def replace_user(self, pick: int, client: int, match: bool, name: str, simple: Any, emails: Any) -> None:
        body = _user(name, simple, emails, {}, None)
        self._change("PUT", "User", pick, body, client if match else None, _becoming(body))

    @rule(pick=st.integers(0, 30), name=_name, picks=st.lists(st.integers(0, 30), max_size=4))
    def replace_group(self, pick: int, name: str, picks: list[int]) -> None:
        ids = self._ids(picks)
        body = {"displayName": name, "members": [{"value": id} for id in ids]}
        self._change("PUT", "Group", pick, body, None, _becoming({"displayName": name}), lambda _: set(ids))

    @rule(pick=st.integers(0, 30), boss=st.integers(0, 30), op=_op)
    def give_a_manager(self, pick: int, boss: int, op: str) -> None:
        id = (self._ids([boss]) or [NOBODY])[0]
        change = set_inside(ENTERPRISE, "manager", {"value": id})
        body = {"schemas": [PATCH_OP], "Operations": [_operation(op, f"{ENTERPRISE}:manager", id)]}
        self._change("PATCH", "User", pick, body, None, change)

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
            resource = self.model.get(type, id)
            self._check_tag(resource, tag)
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
            resource = self.model.get(type, id)
            self._check_tag(resource, tag)
        except Refused as refused:
            self._is_refused(said, refused)
            return
        assert said.status == 204, said
        self.model.remove(resource)

    # Reading

    @rule(
        type=st.sampled_from(["User", "Group"]), pick=st.integers(0, 30), client=st.integers(0, 1), known=st.booleans()
    )
    def read(self, type: str, pick: int, client: int, known: bool) -> None:
        id = self._pick(type, pick)
        tag = self.tags[client].get(id) if known else None
        said = self._call("GET", f"/{type}s/{id}", headers={"If-None-Match": tag} if tag else None)
        try:
            resource = self.model.get(type, id)
        except Refused as refused:
            self._is_refused(said, refused)
            return
        if tag and resource.etag == tag:
            assert said.status == 304, said
            return
        if said.status == 304:
            assert resource.etag is None, "304 for a version that is not the present one"
            raise AssertionError(f"304, but the resource has changed since {tag}")
        assert said.status == 200, said
        self._is(resource, said, client)

    @rule(
        pick=st.integers(0, 30),
        names=st.lists(st.sampled_from(["displayName", "members", "meta"]), min_size=1, unique=True),
    )
    def read_without(self, pick: int, names: list[str]) -> None:
        id = self._pick("Group", pick)
        said = self._call("GET", f"/Groups/{id}", query={"excludedAttributes": ",".join(names)})
        if id in self.model.resources:
            shown = self.model.shown(self.model.resources[id])
            body = {name: value for name, value in said.body.items() if name != "meta"}
            assert ("meta" in said.body) == ("meta" not in names)
            assert body == {name: value for name, value in shown.items() if name not in names}

    @rule(type=st.sampled_from(["User", "Group"]), data=st.data(), count=st.integers(0, 4), post=st.booleans())
    def search(self, type: str, data: Any, count: int, post: bool) -> None:
        text, holds = data.draw(questions(self._ids(range(4))))
        expected = [shown for each in self.model.of(type) if holds(shown := self.model.shown(each))]
        asked = {"filter": text, "count": count}
        if post:
            said = self._call("POST", f"/{type}s/.search", asked | {"schemas": [SEARCH]})
        else:
            said = self._call("GET", f"/{type}s", query=asked)
        assert said.status == 200, (text, said)
        assert said.body["totalResults"] == len(expected), text
        assert [_body(each) for each in said.body["Resources"]] == [_even(each) for each in expected[:count]], text

    @rule(
        type=st.sampled_from(["User", "Group"]),
        size=st.integers(1, 5),
        by=st.sampled_from([None, "displayName", "externalId", "meta.created"]),
        descending=st.booleans(),
        cursor=st.booleans(),
    )
    def walk(self, type: str, size: int, by: str | None, descending: bool, cursor: bool) -> None:
        expected = self._sorted(type, by, descending)
        asked: dict[str, Any] = {"count": size}
        if by:
            asked |= {"sortBy": by, "sortOrder": "descending" if descending else "ascending"}
        found: list[Any] = []
        place: dict[str, Any] = {"cursor": ""} if cursor else {"startIndex": 1}
        while place:
            page = self._call("POST", f"/{type}s/.search", asked | place | {"schemas": [SEARCH]}).body
            assert page["totalResults"] == len(expected)
            assert page["itemsPerPage"] == len(page["Resources"]) == min(size, len(expected) - len(found))
            found += page["Resources"]
            if cursor:
                place = {"cursor": page["nextCursor"]} if "nextCursor" in page else {}
            else:
                place = {"startIndex": len(found) + 1} if len(found) < len(expected) else {}
        assert [each["id"] for each in found] == expected

    def _sorted(self, type: str, by: str | None, descending: bool) -> list[str]:
        held = [self.model.shown(each) for each in self.model.of(type)]
        if by in ("displayName", "externalId"):
            held.sort(key=lambda r: (by not in r, same_text(r.get(by, ""))), reverse=False)
            if descending:
                held.sort(key=lambda r: (by not in r, same_text(r.get(by, "")), r["id"]), reverse=True)
        elif by and descending:
            held.reverse()
        return [each["id"] for each in held]

    @rule(text=st.sampled_from(["userName eq", 'userName xx "a"', "(", 'emails[type eq "work"', "active gt true"]))
    def search_wrongly(self, text: str) -> None:
        self._is_refused(self._call("GET", "/Users", query={"filter": text}), Refused((400, "invalidFilter")))

    @rule(name=_name)
    def look_up(self, name: str) -> None:
        said = self._call("GET", "/Users", query={"filter": f"userName eq {quoted(name)}"})
        wanted = [each for each in self.model.of("User") if same_text(each.document["userName"]) == same_text(name)]
        assert [each["id"] for each in said.body["Resources"]] == [each.id for each in wanted]

    # Comparing

    def _call(self, *arguments: Any, **options: Any) -> Said:
        type(self).requests += 1
        return self.port.call(*arguments, **options)

    def _ids(self, picks: Any) -> list[str]:
        held = sorted(self.model.resources)
        return list(dict.fromkeys(held[pick % len(held)] for pick in picks)) if held else []

    def _pick(self, type: str, pick: int) -> str:
        """Choose a resource of the type, or now and then one that is not there."""
        held = [each.id for each in self.model.of(type)]
        return held[pick % len(held)] if held and pick else NOBODY

    def _check_tag(self, resource: Resource, tag: str | None) -> None:
        if tag is not None and tag != resource.etag:
            raise Refused((412, None))

    def _see(self, resource: Resource, tag: str, client: int) -> None:
        """An entity-tag changes with every change of the representation, and with nothing else."""
        if resource.etag is None:
            assert tag not in resource.etags, f"{resource.id} has changed, but its version has not"
        else:
            assert tag == resource.etag, f"{resource.id} has not changed, but its version has"
        resource.etag = tag
        resource.etags.add(tag)
        self.tags[client][resource.id] = tag

    def _is(self, resource: Resource, said: Said, client: int = 0) -> None:
        meta = said.body["meta"]
        assert meta["resourceType"] == resource.type
        assert meta["location"] == f"{self.port.base_url}/{resource.type}s/{resource.id}"
        assert meta["created"] <= meta["lastModified"]
        assert meta["version"] == said.headers["etag"]
        assert _body(said.body) == _even(self.model.shown(resource))
        self._see(resource, meta["version"], client)

    def _is_refused(self, said: Said, refused: Refused) -> None:
        scim_type = (said.body or {}).get("scimType")
        told = [status for status, wanted in refused.reasons if wanted in (None, scim_type)]
        assert said.status in told, f"{said} instead of {refused}"
        assert said.body["status"] == str(said.status)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every tenth time, compare everything."""
        if not hasattr(self, "port") or type(self).requests % 10:
            return
        for kind in ("User", "Group"):
            said = self._call("GET", f"/{kind}s", query={"count": 1000})
            shown = [_even(self.model.shown(each)) for each in self.model.of(kind)]
            assert [_body(each) for each in said.body["Resources"]] == shown


def _nothing(_: dict[str, Any]) -> None:
    """Leave the document as it is."""


def _becoming(body: dict[str, Any]) -> Change:
    def change(document: dict[str, Any]) -> None:
        document.clear()
        document.update(_kept(body))

    return change


def _user(name: str, simple: Any, emails: Any, extension: Any, active: bool | None) -> dict[str, Any]:
    document: dict[str, Any] = {"userName": name, **simple}
    if emails:
        document["emails"] = emails
    if extension:
        document[ENTERPRISE] = extension
    return document if active is None else document | {"active": active}


def _kept(document: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a body: each e-mail once."""
    kept = dict(document)
    if "emails" in kept:
        set_emails(kept.pop("emails"), add=False)(kept)
    return kept


def _body(resource: dict[str, Any]) -> dict[str, Any]:
    return _even({name: value for name, value in resource.items() if name != "meta"})


def _even(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a representation without `"primary": false`, which says no more than its absence."""
    if "emails" not in resource:
        return resource
    emails = [{n: v for n, v in email.items() if (n, v) != ("primary", False)} for email in resource["emails"]]
    return resource | {"emails": emails}
