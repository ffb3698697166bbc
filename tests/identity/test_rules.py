"""What tenants and tokens may be called, and how long a token may live."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity import rules
from identity.errors import InvalidTenant, InvalidToken


@pytest.mark.parametrize(
    "id", ["a", "7", "demo", "fabrikam-eu", "a--b", "x" * 40, "123e4567-e89b-12d3-a456-426614174000"]
)
def test_a_slug_is_a_tenant_id(id: str) -> None:
    assert rules.tenant_id(id) == id


@pytest.mark.parametrize(
    "id",
    ["", "x" * 41, "-a", "a-", "-", "Demo", "a_b", "_tenants", "a b", "a/b", "a\n", "ä", "\ud800", "a|b", "٣"],
    ids=ascii,
)
def test_anything_else_is_not(id: str) -> None:
    with pytest.raises(InvalidTenant, match="is not a tenant id"):
        rules.tenant_id(id)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("demo", "demo"),
        ("Müller & Söhne AG", "muller-sohne-ag"),
        ("  Contoso,  Ltd. ", "contoso-ltd"),
        ("x" * 39 + "-y", "x" * 39),
        ("--A--", "a"),
    ],
)
def test_a_tenant_without_an_id_gets_one_like_its_name(name: str, id: str) -> None:
    assert rules.tenant_id_from(name) == id


@given(st.text())
def test_every_name_leads_to_a_tenant_id(name: str) -> None:
    made = rules.tenant_id_from(name)

    assert rules.tenant_id(made) == made


def test_a_name_without_latin_letters_leads_to_a_random_id() -> None:
    assert re.fullmatch("[a-z0-9]{8}", rules.tenant_id_from("株式会社"))
    assert rules.tenant_id_from("株式会社") != rules.tenant_id_from("株式会社")


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "a\0b", "a\x1b[2Jb", "\ud800"], ids=ascii)
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(InvalidTenant, match="is not a tenant's name"):
        rules.tenant_name(name)


def test_names_and_labels_lose_surrounding_space() -> None:
    assert (rules.tenant_name(" Contoso GmbH "), rules.token_label(" a b "), rules.token_label(" ")) == (
        "Contoso GmbH",
        "a b",
        "",
    )


@pytest.mark.parametrize("label", ["x" * 101, "a\nb", "a\x1b[2Jb"], ids=ascii)
def test_a_label_that_cannot_be_shown_is_refused(label: str) -> None:
    with pytest.raises(InvalidToken, match="is not a label"):
        rules.token_label(label)


@pytest.mark.parametrize("days", [1, 365, 1095])
def test_a_token_lives_one_day_to_three_years(days: int) -> None:
    assert rules.token_life(days) == timedelta(days=days)


@pytest.mark.parametrize("days", [-1, 0, 1096, 10**12])
def test_a_token_lives_neither_shorter_nor_longer(days: int) -> None:
    with pytest.raises(InvalidToken, match="choose 1 to 1095"):
        rules.token_life(days)
