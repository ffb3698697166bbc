"""Mapping expressions, by the examples of Microsoft's reference of functions."""

import contextlib
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entra.expressions import evaluate, parse
from entra.functions.roles import Role, Roles
from entra.functions.values import Context, ExpressionError, IgnoreFlow, Redacted

NOW = datetime(2021, 7, 2, 15, 33, 38, tzinfo=UTC)
CONTEXT = Context(now=lambda: NOW, random=Random(1), domain="contoso.com")
ROLE = {"id": "06b0", "value": "Admin", "displayName": "Administrator"}


def value(text, **attributes):
    return evaluate(parse(text), attributes, CONTEXT)


DOCUMENTED = [
    ('Append([userPrincipalName], ".test")', {"userPrincipalName": "J@contoso.com"}, "J@contoso.com.test"),
    ("BitAnd(&HF, &HF7)", {}, 7),
    ("CBool([a] = [b])", {"a": "x", "b": "x"}, True),
    ("CDate([hired])", {"hired": "2020-03-16-07:00"}, "3/16/2020 7:00:00 AM"),
    ('CDate("2021-06-30+08:00")', {}, "6/29/2021 4:00:00 PM"),
    ('CDate("2009-06-15T01:45:30-07:00")', {}, "6/15/2009 8:45:30 AM"),
    ("Coalesce([mail],[userPrincipalName])", {"userPrincipalName": "J@c"}, "J@c"),
    ("Coalesce([mail],[other])", {}, None),
    ('Coalesce([mail],"")', {}, ""),
    ('ConvertToBase64("Hello world!")', {}, "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),
    ('ConvertToUTF8Hex("Hello world!")', {}, "48656C6C6F20776F726C6421"),
    ("Count([proxyAddresses])", {"proxyAddresses": ["a", "b"]}, 2),
    ("CStr([dn])", {"dn": "cn=Joe,dc=contoso,dc=com"}, "cn=Joe,dc=contoso,dc=com"),
    ("CStr([flag])", {"flag": True}, "True"),
    ('DateAdd("d", 7, CDate([h]))', {"h": "2012-03-16-07:00"}, "3/23/2012 7:00:00 AM"),
    ('DateAdd("d", -10, CDate([h]))', {"h": "2012-03-16-07:00"}, "3/6/2012 7:00:00 AM"),
    ('DateAdd("ww", 2, CDate([h]))', {"h": "2012-03-16-07:00"}, "3/30/2012 7:00:00 AM"),
    ('DateAdd("m", 10, CDate([h]))', {"h": "2012-03-16-07:00"}, "1/16/2013 7:00:00 AM"),
    ('DateAdd("yyyy", 2, CDate([h]))', {"h": "2012-03-16-07:00"}, "3/16/2014 7:00:00 AM"),
    ('DateAdd("m", 1, "1/31/2024")', {}, "2/29/2024 12:00:00 AM"),
    ('DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))', {}, 13),
    ('DateDiff("d", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', {}, -3449),
    ('DateDiff("ww", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', {}, -493),
    ('DateDiff("m", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', {}, -113),
    ('DateDiff("yyyy", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', {}, -9),
    ('DateDiff("d", "2021-08-31+08:00", "2021-08-31+08:00")', {}, 0),
    ('DateDiff("h", "2021-08-24", "2021-08-25")', {}, 24),
    ('DateDiff("n", "2021-08-24", "2021-08-25")', {}, 1440),
    ('DateDiff("s", "2021-08-24", "2021-08-25")', {}, 86400),
    ("DateFromNum(129699324000000000)", {}, "1/1/2012 11:00:00 PM"),
    ("DefaultDomain()", {}, "contoso.com"),
    ('FormatDateTime([e], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")', {"e": "20150123105347.1Z"}, "2015-01-23"),
    (
        'NumFromDate(Join("", FormatDateTime([e], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))',
        {"e": "2020-12-31-08:00"},
        132539615990000000,
    ),
    ('IgnoreFlowIfNullOrEmpty([department])', {"department": "IT"}, "IT"),
    ('IIF([country]="USA",[country],[department])', {"country": "USA", "department": "IT"}, "USA"),
    ('IIF([country]="USA",[country],[department])', {"country": "DE", "department": "IT"}, "IT"),
    ('IIF([c]="USA",IIF([s]="CA","True","False"),"False")', {"c": "USA", "s": "CA"}, "True"),
    ('IIF([age] >= 18, "adult", "minor")', {"age": "9"}, "minor"),
    ('IIF([a] <> [b], "other", "same")', {"a": "x", "b": "y"}, "other"),
    ('InStr("The quick brown fox","quick")', {}, 5),
    ('InStr("repEated","e",3,vbBinaryCompare)', {}, 7),
    ('InStr("repEated","e",3,vbTextCompare)', {}, 4),
    ("IsNull([x])", {}, True),
    ("IsNullOrEmpty([x])", {"x": ""}, True),
    ("IsPresent([x])", {"x": ""}, False),
    ("IsString([x])", {"x": 1}, False),
    ("Item([proxyAddresses], 1)", {"proxyAddresses": ["first", "second"]}, "first"),
    ('Item(Split([upn],"@"),1)', {"upn": "jdoe@contoso.com"}, "jdoe"),
    ('Join(", ", "", [surname], [givenName])', {"givenName": "John", "surname": "Doe"}, "Doe, John"),
    ('Join("-", [many], "z")', {"many": ["x", "y"]}, "x-y-z"),
    ('Left("John Doe", 3)', {}, "Joh"),
    ('Left("John Doe", -1)', {}, "John Doe"),
    ("Left([x], 3)", {}, ""),
    ("Len([x])", {"x": "four"}, 4),
    ("Mid([displayName],1,64)", {"displayName": "x" * 70}, "x" * 64),
    ("Append(Mid([g], 1, 3), Mid([s], 1, 5))", {"g": "John", "s": "Doe"}, "JohDoe"),
    ("NormalizeDiacritics([givenName])", {"givenName": "Zoë"}, "Zoe"),
    ("NormalizeDiacritics([x])", {"x": "Łódź, ß, æ, ø̄, ǖ, Ḗ"}, "Lodz, ss, ae, oe, u, E"),
    ("Not([IsSoftDeleted])", {"IsSoftDeleted": True}, "False"),
    ("Not([IsSoftDeleted])", {"IsSoftDeleted": False}, "True"),
    ("Now()", {}, "7/2/2021 3:33:38 PM"),
    ("PCase([n])", {"n": "PABLO GONSALVES (SECOND)"}, "Pablo Gonsalves (Second)"),
    ("PCase([n],\" '-\")", {"n": "PINTO-DE'SILVA"}, "Pinto-De'Silva"),
    ('PCase(Join(" ",[f],[l]))', {"f": "GREGORY", "l": "JAMES"}, "Gregory James"),
    ("RemoveDuplicates([p])", {"p": ["a", "b", "a"]}, ["a", "b"]),
    ('Replace([t],"Product Developer", , , "Software Engineer", , )', {"t": "Product Developer"}, "Software Engineer"),
    ('Replace([u],"<username>", , , , , "<username>@contoso.com")', {"u": "jsmith"}, "jsmith@contoso.com"),
    (
        r'Replace([t], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )',
        {"t": "+91 9998887777"},
        "9998887777",
    ),
    # Microsoft's text shows 19998887777 here, but its pattern does not match the plus sign.
    (r'Replace([mobile], , "[()\\s-]+", , "", , )', {"mobile": "+1 (999) 888-7777"}, "+19998887777"),
    (
        r'Replace([a], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )',
        {"a": "545 Tremont Street"},
        "888 Tremont Street",
    ),
    ('Replace([u], , "(?<Suffix>@(.)*)", "Suffix", "", , )', {"u": "jsmith@contoso.com"}, "jsmith"),
    (
        r'Replace([t], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )',
        {"t": "", "mobile": "+91 8887779999"},
        "8887779999",
    ),
    ('Replace([n], , "[a-zA-Z_]*", , "", , )', {"n": "john_doe72"}, "72"),
    ('Replace([mail], "@contoso.com", , ,"", ,)', {"mail": "john.doe@contoso.com"}, "john.doe"),
    ('Split([e], ",")', {"e": "PermissionSetOne, PermissionSetTwo"}, ["PermissionSetOne", "PermissionSetTwo"]),
    ("StripSpaces([x])", {"x": " a b "}, "ab"),
    ('Switch([state], "Australia/Sydney", "QLD", "Australia/Brisbane")', {"state": "QLD"}, "Australia/Brisbane"),
    ('Switch([state], "Australia/Sydney", "QLD", "Australia/Brisbane")', {"state": "qld"}, "Australia/Sydney"),
    ('Switch([flag], "Default Value", "true", "1", "", "0")', {}, "0"),
    ('Switch([IsSoftDeleted], , "False", "True", "True", "False")', {"IsSoftDeleted": False}, "True"),
    ('Switch([IsSoftDeleted], , "False", "True", "True", "False")', {"IsSoftDeleted": True}, "False"),
    ("ToLower([userPrincipalName],)", {"userPrincipalName": "J.Doe@Contoso.com"}, "j.doe@contoso.com"),
    ('ToUpper([x],"en-US")', {"x": "abc"}, "ABC"),
    (
        'ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [f], [l]))), "contoso.com"))',
        {"f": "John", "l": "Smith"},
        "john.smith@contoso.com",
    ),
    ('Word("The quick brown fox",3," ")', {}, "brown"),
    ('Word("This,string!has&many separators",3,",!&#")', {}, "has"),
    ('Word("one two",3," ")', {}, ""),
    ('Join("", 1000, Replace(ConvertToUTF8Hex([o]), , "[a-zA-Z_]*", , "", , ))', {"o": "00aa"}, "100030306161"),
    ("SingleAppRoleAssignment([r])", {"r": [ROLE]}, Roles("Single", (Role("06b0", "Admin", "Administrator"),))),
    ("SingleAppRoleAssignment([r])", {}, None),
    ("AppRoleAssignmentsComplex([r])", {"r": [ROLE]}, Roles("Complex", (Role("06b0", "Admin", "Administrator"),))),
    (
        "AssertiveAppRoleAssignmentsComplex([r])",
        {"r": [ROLE]},
        Roles("Assertive", (Role("06b0", "Admin", "Administrator"),)),
    ),
    (r'Append("Company name: \"Contoso\"", "\\")', {}, 'Company name: "Contoso"\\'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "attributes", "expected"), DOCUMENTED, ids=[row[0][:40] for row in DOCUMENTED])
def test_a_documented_example_evaluates_as_documented(text, attributes, expected):
    assert value(text, **attributes) == expected


WRONG = [
    ("", "expected a function"),
    ("Join(", "expected"),
    ('Join(", " [a])', 'expected "," or ")" at column 11'),
    ('tolower("X")', "did you mean ToLower"),
    ("Frobnicate([x])", "no function is called Frobnicate"),
    ('"open', "cannot read the expression from column 1"),
    ("[a] [b]", "expected the end of the expression at column 5"),
    ("Guid([x])", "Guid does not take 1 arguments"),
    ("x" * 10_001, "at most 10000 characters"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_an_expression_that_makes_no_sense_is_refused_with_its_place(text, message):
    with pytest.raises(ExpressionError, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse(text)


FAILING = [
    ('IIF([country]="","Other",[country])', {}, "fails on an empty value"),
    ('IIF([country]="DE","a","b")', {"country": ""}, "fails on an empty value"),
    ("SingleAppRoleAssignment([r])", {"r": [ROLE, ROLE]}, "more than one app role"),
    ("Item([p], 0)", {"p": ["a"]}, "first item has the index 1"),
    ("Mid([p], 0, 2)", {"p": "abc"}, "first character has the index 1"),
    ('Left("abc", "x")', {}, "not a whole number"),
    ('CDate("soon")', {}, "is not a date"),
    ('DateAdd("q", 1, "1/1/2020")', {}, "none of yyyy"),
    ('Replace([x], , "(", , "", , )', {"x": "a"}, "not a regular expression"),
    ("Replace([x])", {"x": "a"}, "give oldValue"),
    ("RandomString(2,3,0,0,0)", {}, "RandomString"),
    ('Switch([x], , "a")', {"x": "a"}, "come in pairs"),
    ('Split([x], "")', {"x": "a"}, "delimiter is empty"),
    ('FormatDateTime("x", , "yyyy", "yy")', {}, "is not of the form"),
]


@pytest.mark.parametrize(("text", "attributes", "message"), FAILING, ids=[row[0][:30] for row in FAILING])
def test_a_function_that_cannot_work_says_why(text, attributes, message):
    with pytest.raises(ExpressionError, match=message):
        value(text, **attributes)


def test_ignore_flow_leaves_an_empty_attribute_alone():
    with pytest.raises(IgnoreFlow):
        value("IgnoreFlowIfNullOrEmpty([department])", department="")


def test_redact_keeps_the_value_and_marks_it():
    assert value("Redact([userPrincipalName])", userPrincipalName="x@y") == "x@y"
    assert isinstance(value("Redact([userPrincipalName])", userPrincipalName="x@y"), Redacted)


def test_a_random_string_has_at_least_what_was_asked_for():
    drawn = value('RandomString(10,2,2,2,1,"?,")')
    assert len(drawn) == 10
    assert sum(c.isdigit() for c in drawn) >= 2
    assert sum(c.isupper() for c in drawn) >= 2
    assert sum(not c.isalnum() for c in drawn) >= 2
    assert not set("?,") & set(drawn)


def test_a_random_string_without_special_characters_has_none():
    assert value("RandomString(6,3,0,0,3)").isalnum()


@given(st.text())
def test_any_string_survives_being_quoted(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert value(f'Coalesce("{quoted}")') == text


@given(st.text(max_size=40))
def test_text_that_is_no_expression_raises_nothing_else(text):
    with contextlib.suppress(ExpressionError):
        parse(text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_active_directory_dates_round_trip_to_the_second(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    number = value("NumFromDate([d])", d=moment.isoformat())
    assert value("NumFromDate(DateFromNum([n]))", n=number) == number
