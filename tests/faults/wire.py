"""HTTP messages as bytes: read whole, so that a proxy can pass them on, cut them short or lose them."""

import asyncio
import json
from http import HTTPStatus

_CODES = {503: "ServerBusy", 429: "TooManyRequests", 500: "InternalError", 412: "UpdateConditionNotSatisfied"}


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """Return a request or response, head and body. Raises IncompleteReadError at the end of the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = _fields(head)
    if fields.get("transfer-encoding", "").lower() == "chunked":
        return head + await _chunks(reader)
    if head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 304")):
        return head
    return head + await reader.readexactly(int(fields.get("content-length", 0)))


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while True:
        size = await reader.readuntil(b"\r\n")
        parts += [size, await reader.readexactly(int(size, 16) + 2)]
        if int(size, 16) == 0:
            return b"".join(parts)


def refusal(request: bytes, status: int) -> bytes:
    """Return how the table service refuses a call; a transaction whose condition fails is answered in its parts."""
    error = {"code": _CODES[status], "message": {"lang": "en-US", "value": "0:Refused on purpose."}}
    body = json.dumps({"odata.error": error}).encode()
    kind = "application/json;odata=minimalmetadata;charset=utf-8"
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    if status == HTTPStatus.PRECONDITION_FAILED and b"/$batch" in request.partition(b"\r\n")[0]:
        kind, body = "multipart/mixed; boundary=batchresponse_1", _parts(line, body)
        line = "HTTP/1.1 202 Accepted"
    return f"{line}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _parts(line: str, body: bytes) -> bytes:
    head = (
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n"
        "--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"{line}\r\nDataServiceVersion: 3.0;\r\nContent-Type: application/json;odata=minimalmetadata\r\n\r\n"
    )
    return head.encode() + body + b"\r\n--changesetresponse_1--\r\n--batchresponse_1--\r\n"
