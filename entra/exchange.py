"""One request and its answer."""

import json
from dataclasses import dataclass, field
from typing import Any

OK, CREATED, NO_CONTENT = 200, 201, 204


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and what came back. `body` is the answer read as JSON, None if it is none."""

    method: str
    url: str
    sent: Any
    status: int
    media_type: str
    text: str
    seconds: float
    activity: str = ""
    retry_after: str = ""
    body: Any = field(default=None)

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004 - the class of the status

    @property
    def resources(self) -> list[Any]:
        """The `Resources` of a ListResponse."""
        found = self.body.get("Resources") if isinstance(self.body, dict) else None
        return found if isinstance(found, list) else []

    def __str__(self) -> str:
        sent = f" {json.dumps(self.sent, ensure_ascii=False)}" if self.sent is not None else ""
        return f"{self.method} {self.url}{sent} -> {self.status} {self.text[:2000]}"
