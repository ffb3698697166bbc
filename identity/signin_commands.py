"""What `python -m identity` does for people who sign in."""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping

from identity.command import Answer, Session
from identity.display import tenant_data
from identity.signin_self_service import self_service


async def set_self_service(session: Session, given: Namespace) -> Answer:
    """Set which attributes people may change of themselves."""
    tenant = await session.tenants.let_change(given.tenant, self_service(given.attributes))
    allowed = ", ".join(tenant.self_service) or "nothing"
    line = f"People of the tenant {tenant.id} can change {allowed} of themselves everywhere within a minute."
    return Answer(tenant_data(tenant), [line])


SIGNIN_COMMANDS: Mapping[tuple[str, str], Callable[[Session, Namespace], Awaitable[Answer]]] = {
    ("tenant", "self-service"): set_self_service,
}
