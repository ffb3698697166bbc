"""Entity-tags and preconditions (RFC 7644 section 3.14, RFC 9110 sections 8.8.3 and 13).

Our tags are weak, `W/"<version>"`: one version has many representations (projections), alike but not byte for byte.
By RFC 9110 section 13.1.1 a weak tag never satisfies If-Match, yet RFC 7644 section 3.14 has the client send it in
If-Match, so that here both headers compare the opaque part alone. It changes with every change of the resource,
which is what the strong comparison is there to ensure.

A header that is no list of entity-tags names no version: If-Match then fails rather than be ignored, and
If-None-Match is answered in full.
"""

import re
from collections.abc import Mapping

from scim.errors import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"([^\x00-\x20"\x7f]*)"')  # a set of what is not allowed compiles in no time
_LIST = re.compile(rf"[\s,]*{_TAG.pattern}(?:\s*,[\s,]*{_TAG.pattern})*[\s,]*")


def entity_tag(version: str) -> str:
    """Return the weak entity-tag of a version, for the ETag header and `meta.version`."""
    return f'W/"{version}"'


def check_match(headers: Mapping[str, str], version: str) -> None:
    """Check the preconditions of a request that changes the resource, which exists in `version`.

    `headers` are keyed by lower-case name. Raises PreconditionFailed if If-Match names other versions only, or
    If-None-Match names this one.
    """
    _check_if_match(headers, version)
    if "if-none-match" in headers and _names(headers["if-none-match"], version):
        raise PreconditionFailed(f"The resource is at version {entity_tag(version)}, which If-None-Match rules out")


def not_modified(headers: Mapping[str, str], version: str) -> bool:
    """Return whether a GET is answered with 304, as the client has this version.

    Raises PreconditionFailed if there is an If-Match and it names other versions only.
    """
    _check_if_match(headers, version)
    return "if-none-match" in headers and _names(headers["if-none-match"], version)


def _check_if_match(headers: Mapping[str, str], version: str) -> None:
    if "if-match" in headers and not _names(headers["if-match"], version):
        raise PreconditionFailed(f"The resource has changed: it is at version {entity_tag(version)}")


def _names(header: str, version: str) -> bool:
    """Return whether the header is `*` or a list of entity-tags of which one has this version as its opaque part."""
    if header.strip() == "*":
        return True
    return _LIST.fullmatch(header) is not None and version in _TAG.findall(header)
