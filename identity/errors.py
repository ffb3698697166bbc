"""Why an administrator's command was refused: one root, each error one sentence that says what to do."""


class Refused(Exception):
    """The command cannot be carried out; nothing has changed."""


class UnknownTenant(Refused):
    """There is no tenant of that id."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(f"there is no tenant {tenant_id}: `tenant list` shows those there are")


class TenantExists(Refused):
    """The id is taken."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(f"there is a tenant {tenant_id} already: choose another id with --id")


class TenantDisabled(Refused):
    """A disabled tenant gets no credentials."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(f"the tenant {tenant_id} is disabled: enable it before issuing a token")


class InvalidTenant(Refused):
    """The id or the name of a tenant is not one that can be used."""


class UnknownToken(Refused):
    """The tenant has no token of that id."""

    def __init__(self, tenant_id: str, token_id: str) -> None:
        super().__init__(f"the tenant {tenant_id} has no token {token_id}: `token list {tenant_id}` shows those it has")


class TooManyTokens(Refused):
    """The tenant has as many valid tokens as it may have."""

    def __init__(self, tenant_id: str, oldest_id: str) -> None:
        super().__init__(
            f"the tenant {tenant_id} has two valid tokens already: revoke one first (the older is {oldest_id}),"
            " or rotate with --revoke-oldest"
        )


class InvalidToken(Refused):
    """The label or the life of a token is not one that can be used."""
