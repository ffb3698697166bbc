"""HTTP/1.1 as bytes: no client library that tidies a path or a header before it leaves."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, its headers by lower-cased name, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


async def send(port: int, first_line: str, *headers: str, body: bytes = b"") -> Answer:
    """Send one request, such as "GET /x", and read the response to its end."""
    lines = [f"{first_line} HTTP/1.1", "Host: example.test", "Connection: close", *headers, "", ""]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(lines).encode() + body)
    head, _, rest = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *fields = head.decode().split("\r\n")
    pairs = (field.split(": ", 1) for field in fields)
    return Answer(int(status.split()[1]), {name.lower(): value for name, value in pairs}, rest)
