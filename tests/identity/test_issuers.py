"""Whose tokens may be trusted, and where their keys may be fetched from."""

import pytest

from identity.errors import InvalidTrust
from identity.issuers import NON_GALLERY_AUDIENCE, AllowedHosts, audiences, entra_trust, trust

TID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
APP = "c0ffee00-1234-4321-8888-0123456789ab"
KEYS = f"https://login.microsoftonline.com/{TID}/discovery/v2.0/keys"
MICROSOFT = AllowedHosts.of({})
EXTENDED = AllowedHosts.of({"JWKS_HOSTS": " idp.example.com , idp.example.org:8443,", "JWKS_LOOPBACK": "1"})


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        (MICROSOFT, KEYS, True),
        (MICROSOFT, "https://LOGIN.microsoftonline.com/x?appid=1", True),
        (MICROSOFT, "https://login.microsoftonline.com:443/x", True),
        (MICROSOFT, "https://login.microsoftonline.us/x", True),
        (MICROSOFT, "https://login.partner.microsoftonline.cn/x", True),
        (MICROSOFT, "http://login.microsoftonline.com/x", False),
        (MICROSOFT, "https://login.microsoftonline.com:8443/x", False),
        (MICROSOFT, "https://login.microsoftonline.com.thief.example/x", False),
        (MICROSOFT, "https://thief.example/login.microsoftonline.com", False),
        (MICROSOFT, "https://login.microsoftonline.com@thief.example/x", False),
        (MICROSOFT, "https://user@login.microsoftonline.com/x", False),
        (MICROSOFT, "https://login.microsoftonline.com/x#y", False),
        (MICROSOFT, "https://thief.example\\@login.microsoftonline.com/x", False),
        (MICROSOFT, "https://169.254.169.254/metadata", False),
        (MICROSOFT, "http://127.0.0.1:8080/keys", False),
        (MICROSOFT, "http://localhost/keys", False),
        (MICROSOFT, "file:///etc/passwd", False),
        (MICROSOFT, "https://[::1", False),
        (MICROSOFT, "https://x:99999999/", False),
        (MICROSOFT, "", False),
        (EXTENDED, "https://idp.example.com/keys", True),
        (EXTENDED, "https://idp.example.org:8443/keys", True),
        (EXTENDED, "https://idp.example.org/keys", False),
        (EXTENDED, "http://idp.example.com/keys", False),
        (EXTENDED, "http://127.0.0.1:8080/keys", True),
        (EXTENDED, "http://[::1]:8080/keys", True),
        (EXTENDED, "http://localhost:1/keys", True),
        (EXTENDED, "http://127.0.0.1.thief.example/keys", False),
        (EXTENDED, "http://10.0.0.1/keys", False),
        (EXTENDED, KEYS, True),
    ],
)
def test_keys_are_fetched_from_listed_hosts_alone(hosts: AllowedHosts, url: str, allowed: bool) -> None:
    if allowed:
        assert hosts.check(url) == url
    else:
        with pytest.raises(InvalidTrust):
            hosts.check(url)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (APP, (APP, f"api://{APP}")),
        (f"api://{APP}", (APP, f"api://{APP}")),
        (f" {APP} ", (APP, f"api://{APP}")),
        ("api://AzureADTokenExchange", ("api://AzureADTokenExchange",)),
        ("https://scim.example.com", ("https://scim.example.com",)),
    ],
)
def test_an_application_id_is_an_audience_in_both_forms(given: str, expected: tuple[str, ...]) -> None:
    assert audiences(given) == expected


@pytest.mark.parametrize(
    ("issuer", "given", "expected"),
    [
        (f"https://login.microsoftonline.com/{TID}/v2.0", None, TID),
        (f"https://sts.windows.net/{TID}/", None, TID),
        ("https://idp.example.com", None, None),
        ("https://idp.example.com", TID.upper(), TID),
    ],
)
def test_the_entra_tenant_is_read_from_the_issuer(issuer: str, given: str | None, expected: str | None) -> None:
    assert trust(MICROSOFT, issuer, KEYS, "s", APP, given).entra_tenant_id == expected


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": ""},
        {"issuer": "x" * 2000},
        {"subject": " "},
        {"subject": "a\nb"},
        {"audience": ""},
        {"jwks_url": "http://login.microsoftonline.com/keys"},
        {"entra_tenant_id": "contoso.onmicrosoft.com"},
    ],
    ids=str,
)
def test_what_cannot_be_trusted_is_refused(change: dict[str, str]) -> None:
    good = {
        "issuer": f"https://login.microsoftonline.com/{TID}/v2.0",
        "jwks_url": KEYS,
        "subject": "s",
        "audience": APP,
    }
    assert trust(MICROSOFT, **good)

    with pytest.raises(InvalidTrust):
        trust(MICROSOFT, **good | change)


def test_entras_own_tokens_are_expected_as_entra_issues_them() -> None:
    believed = entra_trust(MICROSOFT, TID)

    assert (believed.issuer, believed.entra_tenant_id) == (f"https://sts.windows.net/{TID}/", TID)
    assert believed.jwks_url == f"https://login.microsoftonline.com/{TID}/discovery/keys"
    assert NON_GALLERY_AUDIENCE in believed.audiences
    assert believed.subject is None
