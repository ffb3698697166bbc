"""Application Insights as far as an exporter talks to it, over HTTPS; and the identity endpoint of a function app."""

import gzip
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

TOKEN = "a-token-of-the-identity"
HEADER = "the-header-of-the-identity-endpoint"


class ApplicationInsights:
    """Both servers. `items` are the telemetry items that came with the token, `asked` the requests for tokens."""

    def __init__(self, folder: Path) -> None:
        self.items: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.asked: list[tuple[str | None, dict[str, list[str]]]] = []
        self.certificate = folder / "ingestion.pem"
        _write_certificate(self.certificate)
        self._ingestion = ThreadingHTTPServer(("127.0.0.1", 0), _ingestion(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self._ingestion.socket = context.wrap_socket(self._ingestion.socket, server_side=True)
        self._identity = ThreadingHTTPServer(("127.0.0.1", 0), _identity(self))

    def __enter__(self) -> Self:
        for server in (self._ingestion, self._identity):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._ingestion, self._identity):
            server.shutdown()
            server.server_close()

    def settings(self, client_id: str) -> dict[str, str]:
        """Return what the platform and infra/ would set, to lead here."""
        ingestion, identity = self._ingestion.server_address[1], self._identity.server_address[1]
        return {
            "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=00000000-0000-0000-0000-000000000001;"
            f"IngestionEndpoint=https://127.0.0.1:{ingestion}/",
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"ClientId={client_id};Authorization=AAD",
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{identity}/msi/token",
            "IDENTITY_HEADER": HEADER,
            "REQUESTS_CA_BUNDLE": str(self.certificate),
        }

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the items of a base type, such as RemoteDependencyData."""
        return [item for item in list(self.items) if item["data"]["baseType"] == kind]


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _ingestion(here: ApplicationInsights) -> type[BaseHTTPRequestHandler]:
    class Ingestion(_Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            items = json.loads(plain)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                here.refused.append(self.path)
                return self.answer(401, {})
            here.items += items
            return self.answer(200, {"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})

    return Ingestion


def _identity(here: ApplicationInsights) -> type[BaseHTTPRequestHandler]:
    class Identity(_Quiet):
        def do_GET(self) -> None:
            here.asked.append((self.headers.get("X-IDENTITY-HEADER"), parse_qs(urlsplit(self.path).query)))
            expires = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
            resource = here.asked[-1][1]["resource"][0]
            body = {"access_token": TOKEN, "expires_on": str(expires), "resource": resource, "token_type": "Bearer"}
            self.answer(200, body)

    return Identity


def _write_certificate(path: Path) -> None:
    """Write a key and a certificate that it has signed itself, for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
