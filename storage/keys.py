"""Row keys of a tenant's partition. Everything a client wrote is hashed into them, so that no value needs escaping
or a limit of length; a fixed prefix tells the kinds apart.

    u|<id>  g|<id>                                resource: a user, a group
    c|<u or g>|<hash of the unique value>         claim
    x|<u or g>|<path>|<hash of the value>|<id>    look-up
    m|<group id>|<2 hex digits>|<member id>       member edge
    e|<id>                                        event
    j|<id>  j|<id>|<nn>  j|<id>|done              journal, its further rows, and its tombstone
"""

from scim.text import fold
from storage.ids import digest
from storage.tables import Span

# The types of resource that the directory holds, and the letter that stands for each in row keys.
TAGS = {"User": "u", "Group": "g"}
TYPES = {tag: name for name, tag in TAGS.items()}
HEX = "0123456789abcdef"
EVENTS = Span.prefix("e|")
JOURNALS = Span.prefix("j|")
_VALUE_DIGITS = 40  # 160 bits: no two values of a tenant will ever share them
_PATH_DIGITS = 8


def resource(type: str, id: str) -> str:
    """Return the key of a resource."""
    return f"{TAGS[type]}|{id}"


def resources(type: str, after: str = "") -> Span:
    """Return the span of the resources of a type, in creation order, behind the id `after`."""
    span = Span.prefix(f"{TAGS[type]}|")
    return Span(f"{span.low}{after}~", span.high) if after else span


def claim(type: str, value: str | None, id: str) -> str:
    """Return the key of the claim on a unique value; a resource without one claims its own id.

    So there is one claim for each resource, and counting claims counts resources.
    """
    held = f"id {id}" if value is None else f"value {fold(value)}"
    return f"c|{TAGS[type]}|{digest(held, _VALUE_DIGITS)}"


def all_claims(type: str) -> Span:
    """Return the span of all claims of a type."""
    return Span.prefix(f"c|{TAGS[type]}|")


def claims(type: str) -> list[Span]:
    """Return sixteen spans that hold the claims of a type, spread evenly."""
    return [Span.prefix(f"c|{TAGS[type]}|{digit}") for digit in HEX]


def lookup(type: str, path: str, value: str, id: str) -> str:
    """Return the key of a look-up of a value at an index path."""
    return f"{lookups(type, path, value).low}{id}"


def lookups(type: str, path: str, value: str) -> Span:
    """Return the span of the look-ups that lead from a value to its resources."""
    where = digest(path, _PATH_DIGITS)
    return Span.prefix(f"x|{TAGS[type]}|{where}|{digest(fold(value), _VALUE_DIGITS)}|")


def edge(group: str, member: str) -> str:
    """Return the key of a membership. Ids of one day look alike in front; two digits of a hash spread them."""
    return f"m|{group}|{digest(member, 2)}|{member}"


def edges(group: str, digit: str = "", *, after: str = "") -> Span:
    """Return the span of a group's memberships, or a sixteenth of it by hash digit, behind the key `after`."""
    span = Span.prefix(f"m|{group}|{digit}")
    return Span(max(span.low, f"{after}~"), span.high) if after else span


def event(id: str) -> str:
    """Return the key of an event."""
    return f"e|{id}"


def journal(id: str, part: int = 0) -> str:
    """Return the key of a journal's first row, or of a further one."""
    return f"j|{id}|{part:02}" if part else f"j|{id}"


def tombstone(id: str) -> str:
    """Return the key of what a journal leaves behind for a while."""
    return f"j|{id}|done"


def journal_span(id: str) -> Span:
    """Return the span of all rows of one journal."""
    return Span.prefix(f"j|{id}")


def last(key: str) -> str:
    """Return what a key ends with: the id of a resource, of a look-up's resource, of an edge's member."""
    return key.rpartition("|")[2]
