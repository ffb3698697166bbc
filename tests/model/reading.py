"""Reading and searching (RFC 7644 section 3.4)."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.comparing import Comparing, even, without_meta
from tests.model.documents import NAME
from tests.model.questions import questions, quoted
from tests.model.reference import Refused, same_text

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


class Reading(Comparing):
    """GET and POST /.search."""

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
        assert [without_meta(each) for each in said.body["Resources"]] == [even(each) for each in expected[:count]], (
            text
        )

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

    @rule(name=NAME)
    def look_up(self, name: str) -> None:
        said = self._call("GET", "/Users", query={"filter": f"userName eq {quoted(name)}"})
        wanted = [each for each in self.model.of("User") if same_text(each.document["userName"]) == same_text(name)]
        assert [each["id"] for each in said.body["Resources"]] == [each.id for each in wanted]
