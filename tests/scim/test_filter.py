"""The filter parser (RFC 7644 section 3.4.2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.errors import InvalidFilter
from scim.filter import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse_filter
from scim.tree import And, Compare, Filter, Not, Or, Present, ValuePath
from tests.scim.shapes import BADGE, CORE, DEVICE, ENTERPRISE, GROUP, USER
from tests.scim.trees import attr, eq, filters

ALL = (USER, GROUP, DEVICE)
A, B, C, D = (Present(attr(name)) for name in "abcd")
WORK = eq("type", "work")
AT_EXAMPLE = Compare(attr("value"), "co", "@example.com")
EMAILS_AT = Or(
    (Compare(attr("emails"), "co", "example.com"), Compare(attr("emails", "value"), "co", "example.org")),
)

RFC_EXAMPLES: dict[str, Filter] = {
    'userName eq "bjensen"': eq("userName", "bjensen"),
    '''name.familyName co "O'Malley"''': Compare(attr("name", "familyName"), "co", "O'Malley"),
    'userName sw "J"': Compare(attr("userName"), "sw", "J"),
    f'{CORE}:userName sw "J"': Compare(attr("userName", urn=CORE), "sw", "J"),
    "title pr": Present(attr("title")),
    'meta.lastModified gt "2011-05-13T04:42:34Z"': Compare(attr("meta", "lastModified"), "gt", "2011-05-13T04:42:34Z"),
    'meta.lastModified ge "2011-05-13T04:42:34Z"': Compare(attr("meta", "lastModified"), "ge", "2011-05-13T04:42:34Z"),
    'meta.lastModified lt "2011-05-13T04:42:34Z"': Compare(attr("meta", "lastModified"), "lt", "2011-05-13T04:42:34Z"),
    'meta.lastModified le "2011-05-13T04:42:34Z"': Compare(attr("meta", "lastModified"), "le", "2011-05-13T04:42:34Z"),
    'title pr and userType eq "Employee"': And((Present(attr("title")), eq("userType", "Employee"))),
    'title pr or userType eq "Intern"': Or((Present(attr("title")), eq("userType", "Intern"))),
    f'schemas eq "{ENTERPRISE}"': eq("schemas", ENTERPRISE),
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")': And(
        (eq("userType", "Employee"), EMAILS_AT)
    ),
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")': And(
        (Compare(attr("userType"), "ne", "Employee"), Not(EMAILS_AT))
    ),
    'userType eq "Employee" and (emails.type eq "work")': And(
        (eq("userType", "Employee"), eq("emails", "work", sub="type"))
    ),
    'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]': And(
        (eq("userType", "Employee"), ValuePath(attr("emails"), And((WORK, AT_EXAMPLE))))
    ),
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]': Or(
        (
            ValuePath(attr("emails"), And((WORK, AT_EXAMPLE))),
            ValuePath(attr("ims"), And((eq("type", "xmpp"), Compare(attr("value"), "co", "@foo.com")))),
        )
    ),
    "(meta.resourceType eq User) or (meta.resourceType eq Group)": Or(
        (eq("meta", "User", sub="resourceType"), eq("meta", "Group", sub="resourceType"))
    ),
    'userName Eq "john"': eq("userName", "john"),
    'Username eq "john"': eq("Username", "john"),
}


@pytest.mark.parametrize(("text", "tree"), RFC_EXAMPLES.items(), ids=RFC_EXAMPLES)
def test_every_example_of_the_rfc_parses(text, tree):
    assert parse_filter(text, ALL) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a pr or b pr and c pr", Or((A, And((B, C))))),
        ("a pr and b pr or c pr", Or((And((A, B)), C))),
        ("a pr and b pr or c pr and d pr", Or((And((A, B)), And((C, D))))),
        ("(a pr or b pr) and c pr", And((Or((A, B)), C))),
        ("not (a pr) and b pr", And((Not(A), B))),
        ("not (a pr and b pr)", Not(And((A, B)))),
        ("a pr and (b pr and c pr)", And((A, And((B, C))))),
        ("a pr or (b pr or c pr)", Or((A, Or((B, C))))),
        ("((a pr))", A),
    ],
)
def test_and_binds_tighter_than_or_and_not_tighter_than_and(text, tree):
    assert parse_filter(text, ALL) == tree


@pytest.mark.parametrize(
    "text",
    [
        "A PR AND B PR OR NOT (C PR)",
        "  a  pr\tand\r\nb   pr   or not(c pr) ",
        "( a pr and b pr ) or not ( c pr )",
        "(a pr)and(b pr)or(not (c pr))",
    ],
)
def test_case_of_operators_and_extra_white_space_do_not_matter(text):
    assert str(parse_filter(text, ALL)).lower() == "a pr and b pr or not (c pr)"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("Null", None),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("-2.5e-3", -0.0025),
        ("1E3", 1000.0),
        ("9" * 300, int("9" * 300)),
        ('""', ""),
        (r'"a\"b\\c\/\b\f\n\r\té\ud83d\ude00"', 'a"b\\c/\b\f\n\r\té😀'),
        ('"(a) and [b] or not"', "(a) and [b] or not"),
        ('"true"', "true"),
        ('"😀 שלום"', "😀 שלום"),
    ],
)
def test_values_follow_the_rules_of_json(text, value):
    tree = parse_filter(f"a eq {text}", ALL)
    assert tree == eq("a", value)
    assert type(tree.value) is type(value)


@pytest.mark.parametrize("name", ["trueName", "falseHope", "nullable", "true", "null", "not", "and", "or", "order"])
def test_a_name_that_begins_like_a_keyword_is_a_name(name):
    assert parse_filter(f"{name} pr and {name} eq true", ALL) == And((Present(attr(name)), eq(name, True)))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"{CORE}:name.givenName", attr("name", "givenName", CORE)),
        (f"{ENTERPRISE}:manager.value", attr("manager", "value", ENTERPRISE)),
        (f"{ENTERPRISE.upper()}:Manager.VALUE", attr("Manager", "VALUE", ENTERPRISE.upper())),
        (f"{BADGE}:colour", attr("colour", urn=BADGE)),
        (f"{BADGE}:owner.value", attr("owner", "value", BADGE)),
        (f"{ENTERPRISE}", attr("", urn=ENTERPRISE)),
        ("urn:unknown:2.0:Thing:colour.tone", attr("colour", "tone", "urn:unknown:2.0:Thing")),
        (f"{ENTERPRISE}2:department", attr("department", urn=f"{ENTERPRISE}2")),
        ("members.$ref", attr("members", "$ref")),
    ],
)
def test_a_urn_is_split_off_by_look_up_and_never_at_a_dot(text, path):
    assert parse_filter(f"{text} pr", ALL) == Present(path)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ('emails[type eq "work"].value eq "x"', 'emails[type eq "work" and value eq "x"]'),
        ('emails[type eq "work"].value pr', 'emails[type eq "work" and value pr]'),
        ('emails[type eq "work" and primary eq true].value ew "x"', None),
        ('emails[type eq "a" or type eq "b"].value eq "x"', 'emails[(type eq "a" or type eq "b") and value eq "x"]'),
        ('emails[type eq "work"].value eq "x" and active eq true', None),
        ("externalId eq jyoung", 'externalId eq "jyoung"'),
        ("id eq 54D382A4-2050-4C03 and manager eq 2819c223", 'id eq "54D382A4-2050-4C03" and manager eq "2819c223"'),
        ("(userName eq a@b.com)", '(userName eq "a@b.com")'),
        ("members[value eq 2819c223]", 'members[value eq "2819c223"]'),
        ("meta.created gt 2011-05-13T04:42:34Z", 'meta.created gt "2011-05-13T04:42:34Z"'),
        ('roles[primary eq "True"]', None),
    ],
)
def test_what_entra_sends_beyond_the_grammar_is_understood(text, same_as):
    tree = parse_filter(text, ALL)
    assert tree == parse_filter(same_as or str(tree), ALL)


def test_a_sub_attribute_behind_the_bracket_is_of_the_selected_value():
    wanted = ValuePath(attr("emails"), And((WORK, eq("primary", True), eq("value", "x"))))
    assert parse_filter('emails[type eq "work" and primary eq true].value eq "x"', ALL) == wanted


MALFORMED = [
    ("", 1, "an attribute name", "the end"),
    ("   ", 4, "an attribute name", "the end"),
    ("userName", 9, "an operator", "the end"),
    ("userName eq", 12, "a value", "the end"),
    ('userName regex "a"', 10, "an operator", "'regex \"a\"'"),
    ('userName eq "a', 13, "a JSON string", "'\"a'"),
    ('userName eq "\t"', 13, "a JSON string", None),
    (r'userName eq "\x"', 13, "a JSON string", None),
    ("userName eq 'a'", 13, "a value", "''a''"),
    ("userName eq and title pr", 13, "a value", None),
    ("userName eq (", 13, "a value", "'('"),
    ('userName eq "a" title pr', 17, "'and', 'or' or the end of the filter", "'title pr'"),
    ('userName eq "a" and', 20, "an attribute name", "the end"),
    ('userName eq "a")', 16, "'and', 'or' or the end", "')'"),
    ('(userName eq "a"', 17, "'and', 'or' or ')'", "the end"),
    ("not title pr", 5, "an operator", "'title pr'"),
    ('emails[type eq "a"', 19, "'and', 'or' or ']'", "the end"),
    ("emails[]", 8, "an attribute name", "']'"),
    ('emails[type eq "a"].', 20, "a sub-attribute", "'.'"),
    ('emails[type eq "a"].b.c pr', 20, "a sub-attribute", None),
    ('emails[type eq "a"].value', 26, "an operator", "the end"),
    ('emails[type eq "a"] .value pr', 21, "'and', 'or' or the end", None),
    ("emails[a[b pr]]", 9, "an operator", "'[b pr]]'"),
    ("name.familyName[a pr]", 16, "an attribute without a sub-attribute", None),
    (f"{ENTERPRISE}[a pr]", 59, "an attribute without a sub-attribute", None),
    ("1a pr", 1, "an attribute name", None),
    ("a.b.c pr", 1, "an attribute name", None),
    ("urn:x: pr", 1, "an attribute name", None),
    ("a eq 1e999", 6, "a number within", None),
    ("a eq " + "9" * 5000, 6, "a number within", None),
    (r'a eq "\ud800"', 6, "a string without unpaired surrogates", None),
    ("a eq \ud800", 6, "a Unicode character", r"'\ud800'"),
    ("a" * 40, 41, "an operator", None),
    ("a eq " + "=" * 40, 6, "a value", f"'{'=' * 24}…'"),
]


@pytest.mark.parametrize(("text", "column", "expected", "found"), MALFORMED)
def test_a_malformed_filter_is_refused_with_column_expected_and_found(text, column, expected, found):
    with pytest.raises(InvalidFilter) as refusal:
        parse_filter(text, ALL)
    detail = refusal.value.detail
    assert f"at column {column}, found" in detail
    assert detail.startswith(f"Expected {expected}")
    assert found is None or detail.endswith(f"found {found}")
    detail.encode()


@pytest.mark.parametrize("wrap", ["({})", "not ({})"])
def test_nesting_is_bounded(wrap):
    text = "a pr"
    for _ in range(MAX_DEPTH):
        text = wrap.format(text)
    parse_filter(text, ALL)
    with pytest.raises(InvalidFilter, match="nested deeper"):
        parse_filter(wrap.format(text), ALL)


def test_groups_beside_one_another_are_not_nested():
    text = " or ".join(["(a pr)", "not (a pr)", "a[b pr]"] * MAX_DEPTH)
    assert len(parse_filter(text, ALL).terms) == 3 * MAX_DEPTH


def test_neither_thousands_of_brackets_nor_of_terms_exhaust_the_stack():
    for text in ("(" * 10_000, "not (" * 5_000, "a[" * 10_000):
        with pytest.raises(InvalidFilter):
            parse_filter(text, ALL)
    parse_filter(" and ".join(["a pr"] * MAX_TERMS), ALL)
    with pytest.raises(InvalidFilter, match="more than"):
        parse_filter(" and ".join(["a pr"] * (MAX_TERMS + 1)), ALL)


def test_length_is_bounded():
    with pytest.raises(InvalidFilter, match="longer than"):
        parse_filter(f'a eq "{"x" * MAX_LENGTH}"', ALL)


@given(filters(DEVICE))
def test_every_tree_prints_as_text_that_parses_to_it(tree):
    assert parse_filter(str(tree), [DEVICE]) == tree


@given(st.text(max_size=60) | st.text(st.sampled_from('a.:[]()"\\ 1-e\ud800'), max_size=40))
def test_any_text_parses_or_is_refused(text):
    try:
        parse_filter(text, ALL)
    except InvalidFilter as refusal:
        refusal.detail.encode()


@given(filters(DEVICE), st.data())
def test_any_damaged_filter_parses_or_is_refused(tree, data):
    text = str(tree)
    cut = data.draw(st.integers(0, len(text)))
    junk = data.draw(st.sampled_from(["", '"', ")", "]", "(", "[", " and ", ".", " not ", "\\"]))
    try:
        parse_filter(text[:cut] + junk + text[cut + 1 :], [DEVICE])
    except InvalidFilter as refusal:
        refusal.detail.encode()
