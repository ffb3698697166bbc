"""Inputs nobody would think of: mutations of what clients really send, and text without any sense.

A seeded generator, not hypothesis: it makes some ten thousand inputs a second, and a failure is found again by its
seed and number.
"""

import json
from random import Random
from typing import Any

from tests.fuzz.words import ATTRIBUTES, CORE, KEYS, LITERALS, MESSAGES, OPERATORS, SCALARS, TOKENS


def text(random: Random, most: int = 12) -> str:
    """Return characters without sense, or pieces of filters and paths in any order."""
    if random.random() < 0.25:
        return "".join(chr(random.choice((random.randrange(128), random.randrange(0xD800)))) for _ in range(most))
    return "".join(random.choice(TOKENS) + random.choice(("", " ")) for _ in range(random.randrange(most)))


def expression(random: Random, depth: int = 4) -> str:
    """Return a filter that may be right, with now and then a character lost, doubled or put in."""
    written = _filter(random, depth)
    if random.random() < 0.4 and written:
        at = random.randrange(len(written))
        piece = random.choice(("", random.choice(TOKENS), written[at] * 2, written[at:][:9] * random.randrange(40)))
        written = written[:at] + piece + written[at + random.randrange(2) :]
    return written


def _filter(random: Random, depth: int) -> str:
    choice = random.randrange(8) if depth else 0
    match choice:
        case 1 | 2:
            return f"{_filter(random, depth - 1)} {random.choice(('and', 'or', 'AND'))} {_filter(random, depth - 1)}"
        case 3:
            return f"not ({_filter(random, depth - 1)})"
        case 4:
            return f"{random.choice(ATTRIBUTES)}[{_filter(random, depth - 1)}]"
        case 5:
            return f"({_filter(random, depth - 1)})"
        case 6:
            return "(" * (n := random.randrange(60)) + "userName pr" + ")" * n
        case _:
            return f"{random.choice(ATTRIBUTES)} {random.choice(OPERATORS)} {random.choice(LITERALS)}"


def path(random: Random) -> str:
    """Return the path of a PATCH operation."""
    choice = random.randrange(4)
    if choice == 0:
        return text(random)
    if choice == 1:
        return f"{random.choice(ATTRIBUTES)}[{expression(random, 2)}]{random.choice(('', '.value', '.', '.a.b', ']'))}"
    return random.choice(ATTRIBUTES)


def value(random: Random, ids: list[str], depth: int = 3) -> Any:
    """Return a JSON value."""
    choice = random.randrange(6) if depth else 0
    match choice:
        case 1:
            return [value(random, ids, depth - 1) for _ in range(random.randrange(4))]
        case 2 | 3:
            return {random.choice(KEYS): value(random, ids, depth - 1) for _ in range(random.randrange(5))}
        case 4 if ids:
            return random.choice(ids)
        case _:
            return random.choice(SCALARS)


def resource(random: Random, ids: list[str]) -> dict[str, Any]:
    """Return the body of a POST or PUT."""
    body = {random.choice(ATTRIBUTES): value(random, ids) for _ in range(random.randrange(5))}
    body |= {"schemas": [CORE], "userName": f"u{random.randrange(30)}", "displayName": f"g{random.randrange(30)}"}
    if random.random() < 0.3:
        del body[random.choice(sorted(body))]
    return body


def patch(random: Random, ids: list[str]) -> dict[str, Any]:
    """Return the body of a PATCH."""
    return {
        "schemas": [f"{MESSAGES}:PatchOp"],
        "Operations": [_operation(random, ids) for _ in range(random.randrange(4))],
    }


def _operation(random: Random, ids: list[str]) -> Any:
    if random.random() < 0.05:
        return value(random, ids)
    written: dict[str, Any] = {"op": random.choice(("add", "Replace", "remove", "Remove", "replace", "move", 1))}
    if random.random() < 0.8:
        written["path"] = path(random)
    if random.random() < 0.8:
        written["value"] = value(random, ids)
    return written


def bulk(random: Random, ids: list[str]) -> dict[str, Any]:
    """Return the body of a bulk request."""
    operations = [_bulk_operation(random, ids) for _ in range(random.randrange(6))]
    return {"schemas": [f"{MESSAGES}:BulkRequest"], "Operations": operations} | (
        {"failOnErrors": random.choice(SCALARS)} if random.random() < 0.2 else {}
    )


def _bulk_operation(random: Random, ids: list[str]) -> Any:
    method = random.choice(("POST", "PUT", "PATCH", "DELETE", "GET", "post", 1))
    endpoint = random.choice(("/Users", "/Groups", "/Bulk", "/", "", "Users"))
    id = random.choice(("", "bulkId:a", "bulkId:b", "x", *ids[:5]))
    body = patch(random, ids) if method == "PATCH" else resource(random, ids)
    if random.random() < 0.4:
        body["members"] = [{"value": random.choice(("bulkId:a", "bulkId:b", "bulkId:c", "bulkId:"))}]
    named = {"method": method, "path": f"{endpoint}/{id}" if id else endpoint, "data": body}
    named["bulkId"] = random.choice(("a", "b", "c", "", "a b"))
    return {name: each for name, each in named.items() if random.random() < 0.95}


def search(random: Random, cursors: list[str]) -> dict[str, Any]:
    """Return the parameters of a query."""
    wanted: dict[str, Any] = {}
    if random.random() < 0.7:
        wanted["filter"] = expression(random)
    for name in ("sortBy", "sortOrder", "attributes", "excludedAttributes", "startIndex", "count", "cursor"):
        if random.random() < 0.25:
            wanted[name] = random.choice(("ascending", "descending", random.choice(ATTRIBUTES), random.choice(SCALARS)))
    if random.random() < 0.3:
        wanted["count"] = random.choice((0, 1, 2, -1, 10**20, "3", "9" * 5000))
    if random.random() < 0.3 and cursors:
        wanted["cursor"] = _damaged(random, random.choice(cursors))
    return wanted


def _damaged(random: Random, cursor: str) -> str:
    if random.random() < 0.5 or not cursor:
        return cursor
    at = random.randrange(len(cursor))
    return cursor[:at] + random.choice(("", "A", "=", "é", "-")) + cursor[at + 1 :]


def body(random: Random, given: Any) -> bytes:
    """Return the bytes of a body: as they should be, or with some lost, put in or repeated."""
    written = json.dumps(given, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    if random.random() < 0.2 and written:
        at = random.randrange(len(written))
        junk = random.choice(
            (b"", b"\xff", b"\x00", b'"', b"[" * 80, b'{"a":' * 30, b"9" * 600, b"\\u0000", b"\\ud800", b",")
        )
        written = written[:at] + junk + written[at + random.randrange(3) :]
    return written
