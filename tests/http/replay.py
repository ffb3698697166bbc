"""Replays a recorded conversation over HTTP and says where the answers differ from the recorded ones."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from tests.http.answers import faults
from tests.http.client import Answer, Client
from tests.http.conversation import Conversation, Step
from tests.http.matching import differences

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def replay(conversation: Conversation, client: Client) -> list[str]:
    """Send the steps in turn and return what differs, a line each; stops at the first step that differs.

    A PATCH that succeeded is sent once more: the answer must be the same and the resource, its version
    included, must not change (an engine that retries must do no harm).
    """
    variables: dict[str, Any] = {"base": client.tenant_url, "token": client.secret_token}
    for name, value in conversation.vars.items():
        variables[name] = fill(value, variables)
    for number, step in enumerate(conversation.steps, 1):
        filled = _filled(step, variables)
        answer = _send(filled, client)
        found = _judge(filled, answer)
        if not found and step.replayable:
            found = [f"sent again: {line}" for line in _again(filled, answer, client)]
        if found:
            return [f"step {number} ({step.name}): {line}" for line in found]
        variables |= {name: _pick(answer, pointer) for name, pointer in step.save.items()}
    return []


def fill(value: Any, variables: dict[str, Any], encode: Callable[[str], str] = str) -> Any:
    """Return the JSON value with each `${name}` replaced; a string that is one variable alone keeps its type."""
    if isinstance(value, dict):
        return {fill(key, variables): fill(item, variables, encode) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, variables, encode) for item in value]
    if not isinstance(value, str):
        return value
    whole = _VARIABLE.fullmatch(value)
    if whole and encode is str:
        return _value(whole[1], variables)
    return _VARIABLE.sub(lambda match: encode(str(_value(match[1], variables))), value)


def _value(name: str, variables: dict[str, Any]) -> Any:
    return str(uuid.uuid4()) if name == "uuid" else variables[name]


def _filled(step: Step, variables: dict[str, Any]) -> Step:
    """Return the step with its variables in place, encoded as path, query and JSON demand."""
    data = step.model_dump()
    path = fill(data.pop("path"), variables, lambda value: quote(value, safe=""))
    query = fill(data.pop("query"), variables, quote_plus)
    save = data.pop("save")
    return Step(**fill(data, variables), path=path, query=query, save=save)


def _send(step: Step, client: Client) -> Answer:
    body = step.body if step.raw is None else step.raw.encode()
    return client.call(step.method, step.path, body, query=step.query, headers=step.headers)


def _judge(step: Step, answer: Answer) -> list[str]:
    expect = step.expect
    if answer.status != expect.status:
        return [f"expected {expect.status}, got {answer.status} {answer.content[:600].decode(errors='replace')}"]
    found = faults(answer)
    found += differences({k.lower(): v for k, v in expect.headers.items()}, dict(answer.headers), at="header")
    if expect.body is not None:
        found += differences(expect.body, answer.body)
    if expect.equals is not None:
        found += differences(expect.equals, answer.body, whole=True)
    return found


def _again(step: Step, first: Answer, client: Client) -> Iterator[str]:
    before = client.call("GET", step.path)
    second = _send(step, client)
    after = client.call("GET", step.path)
    if (second.status, second.body) != (first.status, first.body):
        yield f"first {first.status} {first.content!r}, then {second.status} {second.content!r}"
    if before.content != after.content:
        yield f"changed the resource from {before.content!r} to {after.content!r}"


def _pick(answer: Answer, pointer: str) -> Any:
    """Return what a JSON pointer (RFC 6901) finds in the body, or the header that is named."""
    if not pointer.startswith("/"):
        return answer.headers[pointer.lower()]
    value = answer.body
    for token in pointer[1:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value
