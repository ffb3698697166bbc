"""Scoping filters, operator by operator."""

import pytest
from pydantic import ValidationError

from entra.generate import generate
from entra.scoping import Clause, ScopingFilter, in_scope
from entra.source import Group, User, imported

CLAUSES = [
    ("department", "EQUALS", "Sales", {"department": "Sales"}, True),
    ("department", "EQUALS", "Sales", {"department": "sales"}, False),
    ("department", "EQUALS", "Sales", {}, False),
    ("department", "NOT EQUALS", "Sales", {"department": "IT"}, True),
    ("department", "NOT EQUALS", "Sales", {}, False),
    ("department", "&", "Sales, IT and Legal", {"department": "IT"}, True),
    ("department", "&", "Sales, IT and Legal", {"department": "Design"}, False),
    ("department", "!&", "Sales, IT and Legal", {"department": "Design"}, True),
    ("department", "!&", "Sales, IT and Legal", {}, False),
    ("mail", "ENDS_WITH", "@contoso.com", {"mail": "a@contoso.com"}, True),
    ("mail", "ENDS_WITH", "@contoso.com", {"mail": "a@Contoso.com"}, False),
    ("displayName", "Includes", "Smith", {"displayName": "J. Smith-Jones"}, True),
    ("displayName", "Includes", "smith", {"displayName": "J. Smith-Jones"}, False),
    ("level", "Greater_Than", "3", {"level": 4}, True),
    ("level", "Greater_Than", "3", {"level": "3"}, False),
    ("level", "Greater_Than", "3", {"level": "high"}, False),
    ("level", "Greater_Than_OR_EQUALS", "3", {"level": "3"}, True),
    ("accountEnabled", "IS TRUE", "", {"accountEnabled": True}, True),
    ("accountEnabled", "IS TRUE", "", {"accountEnabled": False}, False),
    ("accountEnabled", "IS FALSE", "", {"accountEnabled": False}, True),
    ("accountEnabled", "IS FALSE", "", {}, False),
    ("jobTitle", "IS NULL", "", {}, True),
    ("jobTitle", "IS NULL", "", {"jobTitle": "Lead"}, False),
    ("jobTitle", "IS NOT NULL", "", {"jobTitle": "Lead"}, True),
    ("jobTitle", "IS NOT NULL", "", {"jobTitle": ""}, False),
    ("userPrincipalName", "REGEX MATCH", r".*\@domain.com", {"userPrincipalName": "a@domain.com"}, True),
    ("userPrincipalName", "NOT REGEX MATCH", r".*\@domain.com", {"userPrincipalName": "a@domain.com"}, False),
    ("userPrincipalName", "NOT REGEX MATCH", r".*\@domain.com", {"userPrincipalName": "a@other.com"}, True),
    ("userPrincipalName", "NOT REGEX MATCH", r".*\@domain.com", {}, False),
    ("workerID", "REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", {"workerID": "1234567"}, True),
    ("workerID", "REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", {"workerID": "2234567"}, False),
    ("floor", "REGEX MATCH", "([1-9][0-9])", {"floor": "42"}, True),
    ("floor", "REGEX MATCH", "([1-9][0-9])", {"floor": "7"}, False),
]


@pytest.mark.parametrize(("attribute", "operator", "operand", "attributes", "expected"), CLAUSES)
def test_an_operator_decides_as_documented(attribute, operator, operand, attributes, expected):
    assert Clause(attribute=attribute, operator=operator, value=operand).holds(attributes) is expected


def clause(attribute, value):
    return Clause(attribute=attribute, operator="EQUALS", value=value)


FILTERS = (
    ScopingFilter(title="Engineers in New York", clauses=(clause("state", "NY"), clause("department", "Engineering"))),
    ScopingFilter(title="All of Sales", clauses=(clause("department", "Sales"),)),
)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"state": "NY", "department": "Engineering"}, True),
        ({"state": "CA", "department": "Engineering"}, False),
        ({"state": "CA", "department": "Sales"}, True),
        ({"state": "NY"}, False),
    ],
)
def test_clauses_are_anded_and_filters_are_ored(attributes, expected):
    assert in_scope(FILTERS, attributes) is expected


def test_no_filter_excludes_nobody():
    assert in_scope((), {})


@pytest.mark.parametrize(
    ("attribute", "operator", "operand"),
    [
        ("members", "EQUALS", "x"),
        ("manager", "IS NOT NULL", ""),
        ("department", "LIKE", "x"),
        ("level", "Greater_Than", "many"),
        ("department", "REGEX MATCH", "("),
    ],
)
def test_a_clause_that_entra_does_not_offer_is_refused(attribute, operator, operand):
    with pytest.raises((ValidationError, ValueError)):
        Clause(attribute=attribute, operator=operator, value=operand)


def test_assignment_covers_direct_members_of_assigned_security_groups_only():
    directory = generate(6, 1, seed=1)
    a, b, c, d, *_ = directory.users
    directory.groups = {
        "inner": Group(id="inner", attributes={"displayName": "inner"}, members=[c]),
        "outer": Group(id="outer", attributes={"displayName": "outer"}, members=[b, "inner"], assigned=True),
        "mail": Group(id="mail", attributes={"securityEnabled": False}, members=[d], assigned=True),
    }
    directory.users[a].assigned = True
    assert directory.entitled() == {a, b}


def test_a_guests_principal_name_comes_without_its_mark():
    guest = User(id="1", attributes={"userPrincipalName": "ana_gmail.com#EXT#@contoso.onmicrosoft.com"})
    seen = imported(guest)
    assert seen["userPrincipalName"] == "ana_gmail.com@contoso.onmicrosoft.com"
    assert seen["originalUserPrincipalName"] == "ana_gmail.com#EXT#@contoso.onmicrosoft.com"
