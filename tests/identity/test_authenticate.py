"""The bearer check: who gets in, what it costs, what a refused caller learns."""

import ast
import re
from pathlib import Path

import pytest

import identity
from identity.authenticate import Authenticator, Principal
from identity.credentials import SecretTokens
from identity.tenants import Tenants
from identity.tokens import Token
from scim.errors import Unauthorized, Unavailable
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Patience, Tables
from tests.identity.clock import Clock

# RFC 6750 section 3: what error_description may hold.
CHALLENGE = re.compile(
    r'Bearer realm="IDEO SCIM"(, error="invalid_token", error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]+")?'
)


@pytest.fixture
def authenticator(tables: Tables, clock: Clock) -> Authenticator:
    return Authenticator(tables, clock)


@pytest.fixture
async def token(tokens: SecretTokens, customer: str) -> Token:
    return (await tokens.issue(customer, days=30))[0]


async def refusal(authenticator: Authenticator, header: str | None) -> str:
    """The detail of the 401 that the header meets, whose challenge must say the same."""
    with pytest.raises(Unauthorized) as caught:
        await authenticator.authenticate(header)
    challenge = caught.value.headers["WWW-Authenticate"]
    assert CHALLENGE.fullmatch(challenge)
    if "error=" in challenge:
        assert f'error_description="{caught.value.detail}"' in challenge
    return caught.value.detail


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}", "  Bearer {}  ", "Bearer {}\t"])
async def test_a_valid_token_tells_tenant_and_credential(
    authenticator: Authenticator, token: Token, customer: str, form: str
) -> None:
    principal = await authenticator.authenticate(form.format(token.render()))

    assert principal == Principal(customer, token.id, "secret_token")


@pytest.mark.parametrize("header", [None, "", "  ", "Basic dTpw", "Bearer", "Bearer ", "{}", "Token {}", "Bearer{}"])
async def test_no_bearer_token_names_no_error_code(
    authenticator: Authenticator, token: Token, header: str | None
) -> None:
    with metered() as cost, pytest.raises(Unauthorized, match="No bearer token was sent") as caught:
        await authenticator.authenticate(header and header.format(token.render()))

    assert caught.value.headers == {"WWW-Authenticate": 'Bearer realm="IDEO SCIM"'}
    assert cost.calls == 0


@pytest.mark.parametrize(
    "header",
    [
        "Bearer x",
        "Bearer {}x",
        "Bearer x{}",
        "Bearer {0} {0}",
        "Bearer {0},Bearer {0}",
        "Bearer {0}, {0}",
        'Bearer "{}"',
        "Bearer token={}",
        "Bearer \ud800",
        "Bearer ideo_scim_" + "a" * 100_000,
    ],
    ids=lambda header: ascii(header)[:40],
)
async def test_junk_is_refused_without_a_storage_call(authenticator: Authenticator, token: Token, header: str) -> None:
    with metered() as cost:
        reason = await refusal(authenticator, header.format(token.render()))

    assert "is not a secret token of this service" in reason
    assert token.secret not in reason
    assert cost.calls == 0


async def test_unknown_tenant_unknown_token_and_wrong_secret_are_told_alike(
    authenticator: Authenticator, token: Token, customer: str
) -> None:
    other = Token.new(customer)
    inventions = [Token(customer, token.id, other.secret), Token(customer, other.id, token.secret), Token.new("nobody")]
    reasons = {await refusal(authenticator, f"Bearer {one.render()}") for one in inventions}

    assert len(reasons) == 1
    assert "is not known here" in reasons.pop()


async def test_a_token_is_its_own_tenants_alone(authenticator: Authenticator, tenants: Tenants, token: Token) -> None:
    await tenants.create("Other", "other")

    await refusal(authenticator, f"Bearer {Token('other', token.id, token.secret).render()}")


async def test_a_cold_authentication_is_one_storage_call_and_a_warm_one_none(
    authenticator: Authenticator, token: Token
) -> None:
    header = f"Bearer {token.render()}"
    with metered() as cold:
        await authenticator.authenticate(header)
    with metered() as warm:
        for _ in range(100):
            await authenticator.authenticate(header)

    assert (cold.calls, warm.calls) == (1, 0)


@pytest.mark.parametrize("tenant_id", ["nobody", None], ids=["unknown tenant", "unknown token"])
async def test_an_invention_costs_one_storage_call_in_ten_seconds(
    authenticator: Authenticator, customer: str, clock: Clock, tenant_id: str | None
) -> None:
    header = f"Bearer {Token.new(tenant_id or customer).render()}"
    calls = []
    for seconds in (0, 9.9, 0.1):
        clock.move(seconds=seconds)
        with metered() as cost:
            await refusal(authenticator, header)
        calls.append(cost.calls)

    assert calls == [1, 0, 1]


async def test_guessing_the_secret_of_a_known_token_costs_no_further_call(
    authenticator: Authenticator, token: Token
) -> None:
    await authenticator.authenticate(f"Bearer {token.render()}")
    with metered() as cost:
        for _ in range(10):
            guess = Token(token.tenant_id, token.id, Token.new("x").secret)
            await refusal(authenticator, f"Bearer {guess.render()}")

    assert cost.calls == 0


async def test_a_revoked_token_dies_within_a_minute(
    authenticator: Authenticator, tokens: SecretTokens, token: Token, clock: Clock
) -> None:
    header = f"Bearer {token.render()}"
    await authenticator.authenticate(header)
    await tokens.revoke(token.tenant_id, token.id)

    clock.move(seconds=59)
    await authenticator.authenticate(header)
    clock.move(seconds=1)
    assert f"The secret token {token.id} was revoked on 2026-03-01" in await refusal(authenticator, header)


async def test_an_expired_token_is_refused_at_that_moment_though_it_is_cached(
    authenticator: Authenticator, token: Token, clock: Clock
) -> None:
    header = f"Bearer {token.render()}"
    clock.move(days=30, seconds=-5)
    await authenticator.authenticate(header)

    clock.move(seconds=5)
    with metered() as cost:
        assert f"The secret token {token.id} expired on 2026-03-31" in await refusal(authenticator, header)
    assert cost.calls == 0


async def test_a_disabled_tenant_is_refused_within_a_minute_and_comes_back(
    authenticator: Authenticator, tenants: Tenants, token: Token, clock: Clock
) -> None:
    header = f"Bearer {token.render()}"
    await authenticator.authenticate(header)
    await tenants.disable(token.tenant_id)
    clock.move(seconds=60)
    with metered() as cost:
        assert f"The tenant {token.tenant_id} is disabled" in await refusal(authenticator, header)
    assert cost.calls == 1

    await tenants.enable(token.tenant_id)
    clock.move(seconds=60)
    await authenticator.authenticate(header)


@pytest.mark.parametrize("state", ["revoked", "expired", "disabled"])
async def test_the_state_of_a_token_is_told_only_to_who_has_its_secret(
    authenticator: Authenticator, tenants: Tenants, tokens: SecretTokens, token: Token, clock: Clock, state: str
) -> None:
    match state:
        case "revoked":
            await tokens.revoke(token.tenant_id, token.id)
        case "expired":
            clock.move(days=31)
        case _:
            await tenants.disable(token.tenant_id)
    guess = Token(token.tenant_id, token.id, Token.new("x").secret)

    assert "is not known here" in await refusal(authenticator, f"Bearer {guess.render()}")
    assert state in await refusal(authenticator, f"Bearer {token.render()}")


async def test_a_rotation_leaves_no_request_refused(
    authenticator: Authenticator, tokens: SecretTokens, token: Token, clock: Clock
) -> None:
    second, _ = await tokens.issue(token.tenant_id)
    for one in (token, second, token, second):
        assert (await authenticator.authenticate(f"Bearer {one.render()}")).credential_id == one.id

    await tokens.revoke(token.tenant_id, token.id)
    clock.move(seconds=60)
    await refusal(authenticator, f"Bearer {token.render()}")
    await authenticator.authenticate(f"Bearer {second.render()}")


async def test_a_storage_failure_is_unavailable_never_unauthorized(
    storage_settings: Settings, token: Token, clock: Clock
) -> None:
    elsewhere = re.sub(r":\d+/", ":1/", storage_settings.connection_string)
    cut_off = Tables(Settings(connection_string=elsewhere), patience=Patience(attempts=0))
    try:
        with pytest.raises(Unavailable):
            await Authenticator(cut_off, clock).authenticate(f"Bearer {token.render()}")
    finally:
        await cut_off.close()


async def test_a_missing_table_is_unavailable_never_unauthorized(
    storage_settings: Settings, token: Token, clock: Clock
) -> None:
    class Unprepared(Tables):
        def table(self, name: str):
            return super().table(f"{name}unprepared")

    tables = Unprepared(storage_settings)
    try:
        with pytest.raises(Unavailable):
            await Authenticator(tables, clock).authenticate(f"Bearer {token.render()}")
    finally:
        await tables.close()


async def test_inventions_are_remembered_in_bounds_and_drive_out_no_customer(
    authenticator: Authenticator, token: Token, clock: Clock
) -> None:
    header = f"Bearer {token.render()}"
    await authenticator.authenticate(header)
    for n in range(20_000):
        authenticator._secret_tokens._unknown.put(("nobody", str(n)), True, clock.now)

    with metered() as cost:
        await authenticator.authenticate(header)
    assert cost.calls == 0
    assert len(authenticator._secret_tokens._unknown) == 10_000


def test_secrets_are_compared_in_constant_time_alone() -> None:
    for path in Path(identity.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                assert "digest" not in ast.unparse(node), f"{path.name}:{node.lineno}"
                assert not re.search(r"\.secret\b", ast.unparse(node)), f"{path.name}:{node.lineno}"

    tree = ast.parse((Path(identity.__file__).parent / "secret_token_check.py").read_text())
    called = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert "hmac.compare_digest(digest, token.digest())" in called
