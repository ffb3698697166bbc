"""Functions that turn app role assignments into values for `roles`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from entra.functions.values import Context, ExpressionError

RoleForm: TypeAlias = Literal["Single", "Complex", "Assertive"]

ROLE_TYPE = "WindowsAzureActiveDirectoryRole"


@dataclass(frozen=True, slots=True)
class Role:
    """One app role: its id in Entra, its value, its name."""

    id: str
    value: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Roles:
    """What a role function yields; its form decides how the roles look in POST and PATCH."""

    form: RoleForm
    roles: tuple[Role, ...]


def single(_: Context, assignments: Any) -> Roles | None:
    """Return the one role that is assigned. Raise ExpressionError if there are several."""
    roles = _read("SingleAppRoleAssignment", assignments)
    if len(roles) > 1:
        raise ExpressionError("SingleAppRoleAssignment: more than one app role is assigned")
    return Roles("Single", roles) if roles else None


def _several(form: RoleForm, function: str) -> Callable[[Context, Any], Roles | None]:
    def read(_: Context, assignments: Any) -> Roles | None:
        roles = _read(function, assignments)
        return Roles(form, roles) if roles else None

    return read


def _read(function: str, assignments: Any) -> tuple[Role, ...]:
    try:
        return tuple(Role(each["id"], each["value"], each["displayName"]) for each in assignments or ())
    except (TypeError, KeyError):
        raise ExpressionError(f"{function}: the argument must be [appRoleAssignments]") from None


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "SingleAppRoleAssignment": single,
    "AppRoleAssignmentsComplex": _several("Complex", "AppRoleAssignmentsComplex"),
    "AssertiveAppRoleAssignmentsComplex": _several("Assertive", "AssertiveAppRoleAssignmentsComplex"),
}
