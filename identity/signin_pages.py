"""The pages that people see: HTML without any script, from the templates in identity/pages."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode

from identity.signin_people import Person

_FOLDER = Path(__file__).parent / "pages"
_FOUND = 302
_AGAIN = '<a href="/signin">Sign in again</a>'
_ANOTHER = '<a href="/signin/start?account=another">Sign in with another account</a>'
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
# What a profile shows: a label, and the names that lead to its values.
_ENTRIES: Sequence[tuple[str, tuple[str, ...]]] = (
    ("User name", ("userName",)),
    ("Display name", ("displayName",)),
    ("Given name", ("name", "givenName")),
    ("Family name", ("name", "familyName")),
    ("Nickname", ("nickName",)),
    ("E-mail", ("emails", "value")),
    ("Phone", ("phoneNumbers", "value")),
    ("Title", ("title",)),
    ("Department", (_ENTERPRISE, "department")),
    ("Organization", (_ENTERPRISE, "organization")),
    ("Employee number", (_ENTERPRISE, "employeeNumber")),
    ("Manager", (_ENTERPRISE, "manager", "displayName")),
    ("Roles", ("roles", "value")),
    ("Preferred language", ("preferredLanguage",)),
    ("Time zone", ("timezone",)),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser is answered: HTML or a redirect, and cookies that it shall keep or drop."""

    status: int
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()

    def setting(self, *cookies: str) -> "Page":
        """Return the page with Set-Cookie headers."""
        return replace(self, cookies=(*self.cookies, *cookies))


def redirect(url: str) -> Page:
    """Send the browser on; nothing of it is kept."""
    return Page(_FOUND, headers={**_security(), "Location": url})


def sign_in(to: str, note: str = "") -> Page:
    """Return the page with the button; whoever signs in goes on to the path `to`."""
    shown = f'<p class="note" role="status">{escape(note)}</p>\n' if note else ""
    return _page(
        200, "Sign in to IDEO", "signin", note=shown, start=escape(f"/signin/start?{urlencode({'return': to})}")
    )


def profile(person: Person, groups: Sequence[str]) -> Page:
    """Return what is provisioned of a person."""
    document = person.user.document
    entries = [(label, [*_texts(document, names)]) for label, names in _ENTRIES]
    shown = [
        f"<dt>{escape(label)}</dt><dd>{'<br>'.join(map(escape, values))}</dd>" for label, values in entries if values
    ]
    listed = "".join(f"<li>{escape(group)}</li>" for group in groups)
    more = len(person.user.groups) - len(groups)
    rest = f"<p>And {more} more.</p>" if more > 0 and groups else ""
    return _page(
        200,
        str(document.get("displayName") or document.get("userName") or "Your profile"),
        "profile",
        tenant=escape(person.tenant.name),
        entries="\n".join(shown),
        groups=f"<ul>{listed}</ul>{rest}" if groups else "<p>You are in no group.</p>",
    )


def sign_out() -> Page:
    """Ask whether to sign out."""
    return _page(200, "Sign out of IDEO?", "signout")


def signed_out(end_session: str) -> Page:
    """Say that the session has ended; `end_session` is where that with Microsoft is ended, "" where nowhere."""
    link = f'<a href="{escape(end_session)}">Sign out of Microsoft too</a>' if end_session else ""
    return _page(200, "You are signed out", "signedout", microsoft=link)


def message(status: int, headline: str, detail: str, headers: Mapping[str, str] | None = None) -> Page:
    """Return a page that says why nothing else came."""
    page = _page(status, headline, "message", detail=escape(detail), next=_AGAIN)
    return replace(page, headers={**page.headers, **(headers or {})})


def not_admitted(headline: str, detail: str) -> Page:
    """Tell somebody whom Microsoft knows, but we do not let in: with another account they may be."""
    return _page(403, headline, "message", detail=escape(detail), next=_ANOTHER)


def _page(status: int, title: str, template: str, **values: str) -> Page:
    content = _template(f"{template}.html").substitute(values)
    html = _template("layout.html").substitute(title=escape(title), style=_style(), content=content)
    return Page(status, html, _security())


@cache
def _template(name: str) -> Template:
    return Template((_FOLDER / name).read_text(encoding="utf-8"))


@cache
def _style() -> str:
    return (_FOLDER / "style.css").read_text(encoding="utf-8")


@cache
def _security() -> Mapping[str, str]:
    """Return the headers of every page: no script, no frame around it, nothing kept, nothing told to others."""
    digest = b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'"
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: the browser would then hide from us, too, that a form is our own.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "Cache-Control": "no-store",
    }


def _texts(value: Any, names: Sequence[str]) -> Iterable[str]:
    """Yield the texts that the names lead to, through every value of a multi-valued attribute."""
    match value:
        case list():
            for each in value:
                yield from _texts(each, names)
        case dict() if names:
            yield from _texts(value.get(names[0]), names[1:])
        case str() if value and not names:
            yield value
