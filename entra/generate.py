"""Make a synthetic directory: a company's people and groups, the same ones for the same seed."""

import itertools
import random
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from entra import names
from entra.source import AppRole, Directory, Group, Purged, User

MOST_USERS = 100_000
EVERYBODY = "Everyone"

_WITH_MOBILE, _WITH_FAX, _ADMINS = 0.6, 0.1, 0.02
_GUESTS, _BLOCKED, _BINNED, _WITHOUT_MAIL, _UNUSUAL_SCRIPT = 0.04, 0.03, 0.01, 0.02, 0.01
_UNASSIGNED_GROUPS, _NESTING_GROUPS = 0.05, 0.06
_REPORTS = 7  # people per manager
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "đ": "d"}
)


@dataclass(slots=True)
class Population:
    """Makes new people and groups for a directory; never gives a name twice, not even a former colleague's."""

    directory: Directory
    random: random.Random
    taken: set[str] = field(default_factory=set)
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        known: list[User | Group | Purged] = [*self.directory.users.values(), *self.directory.groups.values()]
        known += self.directory.purged.values()
        for name in (*(each.name for each in known), *self.directory.former_names):
            self.taken.add(name.partition("@")[0].casefold())

    def hire(self) -> User:
        """Add a new user, enabled, without a manager or groups, and return it."""
        given, family = self._person()
        guest = self.random.random() < _GUESTS
        mail_name = self._mail_name(given, family)
        user = User(id=self._id(), attributes=self._attributes(given, family), version=self.directory.version)
        user.attributes |= self._guest(mail_name) if guest else self._member(mail_name)
        if not guest and self.random.random() < _WITHOUT_MAIL:
            del user.attributes["mail"], user.attributes["proxyAddresses"]
        user.app_roles = [self._role()]
        self.directory.users[user.id] = user
        return user

    def found(self, name: str, members: list[str], *, assigned: bool = True) -> Group:
        """Add a new group and return it."""
        group = Group(id=self._id(), assigned=assigned, members=members, version=self.directory.version, attributes={})
        group.attributes = {
            "displayName": name,
            "mailNickname": f"group{next(self._number)}",
            "description": f"Members of {name}",
            "securityEnabled": True,
        }
        self.directory.groups[group.id] = group
        return group

    def group_name(self) -> str:
        """Return a group name that nobody had before."""
        form = self.random.choice(names.GROUP_FORMS)
        name = form.format(
            project=self.random.choice(names.PROJECTS),
            department=self.random.choice(names.DEPARTMENTS),
            city=self.random.choice(names.OFFICES)[0],
        )
        return self._fresh(name, " {}")

    def rename_group(self, group: Group) -> None:
        """Give a group another name."""
        self.directory.former_names.append(group.name)
        group.attributes["displayName"] = self.group_name()

    def rename(self, user: User) -> None:
        """Give a user a new family name, and with it a new principal name and mail, as a marriage does."""
        family = self.random.choice(names.FAMILY)
        given = user.attributes["givenName"]
        self.directory.former_names.append(user.name)
        user.attributes |= {"surname": family, "displayName": f"{given} {family}"}
        user.attributes |= self._member(self._mail_name(given, family))

    def place(self) -> dict[str, Any]:
        """Return the attributes of a random office."""
        city, region, country, postal_code, street, dialling, language = self.random.choice(names.OFFICES)
        return {
            "city": city,
            "state": region or None,
            "country": country,
            "postalCode": postal_code,
            "streetAddress": street,
            "physicalDeliveryOfficeName": f"{city} {self.random.randint(1, 40)}.{self.random.randint(1, 99):02}",
            "telephoneNumber": f"{dialling} {self.random.randint(10**5, 10**7)}",
            "preferredLanguage": language,
            "usageLocation": country,
        }

    def post(self) -> dict[str, Any]:
        """Return the attributes of a random position."""
        department = self.random.choice(names.DEPARTMENTS)
        return {"department": department, "jobTitle": f"{self.random.choice(names.TITLES)}, {department}"}

    def _person(self) -> tuple[str, str]:
        if self.random.random() < _UNUSUAL_SCRIPT:
            return self.random.choice(names.OTHER_SCRIPTS)
        return self.random.choice(names.GIVEN), self.random.choice(names.FAMILY)

    def _attributes(self, given: str, family: str) -> dict[str, Any]:
        mobile = f"+49 17{self.random.randint(0, 9)} {self.random.randint(10**6, 10**7)}"
        personal = {
            "displayName": f"{given} {family}",
            "givenName": given,
            "surname": family,
            "accountEnabled": True,
            "employeeId": f"{self.random.randint(1, 999_999):06}",
            "companyName": "Contoso",
            "mobile": mobile if self.random.random() < _WITH_MOBILE else None,
            "facsimileTelephoneNumber": "+49 89 5550" if self.random.random() < _WITH_FAX else None,
        }
        return personal | self.post() | self.place()

    def _member(self, mail_name: str) -> dict[str, Any]:
        address = f"{mail_name}@{self.directory.domain}"
        return {
            "userPrincipalName": address,
            "mail": address,
            "mailNickname": mail_name,
            "userType": "Member",
            "proxyAddresses": [f"SMTP:{address}", f"smtp:{mail_name}@mail.{self.directory.domain}"],
        }

    def _guest(self, mail_name: str) -> dict[str, Any]:
        host = self.random.choice(names.MAIL_HOSTS)
        alias = f"{mail_name}_{host}#EXT#"
        return {
            "userPrincipalName": f"{alias}@{self.directory.domain.partition('.')[0]}.onmicrosoft.com",
            "mail": f"{mail_name}@{host}",
            "mailNickname": alias,
            "userType": "Guest",
            "department": None,
        }

    def _mail_name(self, given: str, family: str) -> str:
        plain = _plain(f"{given}.{family}").lower()
        return self._fresh(plain if plain.strip(".") and plain.isascii() else "person", "{}")

    def _fresh(self, name: str, suffix: str) -> str:
        candidate = name
        while candidate.casefold() in self.taken:
            candidate = name + suffix.format(next(self._number) + 1)
        self.taken.add(candidate.casefold())
        return candidate

    def _role(self) -> AppRole:
        value = "Admin" if self.random.random() < _ADMINS else "User"
        return AppRole(id=str(uuid.uuid5(uuid.NAMESPACE_URL, value)), value=value, display_name=value)

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


def generate(users: int, groups: int, seed: int, domain: str = "contoso.com") -> Directory:
    """Return a directory of `users` people and `groups` groups, one of which holds everybody.

    Group sizes fall off as they do in companies: departments first, then many small groups and a few large ones.
    Raise ValueError if there are to be no users, more than `MOST_USERS`, or no group.
    """
    if not 0 < users <= MOST_USERS or groups < 1:
        raise ValueError(f"expected 1 to {MOST_USERS} users and at least one group, got {users} and {groups}")
    dice = random.Random(seed)
    tenant = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    directory = Directory(tenant_id=tenant, domain=domain)
    population = Population(directory, dice)
    people = [population.hire() for _ in range(users)]
    for place, user in enumerate(people):
        user.attributes["accountEnabled"] = dice.random() >= _BLOCKED
        user.soft_deleted = dice.random() < _BINNED
        if place and user.attributes["userType"] == "Member":
            user.manager = people[(place - 1) // _REPORTS].id
    _found_groups(population, people, groups)
    return directory


def _found_groups(population: Population, people: list[User], count: int) -> None:
    dice = population.random
    population.found(EVERYBODY, [user.id for user in people])
    for department in names.DEPARTMENTS[: count - 1]:
        members = [user.id for user in people if user.attributes.get("department") == department]
        population.found(f"Department {department}", members)
    made = list(population.directory.groups.values())
    for _ in range(count - len(made)):
        size = min(len(people), max(1, int(dice.paretovariate(0.9) * 3)))
        members = [user.id for user in dice.sample(people, size)]
        if dice.random() < _NESTING_GROUPS:
            members.append(dice.choice(made).id)
        assigned = dice.random() >= _UNASSIGNED_GROUPS
        made.append(population.found(population.group_name(), members, assigned=assigned))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.translate(_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ł", "l")
