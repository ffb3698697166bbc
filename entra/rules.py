"""The rules that answers can break, with the code that Entra's log shows and what follows.

Where Entra stays silent and the damage shows later (an update that never ends, members that are gone), the code is
empty: no log of Entra's would say it, which is the reason to say it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from entra.exchange import Exchange

SLOW = 5.0  # seconds
_SCIM = "SystemForCrossDomainIdentityManagement"

RULES: Mapping[str, tuple[str, str]] = {
    # rule: (Entra's code, what follows)
    "status-of-empty-query": (
        f"{_SCIM}ServiceIncompatible",
        "A query that finds nothing is answered 200 with an empty ListResponse; 404 quarantines the whole job.",
    ),
    "list-response": (
        f"{_SCIM}ServiceIncompatible",
        "A query is answered with a ListResponse that has schemas, totalResults and, if it found something, Resources.",
    ),
    "one-match": (
        "DuplicateTargetEntries",
        "A matching query may find one object at most; with several, the object is skipped in every cycle.",
    ),
    "other-match": (
        f"{_SCIM}ServiceIncompatibleFiltering",
        "The query returned an object that does not have the value asked for: the filter was ignored.",
    ),
    "members-excluded": (
        f"{_SCIM}MultipleEntriesInResponse",
        "excludedAttributes=members was ignored: Entra then replaces the members by a list that may be partial.",
    ),
    "active-boolean": ("", "`active` is a boolean; Entra compares it with true and false and updates it for ever."),
    "manager-object": (
        f"{_SCIM}ServiceIncompatible",
        "`manager` is returned as an object with a value; Entra cannot read it as anything else.",
    ),
    "created-status": (f"{_SCIM}ServiceIncompatible", "Creation is answered 201 with the whole resource."),
    "id-present": ("InvalidAnchor", "A resource carries its id: Entra keeps it as the anchor of all later requests."),
    "id-stable": ("InvalidAnchor", "The id of a resource never changes: Entra's link to it breaks otherwise."),
    "echo": (
        "",
        "The value is not returned as it was sent: Entra will see a difference and update it in every full cycle.",
    ),
    "update-without-end": (
        "",
        "The value was written before and is not there: either the target transforms it, or somebody changed it there.",
    ),
    "error-body": (
        f"{_SCIM}ServiceIncompatible",
        "An error is answered with a SCIM Error body; anything else is reported as a target that is not SCIM.",
    ),
    "media-type": (f"{_SCIM}ServiceIncompatible", "Answers have the media type application/scim+json."),
    "slow": ("Timeout", f"The answer took more than {SLOW:.0f} seconds; slow creations are sent again and then fail."),
    "gone-after-delete": ("", "A deleted resource is still found; Entra would match it again and take it over."),
    "there-after-disable": ("", "A disabled user is not found any more; Entra would create the person a second time."),
    "idempotent": ("", "The same PATCH sent twice must succeed twice: Entra repeats requests it lost the answer to."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an answer broke."""

    rule: str
    detail: str
    exchange: Exchange | None = None

    @property
    def code(self) -> str:
        """Entra's error code; empty where Entra says nothing."""
        return RULES[self.rule][0]

    @property
    def sentence(self) -> str:
        """What the rule is and what follows."""
        return RULES[self.rule][1]

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}. {self.sentence}"
