"""The other implementation: scim2-models, given our schemas, and tolerant of what clients send where it can be."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import ValidationError
from scim2_models import Context, Extension, PatchOp, Resource, Schema, SCIMException, ScimFilter, ScimPolicy

from scim import schema
from scim.schema import ResourceType
from tests.differential.resources import TYPES
from tests.scim.gadgets import PATCH_OP


def _comparable(binding: Any, value: str) -> str:
    """Compare text without regard to case as Unicode does it; RFC 7643 does not say which of its forms."""
    if binding.case_exact:
        return value
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


_POLICY: Final = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    comparison_key=_comparable,
)


def read(resource: Mapping[str, Any], resource_type: ResourceType) -> Resource[Any]:
    """Return the resource as scim2-models holds it."""
    return _model(resource_type.name).model_validate(resource)


def holds(text: str, resource: Resource[Any], resource_type: ResourceType) -> bool | str:
    """Return whether the resource satisfies the filter, or the scimType with which the filter is refused."""
    with _POLICY:
        try:
            return ScimFilter[_model(resource_type.name)](text).match(resource)
        except SCIMException as error:
            return str(error.scim_type)


def patched(
    operations: Sequence[Mapping[str, Any]], resource: Mapping[str, Any], resource_type: ResourceType
) -> dict[str, Any] | str:
    """Return the resource as the operations make it, or the scimType with which they are refused."""
    message = {"schemas": [PATCH_OP], "Operations": operations}
    target = read(resource, resource_type)
    with _POLICY:
        try:
            patch = PatchOp[_model(resource_type.name)].model_validate(message, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
            patch.patch(target)
        except ValidationError as error:
            return str(error.errors()[0].get("ctx", {}).get("scim_type", "invalidValue"))
        except SCIMException as error:
            return str(error.scim_type)
    return dict(target.model_dump())


@cache
def _model(name: str) -> type[Resource[Any]]:
    """Return the class that scim2-models makes of a resource type's schema and extensions."""
    base: Any = Resource.from_schema(_document(TYPES[name].base))
    for extension in TYPES[name].extensions:
        base = base[Extension.from_schema(_document(extension))]
    return base


def _document(ours: schema.Schema) -> Schema:
    return Schema.model_validate(ours.model_dump(by_alias=True, mode="json"))
