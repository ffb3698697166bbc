"""Which attributes the tests write: those that the service publishes in `/Schemas`, or Entra's default ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from entra.paths import Target, parse_target

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MANAGER = f"{ENTERPRISE}:manager"

# The attributes of the SCIM Validator's "Use default attributes", in the order in which it writes them.
_DEFAULT = (
    "userName", "active", "displayName", "title", 'emails[type eq "work"].value', 'emails[type eq "work"].primary',
    "preferredLanguage", "name.givenName", "name.familyName", "name.formatted", "name.middleName",
    "name.honorificPrefix", "name.honorificSuffix", 'addresses[type eq "work"].formatted',
    'addresses[type eq "work"].streetAddress', 'addresses[type eq "work"].locality',
    'addresses[type eq "work"].region', 'addresses[type eq "work"].postalCode', 'addresses[type eq "work"].primary',
    'addresses[type eq "work"].country', 'phoneNumbers[type eq "work"].value', 'phoneNumbers[type eq "work"].primary',
    'phoneNumbers[type eq "mobile"].value', 'phoneNumbers[type eq "fax"].value', f"{ENTERPRISE}:employeeNumber",
    f"{ENTERPRISE}:department", f"{ENTERPRISE}:costCenter", f"{ENTERPRISE}:organization", f"{ENTERPRISE}:division",
    MANAGER, 'roles[primary eq "True"].display', 'roles[primary eq "True"].value', 'roles[primary eq "True"].type',
    "userType", "nickName", "locale", "timezone", "profileUrl",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attribute:
    """A target attribute as Entra names it, with what the schema says of it."""

    path: Target
    type: str = "string"
    writable: bool = True
    required: bool = False
    canonical: tuple[str, ...] = ()

    @property
    def is_reference(self) -> bool:
        """Whether its value is another resource."""
        return self.path.name in {"manager", "members"} or self.type == "reference"


@dataclass(frozen=True, slots=True)
class Surface:
    """The attributes of users and groups, and the ids of all schemas that were published (none: not discovered)."""

    users: tuple[Attribute, ...]
    groups: tuple[Attribute, ...]
    origin: Literal["discovered", "default"]
    schema_ids: tuple[str, ...] = ()

    def find(self, text: str) -> Attribute | None:
        """Return the user attribute of that name, or None."""
        return next((each for each in self.users if each.path.text.lower() == text.lower()), None)


def default_surface() -> Surface:
    """Return Entra's default attributes."""
    users = tuple(
        Attribute(parse_target(text), "boolean" if text.endswith(("primary", "active")) else "string")
        for text in _DEFAULT
    )
    groups = tuple(Attribute(parse_target(text)) for text in ("displayName", "externalId", "members"))
    return Surface(users, groups, "default")


def discovered_surface(schemas: Sequence[Mapping[str, Any]]) -> Surface:
    """Return the attributes that the schemas declare. Raise KeyError if the core User is not among them.

    Every schema but the two core ones counts as an extension: of groups if its id ends like it, else of users.
    """
    by_id = {str(schema.get("id", "")): schema for schema in schemas}
    users, groups = list(flatten(by_id[USER])), list(flatten(by_id[GROUP])) if GROUP in by_id else []
    for id, schema in by_id.items():
        if id not in {USER, GROUP}:
            extended = groups if id.lower().endswith(("group", "groups")) else users
            extended.extend(flatten(schema, prefix=f"{id}:"))
    return Surface(tuple(users), tuple(groups), "discovered", tuple(by_id))


def flatten(schema: Mapping[str, Any], prefix: str = "") -> Iterator[Attribute]:
    """Yield a schema's attributes under the names of Entra's attribute list; simple references are left out.

    A multi-valued complex attribute is one attribute per canonical `type` and sub-attribute, or, if `type` has no
    canonical values, per sub-attribute of the primary element. An extension's attributes are taken as a whole.
    """
    for declared in _records(schema.get("attributes")):
        name, type_ = str(declared.get("name", "")), declared.get("type")
        if name in {"manager", "members"} or (prefix and type_ == "complex"):
            yield _attribute(prefix + name, declared, declared)
        elif type_ != "complex":
            if type_ != "reference" and not declared.get("multiValued"):
                yield _attribute(prefix + name, declared, declared)
        elif declared.get("multiValued"):
            yield from _elements(name, declared)
        else:
            for sub in _records(declared.get("subAttributes")):
                if sub.get("type") not in {"complex", "reference"}:
                    yield _attribute(f"{name}.{sub.get('name')}", sub, declared)


def _elements(name: str, declared: Mapping[str, Any]) -> Iterator[Attribute]:
    subs = {str(sub.get("name")): sub for sub in _records(declared.get("subAttributes"))}
    types = (subs.get("type") or {}).get("canonicalValues") or ()
    selectors = [f'type eq "{each}"' for each in types] or ['primary eq "True"']
    left_out = {"type", "primary"} if types else {"primary"}
    for selector in selectors:
        for sub, its in subs.items():
            if sub not in left_out and its.get("type") not in {"complex", "reference"}:
                yield _attribute(f"{name}[{selector}].{sub}", its, declared)


def _attribute(text: str, declared: Mapping[str, Any], holder: Mapping[str, Any]) -> Attribute:
    mutability = {declared.get("mutability", "readWrite"), holder.get("mutability", "readWrite")}
    return Attribute(
        parse_target(text),
        str(declared.get("type", "string")),
        writable=mutability <= {"readWrite", "writeOnly"},
        required=bool(declared.get("required")),
        canonical=tuple(map(str, declared.get("canonicalValues") or ())) if "[" not in text else (),
    )


def _records(value: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
