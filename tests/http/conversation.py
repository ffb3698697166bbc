"""Recorded exchanges as data: the format of tests/exchanges/ (see the README.md there)."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent.parent / "exchanges"

Client = Literal["entra-legacy", "entra-optscim", "validator", "gallery", "postman", "okta", "rfc7644", "rfc9865"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expect(_Record):
    """What the answer must be: `body` matches in part, `equals` in whole; both may hold matchers."""

    status: int
    headers: dict[str, Any] = Field(default_factory=dict)
    body: Any = None
    equals: Any = None


class Step(_Record):
    """One request and its answer. `raw` is a body sent as it stands; a header that is null is not sent."""

    name: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str | None] = Field(default_factory=dict)
    body: Any = None
    raw: str | None = None
    expect: Expect
    save: dict[str, str] = Field(default_factory=dict)
    idempotent: bool = True

    @property
    def replayable(self) -> bool:
        """Whether the step is sent once more, to see that the second time changes nothing."""
        return self.method == "PATCH" and self.idempotent and self.expect.status < 300


class Conversation(_Record):
    """The requests that one client sends one after another, in a tenant of their own."""

    name: str
    client: Client
    note: str = ""
    vars: dict[str, str] = Field(default_factory=dict)
    steps: list[Step] = Field(min_length=1)


def paths() -> list[Path]:
    """Return the files of the corpus, in the order of their names."""
    return sorted(FOLDER.glob("*/*.json"))


def read(path: Path) -> Conversation:
    """Return the conversation that a file holds. Raises ValidationError for what is not of the format."""
    return Conversation.model_validate(json.loads(path.read_text(encoding="utf-8")))
