"""Good assertions, and every way in which one may be forged: what is made, and why it is refused."""

import json
from collections.abc import Callable

from identity.jws import LONGEST
from tests.identity.issuer import (
    AUDIENCE,
    OTHER_ENTRA_TENANT,
    SUBJECT,
    Issuer,
    ec_key,
    encode,
    hmac_sign,
    pem,
    public_jwk,
    rsa_key,
    sign,
)

OTHER = "99999999-8888-7777-6666-555555555555"
Made = Callable[[Issuer, int], str]


def claims_text(issuer: Issuer, **more: str) -> str:
    """Claims as text, with members put in front that occur again."""
    first = ", ".join(f'"{name}": {value}' for name, value in more.items())
    return "{" + first + ", " + json.dumps(issuer.claims())[1:]


def part(token: str, number: int, value: object) -> str:
    """The token with one of its three parts replaced."""
    parts = token.split(".")
    parts[number] = value if isinstance(value, str) else encode(value)
    return ".".join(parts)


GOOD: dict[str, Made] = {
    "as Entra sends it": lambda i, _: i.token(),
    "audience as api://": lambda i, _: i.token(aud=f"api://{AUDIENCE}"),
    "one audience in a list": lambda i, _: i.token(aud=["https://else.example", AUDIENCE]),
    "ES256": lambda i, _: sign(i.header(alg="ES256", kid="e1"), i.claims(), ec_key("e1")),
    "without typ": lambda i, _: i.forged(typ=...),
    "typ in lower case": lambda i, _: i.forged(typ="jwt"),
    "with the thumbprint of version 1": lambda i, _: i.forged(x5t="k1"),
    "without nbf and iat": lambda i, _: i.token(nbf=..., iat=...),
    "issued 5 minutes ahead": lambda i, now: i.token(nbf=now + 300, iat=now + 300),
    "expires in a second": lambda i, now: i.token(exp=now + 2),
    "expires in a day": lambda i, now: i.token(exp=now + 86400),
    "with roles": lambda i, _: i.token(roles=["x"]),
    "times as fractions": lambda i, now: i.token(exp=now + 3600.5, iat=now - 0.5),
}

FORGERIES: dict[str, tuple[Made, str]] = {
    # audience
    "aud of another application": (lambda i, _: i.token(aud=OTHER), f"aud: expected .*{AUDIENCE}.*received .*{OTHER}"),
    "aud of Graph": (lambda i, _: i.token(aud="https://graph.microsoft.com"), "aud: expected"),
    "aud missing": (lambda i, _: i.token(aud=...), "aud: expected .* received nothing"),
    "aud null": (lambda i, _: i.token(aud=None), "aud: expected"),
    "aud empty": (lambda i, _: i.token(aud=""), "aud: expected"),
    "aud an empty list": (lambda i, _: i.token(aud=[]), "aud: expected"),
    "aud a list of others": (lambda i, _: i.token(aud=[OTHER, "x"]), "aud: expected"),
    "aud inside a list inside a list": (lambda i, _: i.token(aud=[[AUDIENCE]]), "aud: expected"),
    "aud an object": (lambda i, _: i.token(aud={AUDIENCE: 1}), "aud: expected"),
    "aud in upper case": (lambda i, _: i.token(aud=AUDIENCE.upper()), "aud: expected"),
    "aud with something behind": (lambda i, _: i.token(aud=AUDIENCE + "/"), "aud: expected"),
    # issuer
    "iss of another Entra tenant": (
        lambda i, _: i.token(iss=f"{i.url}/{OTHER_ENTRA_TENANT}/v2.0"),
        f"iss: expected .* received .*{OTHER_ENTRA_TENANT}",
    ),
    "iss of version 1": (lambda i, _: i.token(iss="https://sts.windows.net/x/"), "iss: expected"),
    "iss missing": (lambda i, _: i.token(iss=...), "iss: expected .* received nothing"),
    "iss a list": (lambda i, _: i.token(iss=[i.issuer]), "iss: expected"),
    "iss without its end": (lambda i, _: i.token(iss=i.issuer[:-1]), "iss: expected"),
    "iss with a slash behind": (lambda i, _: i.token(iss=i.issuer + "/"), "iss: expected"),
    # subject
    "sub of another application": (lambda i, _: i.token(sub=OTHER, oid=OTHER), f"sub: expected .* received .*{OTHER}"),
    "sub missing": (lambda i, _: i.token(sub=...), "sub: expected .* received nothing"),
    "sub a number": (lambda i, _: i.token(sub=7), "sub: expected"),
    "sub a list": (lambda i, _: i.token(sub=[SUBJECT]), "sub: expected"),
    "sub empty": (lambda i, _: i.token(sub=""), "sub: expected"),
    "oid good but sub another": (lambda i, _: i.token(sub=OTHER), "sub: expected"),
    # Entra tenant
    "tid of another Entra tenant": (lambda i, _: i.token(tid=OTHER_ENTRA_TENANT), "tid: expected .* received .*1111"),
    "tid missing": (lambda i, _: i.token(tid=...), "tid: expected .* received nothing"),
    "tid a boolean": (lambda i, _: i.token(tid=True), "tid: expected"),
    # times
    "expired a day ago": (lambda i, now: i.token(exp=now - 86400), "exp: expected after .* received 2026-02-28"),
    "expired this second": (lambda i, now: i.token(exp=now), "exp: expected after"),
    "exp missing": (lambda i, _: i.token(exp=...), "exp: expected .* received nothing"),
    "exp far in the future": (lambda i, now: i.token(exp=now + 2 * 86400), "exp: expected .* within a day"),
    "exp beyond all calendars": (lambda i, _: i.token(exp=10**30), "exp: expected"),
    "exp infinite": (
        lambda i, _: sign(i.header(), json.dumps(i.claims(exp=7)).replace("7}", "1e999}"), rsa_key("k1")),
        "exp: expected",
    ),
    "exp not a number": (lambda i, now: i.token(exp=str(now + 60)), "exp: expected"),
    "exp a boolean": (lambda i, _: i.token(exp=True), "exp: expected"),
    "exp NaN": (lambda i, _: i.token(exp=float("nan")), "its payload is not JSON"),
    "not yet valid": (lambda i, now: i.token(nbf=now + 302), "nbf: expected not after .* received"),
    "nbf a string": (lambda i, now: i.token(nbf=str(now)), "nbf: expected"),
    "issued in the future": (lambda i, now: i.token(iat=now + 302), "iat: expected not after"),
    # signature and key
    "signed with another key": (lambda i, _: i.forged(rsa_key("thief")), "signature: expected"),
    "signed with the other published key": (lambda i, _: i.forged(ec_key("e1")), "signature: expected"),
    "kid unknown": (lambda i, _: i.forged(rsa_key("thief"), kid="k9"), "kid: expected a key of .* received .*k9"),
    "kid missing": (lambda i, _: i.forged(kid=...), "its header names no key"),
    "kid empty": (lambda i, _: i.forged(kid=""), "its header names no key"),
    "kid a number": (lambda i, _: i.forged(kid=1), "its header names no key"),
    "kid a path": (lambda i, _: i.forged(kid="../../dev/null"), "kid: expected"),
    "signature cut off": (lambda i, _: part(i.token(), 2, ""), "three parts of base64url"),
    "signature of nothing": (lambda i, _: part(i.token(), 2, b"\0"), "signature: expected"),
    "signature changed": (lambda i, _: i.token()[:-5] + "AAAAA", "signature: expected"),
    "claims changed": (lambda i, _: part(i.token(sub=OTHER), 1, i.claims()), "signature: expected"),
    "header changed": (lambda i, _: part(i.token(), 0, i.header(more=1)), "signature: expected"),
    # algorithm (RFC 8725 section 2.1)
    "alg none": (lambda i, _: part(i.forged(alg="none"), 2, b"x"), "its algorithm is not one of"),
    "alg none without signature": (lambda i, _: f"{encode(i.header(alg='none'))}.{encode(i.claims())}.", "three parts"),
    "alg None": (lambda i, _: i.forged(alg="None"), "its algorithm is not one of"),
    "alg missing": (lambda i, _: i.forged(alg=...), "its algorithm is not one of"),
    "alg a list": (lambda i, _: i.forged(alg=["RS256"]), "its algorithm is not one of"),
    "HS256 with the public key": (
        lambda i, _: hmac_sign(i.header(alg="HS256"), i.claims(), pem(rsa_key("k1"))),
        "its algorithm is not one of",
    ),
    "RS256 in name, HMAC with the public key": (
        lambda i, _: hmac_sign(i.header(), i.claims(), pem(rsa_key("k1"))),
        "signature: expected",
    ),
    "ES256 for an RSA key": (
        lambda i, _: i.forged(ec_key("e1"), alg="ES256"),
        "alg: expected .*RS256.* received ES256",
    ),
    "RS256 for an EC key": (lambda i, _: i.forged(kid="e1"), "alg: expected .*ES256.* received RS256"),
    "ES256 of zeros": (
        lambda i, _: part(i.forged(ec_key("e1"), alg="ES256", kid="e1"), 2, bytes(64)),
        "signature: expected",
    ),
    "PS256": (lambda i, _: i.forged(alg="PS256"), "its algorithm is not one of"),
    "RS512": (lambda i, _: i.forged(alg="RS512"), "its algorithm is not one of"),
    # keys inside the token (RFC 8725 sections 3.1 and 3.10)
    "embedded jwk": (
        lambda i, _: i.forged(rsa_key("thief"), jwk=public_jwk("k1", rsa_key("thief"))),
        r"brings keys of its own \(jwk\)",
    ),
    "jku": (lambda i, _: i.forged(rsa_key("thief"), jku="https://thief.example/keys"), r"of its own \(jku\)"),
    "x5u": (lambda i, _: i.forged(rsa_key("thief"), x5u="https://thief.example/cert"), r"of its own \(x5u\)"),
    "x5c": (lambda i, _: i.forged(rsa_key("thief"), x5c=["MIIB"]), r"of its own \(x5c\)"),
    "crit": (lambda i, _: i.forged(crit=["exp"]), "extensions that are not supported"),
    "b64": (lambda i, _: i.forged(b64=False), "extensions that are not supported"),
    "typ of another kind": (lambda i, _: i.forged(typ="secevent+jwt"), "its type"),
    # form
    "a claim twice": (lambda i, _: sign(i.header(), claims_text(i, sub='"x"'), rsa_key("k1")), "occurs twice"),
    "aud twice": (lambda i, _: sign(i.header(), claims_text(i, aud=f'"{AUDIENCE}"'), rsa_key("k1")), "occurs twice"),
    "alg twice": (
        lambda i, _: sign('{"alg":"none","alg":"RS256","kid":"k1"}', i.claims(), rsa_key("k1")),
        "occurs twice",
    ),
    "oversize": (lambda i, _: i.token(x="x" * LONGEST), f"at most {LONGEST} are read"),
    "claims not an object": (lambda i, _: sign(i.header(), [i.claims()], rsa_key("k1")), "is not a JSON object"),
    "claims not JSON": (lambda i, _: sign(i.header(), "sub=x", rsa_key("k1")), "its payload is not JSON"),
    "claims not UTF-8": (lambda i, _: sign(i.header(), b'{"sub":"\xff"}', rsa_key("k1")), "its payload is not JSON"),
    "claims nested without end": (lambda i, _: sign(i.header(), "[" * 9000, rsa_key("k1")), "its payload is not JSON"),
    "header a string": (lambda i, _: sign('"x"', i.claims(), rsa_key("k1")), "is not a JSON object"),
    "base64 with padding": (lambda i, _: i.token() + "=", "three parts of base64url"),
    "base64 of the other alphabet": (lambda i, _: i.token() + "+/", "three parts of base64url"),
    "a space in it": (lambda i, _: i.token().replace(".", ". "), "three parts of base64url"),
    "five parts": (lambda i, _: i.token() + ".a.b", "three parts of base64url"),
    "two parts": (lambda i, _: i.token().rpartition(".")[0], "three parts of base64url"),
    "no token": (lambda _, __: "x", "three parts of base64url"),
}
