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


class KindBarred(Refused):
    """The tenant refuses credentials of this kind."""

    def __init__(self, tenant_id: str, kind: str) -> None:
        super().__init__(
            f"the tenant {tenant_id} refuses credentials of the kind {kind}: `tenant accept {tenant_id} {kind}` ends"
            " that"
        )


class UnknownClient(Refused):
    """The tenant has no OAuth client of that id."""

    def __init__(self, tenant_id: str, client_id: str) -> None:
        super().__init__(
            f"the tenant {tenant_id} has no OAuth client {client_id}: `client list {tenant_id}` and"
            f" `trust list {tenant_id}` show those it has"
        )


class UnknownSecret(Refused):
    """The OAuth client has no secret of that id."""

    def __init__(self, client_id: str, secret_id: str) -> None:
        super().__init__(f"the OAuth client {client_id} has no secret {secret_id}: `client list` shows those it has")


class TooManySecrets(Refused):
    """The OAuth client has as many valid secrets as it may have."""

    def __init__(self, client_id: str, oldest_id: str) -> None:
        super().__init__(
            f"the OAuth client {client_id} has two valid secrets already: revoke one first (the older is {oldest_id}),"
            " or rotate with --revoke-oldest"
        )


class InvalidClient(Refused):
    """The lifetime of a client's tokens or secrets, or what it is asked to do, does not fit an OAuth client."""


class InvalidTrust(Refused):
    """What shall be trusted is not something that can be trusted."""


class EntraTenantTaken(Refused):
    """The Entra tenant is registered with another tenant of ours."""

    def __init__(self, entra_tenant_id: str) -> None:
        super().__init__(
            f"the Entra tenant {entra_tenant_id} is registered already: its tokens can stand for one tenant only"
        )


class UnknownRegistration(Refused):
    """The tenant has not registered that Entra tenant."""

    def __init__(self, tenant_id: str, entra_tenant_id: str) -> None:
        super().__init__(f"the tenant {tenant_id} has not registered the Entra tenant {entra_tenant_id}")
