"""One sign-in under way: what the browser must bring back (RFC 6749 section 10.12), and where it goes then."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Self

from identity.session import cookie, set_cookie
from identity.session_token import FLOW, InvalidStatement, Statements

COOKIE = "ideo_signin"
LIFE = timedelta(minutes=15)
HOME = "/profile"
# Of this site alone: browsers read "//" and "/\" as another host's, and drop tabs and line breaks.
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}")


@dataclass(frozen=True, slots=True)
class Flow:
    """`state` ties the answer to the browser, `nonce` the ID token, `verifier` the code; `to` is a path of ours."""

    state: str
    nonce: str
    verifier: str
    to: str

    @classmethod
    def begin(cls, to: str) -> Self:
        """Make a new one, with 256 random bits each."""
        return cls(token_urlsafe(32), token_urlsafe(32), token_urlsafe(32), own_path(to))

    @property
    def challenge(self) -> str:
        """The S256 code challenge (RFC 7636 section 4.2)."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Flows:
    """Keeps a flow in a signed cookie of the browser that began it."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def keep(self, flow: Flow, origin: str) -> str:
        """Return the Set-Cookie header. Raises Unavailable."""
        return set_cookie(COOKIE, await self._statements.sign(FLOW, origin, asdict(flow), LIFE), origin, LIFE)

    async def find(self, origin: str, headers: Mapping[str, str], state: str) -> Flow:
        """Return the flow that the browser began and that the answer belongs to.

        Raises InvalidStatement, Unavailable.
        """
        text = cookie(headers, COOKIE, origin)
        if not text:
            raise InvalidStatement("the browser did not begin it, or has ended it")
        claims = await self._statements.read(FLOW, origin, text)
        flow = Flow(claims["state"], claims["nonce"], claims["verifier"], claims["to"])
        if not hmac.compare_digest(state.encode(), flow.state.encode()):
            raise InvalidStatement("its state is not the one that the browser began with")
        return flow


def end(origin: str) -> str:
    """Return the Set-Cookie header that ends the flow."""
    return set_cookie(COOKIE, "", origin, timedelta(0))


def own_path(text: str) -> str:
    """Return the text if it is a path of this site, else the profile page's: nobody is sent anywhere else."""
    return text if _OWN_PATH.fullmatch(text) else HOME
