"""The shapes that Entra's requests come in: which one a job uses depends on its age, its flags and its application."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Dialect(BaseModel):
    """One way to write requests. The defaults are what a job without flags sends."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True, frozen=True)

    name: str = "legacy"
    # One operation per attribute; or attributes without a filter together in one operation without a path: all of
    # them ("map"), or those that are replaced ("replaceMap").
    patch: Literal["verbose", "map", "replaceMap"] = "verbose"
    op_case: Literal["Title", "lower"] = "Title"
    active: Literal["bool", "Title", "lower"] = "Title"  # false, "False" or "false" in PATCH
    manager: Literal["raw", "object", "list", "pathless"] = "raw"
    manager_clear: Literal["empty", "null", "remove", "object"] = "empty"  # "", null, Remove, {"value": ""}
    member_add: Literal["reference", "list", "single", "bare"] = "reference"
    member_remove: Literal["valueList", "filterPath"] = "valueList"
    roles: Literal["jsonString", "sameAsPost"] = "jsonString"
    filter_quote: Literal["quoted", "unquoted"] = "quoted"
    spaces: Literal["+", "%20"] = "+"
    second_group_schema: Literal["on", "off"] = "on"  # Microsoft's own URN beside the core one in POST /Groups
    external_id_matching: Literal["on", "off"] = "off"  # match by externalId after the mapped matching attributes

    @classmethod
    def named(cls, name: str, settings: Iterable[str] = ()) -> Self:
        """Return a dialect by name, with single switches set as "managerClear=null".

        Raise ValueError for a name or switch that does not exist.
        """
        if name not in DIALECTS:
            raise ValueError(f"no dialect is called {name}: there are {', '.join(DIALECTS)}")
        switches = dict(setting.partition("=")[::2] for setting in settings)
        return cls.model_validate({"name": name, **DIALECTS[name], **switches})


_FLAG = {
    "patch": "replaceMap",
    "opCase": "lower",
    "active": "bool",
    "memberAdd": "list",
    "memberRemove": "filterPath",
    "roles": "sameAsPost",
    "secondGroupSchema": "off",
}

DIALECTS: dict[str, dict[str, str]] = {
    "legacy": {},
    # "aadOptscim062020" in the Tenant URL.
    "optscim": _FLAG,
    # Gallery jobs with the setting PatchBodyFormat, and those without.
    "logicapp-verbose": {**_FLAG, "patch": "verbose"},
    "logicapp-nonverbose": {**_FLAG, "patch": "map"},
    "custom": {},
}

FLAG = "aadOptscim062020"
