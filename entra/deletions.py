"""Prevention of accidental deletions: too many in one cycle are staged until somebody allows them."""

from collections.abc import Collection


def staged(removals: Collection[str], threshold: int | None, *, allowed: bool) -> bool:
    """Whether a cycle holds its removals back.

    `removals` are the objects that it would disable or delete, users and groups alike; more than `threshold` of them
    trip the breaker, unless an administrator allowed the deletions. None means that prevention is off.
    """
    return threshold is not None and not allowed and len(removals) > threshold
