"""Creating users and groups (RFC 7644 section 3.3)."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.comparing import Comparing
from tests.model.documents import EMAIL, NAME, NOBODY, SIMPLE, TEXT, kept, user
from tests.model.reference import Refused


class Creating(Comparing):
    """POST."""

    @rule(
        name=NAME,
        simple=st.dictionaries(st.sampled_from(SIMPLE), TEXT, max_size=2),
        emails=st.lists(EMAIL, max_size=2),
        extension=st.dictionaries(st.sampled_from(["department", "employeeNumber"]), TEXT, max_size=1),
        active=st.none() | st.booleans(),
    )
    def create_user(self, name: str, simple: Any, emails: Any, extension: Any, active: bool | None) -> None:
        self._create("User", user(name, simple, emails, extension, active), ())

    @rule(name=NAME, picks=st.lists(st.integers(0, 30), max_size=3), stranger=st.integers(0, 9))
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
            self.model.check_new(type, kept(document), members)
        except Refused as refused:
            self._is_refused(said, refused)
            return
        assert said.status == 201, said
        id = said.body["id"]
        assert id not in self.model.resources
        assert said.headers["location"] == f"{self.port.base_url}/{type}s/{id}"
        self.model.add(id, type, kept(document), set(members))
        self._is(self.model.get(type, id), said)
