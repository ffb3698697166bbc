"""The messages of a query: what is asked for (SearchRequest) and what is answered (ListResponse).

A query comes as URL parameters or as the body of POST /.search, with the same names and the same rules (RFC 7644
sections 3.4.2 and 3.4.3, RFC 9865).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from scim.errors import InvalidCount, InvalidSyntax, InvalidValue
from scim.limits import DEFAULT_COUNT, MAX_COUNT

SEARCH_REQUEST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST_RESPONSE_URN: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*")
_MOST = 2**53 - 1  # the largest integer that every JSON parser reads exactly


def _text(value: Any, info: ValidationInfo) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"{_wire_name(info)} must be a string")
    return value


def _names(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InvalidValue(f"{_wire_name(info)} must be a list of attribute names")
    return tuple(name.strip() for name in names if name.strip())


def _integer(value: Any, info: ValidationInfo) -> int:
    """Read an integer of any length; the far ends are as good as the largest and smallest that are exact."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        digits = value.strip()
        value = int(digits) if len(digits) <= len(str(_MOST)) else -_MOST if digits[0] == "-" else _MOST
    if not isinstance(value, int) or isinstance(value, bool):
        # RFC 9865 section 2.1 has an error of its own for the page size of a walk by cursor.
        refused = InvalidCount if info.data.get("cursor") is not None else InvalidValue
        raise refused(f"{_wire_name(info)} must be an integer")
    return max(-_MOST, min(value, _MOST))


def _wire_name(info: ValidationInfo) -> str:
    name = info.field_name or ""
    return SearchRequest.model_fields[name].alias or name


_Text = Annotated[str, BeforeValidator(_text)]
_Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
_Integer = Annotated[int, BeforeValidator(_integer)]


class SearchRequest(BaseModel):
    """What a query asks for. Names are read whatever their case, unknown ones ignored; null is unassigned.

    `start_index` and `cursor` are None where the client named no method of pagination; the method is then by index.
    `cursor` is "" for the first page.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    attributes: _Names = ()
    excluded_attributes: _Names = Field((), alias="excludedAttributes")
    filter: _Text | None = None
    sort_by: _Text | None = Field(None, alias="sortBy")
    sort_order: Literal["ascending", "descending"] = Field("ascending", alias="sortOrder")
    start_index: _Integer | None = Field(None, alias="startIndex")
    cursor: _Text | None = None
    count: _Integer = DEFAULT_COUNT

    @field_validator("sort_order", mode="before")
    @classmethod
    def _known_order(cls, value: Any) -> str:
        order = value.lower() if isinstance(value, str) else ""
        if order not in ("ascending", "descending"):
            raise InvalidValue("sortOrder must be 'ascending' or 'descending'")
        return order

    @field_validator("start_index")
    @classmethod
    def _from_one(cls, value: int | None) -> int | None:
        return None if value is None else max(value, 1)

    @field_validator("count")
    @classmethod
    def _within_bounds(cls, value: int) -> int:
        """A negative count SHALL be interpreted as 0; the service provider bounds the other end."""
        return max(0, min(value, MAX_COUNT))

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "SearchRequest":
        """Read URL parameters. Raises InvalidValue naming the parameter, InvalidCount (RFC 9865 section 2.1)."""
        return cls._read(query)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "SearchRequest":
        """Read the body of POST /.search. Raises InvalidSyntax if it is no SearchRequest, else as `from_query`."""
        lowered = {name.lower(): value for name, value in body.items()}
        schemas = lowered.get("schemas")
        urns = [each.lower() for each in schemas if isinstance(each, str)] if isinstance(schemas, list) else []
        if SEARCH_REQUEST_URN.lower() not in urns:
            raise InvalidSyntax(f"The schemas of the message must have {SEARCH_REQUEST_URN}")
        return cls._read(body)

    @classmethod
    def _read(cls, parameters: Mapping[str, Any]) -> "SearchRequest":
        wire_names = {(field.alias or name).lower(): field.alias or name for name, field in cls.model_fields.items()}
        known = {
            wire_names[name.lower()]: value
            for name, value in parameters.items()
            if name.lower() in wire_names and value is not None
        }
        if "cursor" in known and "startIndex" in known:
            raise InvalidValue("startIndex and cursor are two methods of pagination: send one of them")
        return cls.model_validate(known)

    def identity(self, endpoint: str) -> str:
        """Return what tells this query's results and their order from another's, on one endpoint."""
        return json.dumps([endpoint, self.filter, self.sort_by, self.sort_order])


def list_response(
    resources: Sequence[Mapping[str, Any]],
    total: int,
    *,
    start_index: int | None = None,
    next_cursor: str | None = None,
) -> dict[str, Any]:
    """Return a ListResponse (RFC 7644 section 3.4.2, RFC 9865 section 2).

    `Resources` is there even when empty: clients that look for a user expect to find the list. `start_index` belongs
    to pagination by index; `next_cursor` is None on the last page of a walk by cursor. A query that named neither
    method may be answered with both: hosts drop the value-less parameter of `?cursor&count=10`, and the client that
    sent it goes on by the `nextCursor` that it waits for (RFC 9865 section 2.3 allows it unasked).
    """
    response: dict[str, Any] = {"schemas": [LIST_RESPONSE_URN], "totalResults": total}
    if start_index is not None:
        response["startIndex"] = start_index
    response["itemsPerPage"] = len(resources)
    if next_cursor is not None:
        response["nextCursor"] = next_cursor
    return response | {"Resources": list(resources)}
