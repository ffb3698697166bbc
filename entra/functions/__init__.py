"""The functions of mapping expressions, under the names that Microsoft documents.

Each takes the context and its arguments; an argument that was left out or has no value is None. SelectUniqueValue is
absent: it is for provisioning into Active Directory only.
"""

from collections.abc import Callable, Mapping
from typing import Any

from entra.functions import dates, logic, roles, text

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **text.FUNCTIONS,
    **logic.FUNCTIONS,
    **dates.FUNCTIONS,
    **roles.FUNCTIONS,
}
