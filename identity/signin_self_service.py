"""Which attributes a tenant lets people change of themselves, by PATCH of /Me."""

from collections.abc import Iterable

from identity.errors import InvalidTenant
from identity.models import Tenant
from scim import dialect
from scim.errors import Forbidden
from scim.jsonbody import read_json
from scim.schema import resource_types

# By these a person is recognised, or given rights: who could change them could become somebody else.
_NEVER = {"userName", "externalId", "active", "emails", "roles", "entitlements", "x509Certificates", "password"}


def self_service(names: Iterable[str]) -> tuple[str, ...]:
    """Return attributes of the core schema as it spells them, sorted. Raises InvalidTenant."""
    user = resource_types()["User"]
    found: set[str] = set()
    for name in names:
        attribute = user.attribute(name)
        if attribute is None:
            raise InvalidTenant(f"the core schema of a user has no attribute {name!r}")
        if attribute.name in _NEVER or attribute.mutability != "readWrite":
            raise InvalidTenant(f"{name} is not an attribute that people can be let change of themselves")
        found.add(attribute.name)
    return tuple(sorted(found))


def check_patch(body: bytes, tenant: Tenant) -> None:
    """Allow a PATCH of attributes that the tenant lets people change.

    Raises Forbidden, and what reading a PATCH raises. What is readOnly for everybody passes: it is refused, or left
    as it is, as RFC 7644 section 3.5.2 says.
    """
    for operation in dialect.operations(read_json(body), resource_types()["User"]):
        where = operation.target.location
        own = not where.extension and where.attribute.name in tenant.self_service
        if not own and where.attribute.mutability != "readOnly":
            allowed = ", ".join(tenant.self_service) or "none"
            raise Forbidden(f"{where.path} is not yours to change; attributes that you can change: {allowed}")
