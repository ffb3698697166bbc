"""One tenant and its reference, and how an answer is compared with what the reference says."""

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.model.documents import NOBODY
from tests.model.ports import Port, Said
from tests.model.reference import Reference, Refused, Resource


class Comparing(RuleBasedStateMachine):
    """A tenant, and two clients that each remember the entity-tags they saw last."""

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

    def _see(self, resource: Resource, tag: str, client: int) -> None:
        """An entity-tag changes with every change of the representation, and with nothing else."""
        change = (
            "has changed, but its version has not" if resource.etag is None else "has not changed, but its version has"
        )
        assert resource.can_have(tag), f"{resource.id} {change}"
        resource.see(tag)
        self.tags[client][resource.id] = tag

    def _is(self, resource: Resource, said: Said, client: int = 0) -> None:
        meta = said.body["meta"]
        assert meta["resourceType"] == resource.type
        assert meta["location"] == f"{self.port.base_url}/{resource.type}s/{resource.id}"
        assert meta["created"] <= meta["lastModified"]
        assert meta["version"] == said.headers["etag"]
        assert without_meta(said.body) == even(self.model.shown(resource))
        self._see(resource, meta["version"], client)

    def _is_refused(self, said: Said, refused: Refused) -> None:
        assert refused.allows(said.status, said.body), f"{said} instead of {refused}"
        assert said.body["status"] == str(said.status)

    def _everything(self) -> list[dict[str, Any]]:
        """Read all users and groups."""
        said = [self._call("GET", f"/{kind}s", query={"count": 1000}) for kind in ("User", "Group")]
        return [resource for each in said for resource in each.body["Resources"]]

    def _expected(self) -> list[dict[str, Any]]:
        """Return what reading all users and groups should answer, less `meta`."""
        return [even(self.model.shown(each)) for kind in ("User", "Group") for each in self.model.of(kind)]

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every tenth time, compare everything."""
        if hasattr(self, "port") and type(self).requests % 10 == 0:
            assert [without_meta(each) for each in self._everything()] == self._expected()


def without_meta(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a representation in the form in which it is compared."""
    return even({name: value for name, value in resource.items() if name != "meta"})


def even(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a representation without `"primary": false`, which says no more than its absence."""
    if "emails" not in resource:
        return resource
    emails = [{n: v for n, v in email.items() if (n, v) != ("primary", False)} for email in resource["emails"]]
    return resource | {"emails": emails}
