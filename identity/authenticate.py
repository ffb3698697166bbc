"""Who is calling, and for which tenant: the bearer check before every request (RFC 6750).

Every form of token ends here: secret tokens, access tokens of our own token endpoint, and Entra's own. What verifies
the latter two is loaded at the first request that brings one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from identity import decisions
from identity.bearer import BearerCheck, Claim, Principal, bearer_token
from identity.jws import Jws
from identity.limits import Failures, budgets
from identity.secret_token_check import SecretTokenCheck
from identity.uses import Uses
from scim.errors import ScimError, TooManyRequests, Unauthorized
from storage.tables import Tables

if TYPE_CHECKING:
    from identity.oauth import OAuth

__all__ = ["Authenticator", "Principal"]


class Authenticator:
    """Decides on the Authorization header; one per process, because it caches.

    `clock` is the time now, in UTC; `settings` are those of identity.settings, where only the presence of OAuth needs
    any. Raises SettingsError where one has no meaning.
    """

    def __init__(
        self, tables: Tables, clock: Callable[[], datetime], settings: Mapping[str, str] | None = None
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._settings = settings or {}
        self._secret_tokens = SecretTokenCheck(tables, clock)
        self._failures = Failures()
        self._budgets = budgets(self._settings)
        self.uses = Uses(tables, clock)

    @cached_property
    def oauth(self) -> "OAuth":
        """The token endpoint and what belongs to it."""
        # Here, because it costs a cold start 0.2 s, and who uses secret tokens never needs it.
        from identity.oauth import OAuth  # noqa: PLC0415

        return OAuth(self._tables, self._clock, self._settings, self._failures, self.uses)

    async def authenticate(self, authorization: str | None, *, caller: str = "", base_url: str = "") -> Principal:
        """Return who sent this Authorization header.

        `caller` is the address of the sender, `base_url` the Tenant URL that was called: access tokens are for one.
        Makes at most one storage call after another for a secret token that it has not met for a minute, two for
        other tokens, else none. Raises Unauthorized with its WWW-Authenticate header, TooManyRequests with
        Retry-After, and Unavailable when the storage or an issuer does not answer.
        """
        now, claim = self._clock(), Claim("", "", "")
        try:
            token = bearer_token(authorization)
            check = self._check_of(token)
            principal = check.remembered(token, base_url, now)
            if principal is None:
                claim = check.claim(token)
                self._check_failures(caller, claim, now)
                principal = await check.prove(token, base_url, now)
            self._spend(principal, now)
        except ScimError as error:
            if isinstance(error, Unauthorized):
                self._failures.note(caller, claim.credential_id, now)
            decisions.record(
                "request",
                refused=error.detail,
                tenant=claim.tenant_id,
                credential=claim.credential_id,
                method=claim.method,
            )
            raise
        self.uses.note(principal.tenant_id, principal.credential_id)
        decisions.record(
            "request", tenant=principal.tenant_id, credential=principal.credential_id, method=principal.method
        )
        return principal

    def _check_of(self, token: str) -> BearerCheck:
        return self.oauth.bearer if Jws.looks_like(token) else self._secret_tokens

    def _check_failures(self, caller: str, claim: Claim, now: datetime) -> None:
        """Refuse who failed too often, before it costs a storage call. Raises TooManyRequests."""
        wait = self._failures.wait(caller, claim.credential_id, now)
        if wait > 0:
            raise _too_many("Too many requests with a credential that is not valid", wait)

    def _spend(self, principal: Principal, now: datetime) -> None:
        wait = self._budgets.wait(principal.tenant_id, now)
        if wait > 0:
            raise _too_many(f"The tenant {principal.tenant_id} sends more requests than an instance serves", wait)
        self._budgets.take(principal.tenant_id, now)


def _too_many(what: str, wait: float) -> TooManyRequests:
    seconds = str(int(wait) + 1)
    return TooManyRequests(f"{what}; try again in {seconds} seconds.", headers={"Retry-After": seconds})
