"""The token endpoint: codes for ID tokens, and tokens that applications get for themselves."""

import hashlib
import hmac
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entra.issuer.addresses import Addresses, Version
from entra.issuer.authorize import Authorization, Code
from entra.issuer.claims import APP_TOKEN_LIFE, ID_TOKEN_LIFE, access_claims, app_claims, id_claims
from entra.issuer.clients import Clients, Refused
from entra.issuer.keys import KeyRing
from entra.issuer.web import Reply, Request, json_reply

_DEFAULT_SCOPE = "/.default"


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Answers token requests (RFC 6749 section 3.2). `clock` is seconds since 1970."""

    keys: KeyRing
    clients: Clients
    authorization: Authorization
    clock: Callable[[], float]

    def answer(self, request: Request, addresses: Addresses, version: Version) -> Reply:
        """Answer a request: tokens, or why there are none. Raise nothing."""
        try:
            body = self._grant(request, addresses, version)
        except Refused as refused:
            body = {"error": refused.error, "error_description": refused.description, "trace_id": str(uuid.uuid4())}
            return json_reply(body, refused.status, Cache_Control="no-store", Pragma="no-cache")
        return json_reply(body, Cache_Control="no-store", Pragma="no-cache")

    def _grant(self, request: Request, addresses: Addresses, version: Version) -> dict[str, Any]:
        match request.form.get("grant_type"):
            case "authorization_code":
                return self._by_code(request, addresses)
            case "client_credentials":
                return self._for_itself(request, addresses, version)
            case other:
                raise Refused("unsupported_grant_type", f"AADSTS70003: The grant type {other!r} is not supported.")

    def _by_code(self, request: Request, addresses: Addresses) -> dict[str, Any]:
        client = self.clients.authenticated(request)
        code = self.authorization.redeem(request.form.get("code", ""))
        asked = code.asked
        if asked.client.id != client.id or asked.redirect_uri != request.form.get("redirect_uri"):
            raise Refused("invalid_grant", "AADSTS500112: The code is for another client or redirect URI.")
        _check_verifier(code, request.form.get("code_verifier", ""))
        now, scopes = self.clock(), asked.scope.split()
        claims = id_claims(addresses, code.version, client.id, code.user, scopes, now)
        if asked.nonce:
            claims["nonce"] = asked.nonce
        access = access_claims(addresses, code.version, client.id, code.user, asked.scope, now)
        return {
            "token_type": "Bearer",
            "scope": asked.scope,
            "expires_in": ID_TOKEN_LIFE,
            "access_token": self.keys.current.sign(access),
            "id_token": self.keys.current.sign(claims),
        }

    def _for_itself(self, request: Request, addresses: Addresses, version: Version) -> dict[str, Any]:
        client = self.clients.authenticated(request)
        if not client.secret:
            raise Refused("invalid_client", "AADSTS7000218: The request must contain client_secret.", 401)
        asked = request.form.get("resource" if version == "1.0" else "scope", "")
        audience = asked.removesuffix(_DEFAULT_SCOPE)
        if not audience or (version == "2.0" and audience == asked):
            raise Refused("invalid_scope", f"AADSTS1002012: The scope {asked!r} is not valid: it ends in /.default.")
        token = self.keys.current.sign(app_claims(addresses, version, audience, client.id, self.clock()))
        return {"token_type": "Bearer", "expires_in": APP_TOKEN_LIFE, "access_token": token}


def _check_verifier(code: Code, verifier: str) -> None:
    """Check that whoever redeems the code is who asked for it (RFC 7636 section 4.6). Raise Refused."""
    if not code.asked.challenge:
        return
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    if not hmac.compare_digest(digest, code.asked.challenge.rstrip("=").encode()):
        raise Refused("invalid_grant", "AADSTS501481: The code_verifier does not match the code_challenge.")
