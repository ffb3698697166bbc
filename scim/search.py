"""The query: filter, sort, page (RFC 7644 section 3.4.2, RFC 9865) over one resource type or several.

Three ways lead to a page, cheapest first: a filter that the directory answers from its indexes; a plain walk in
creation order, which reads no more than the page and counts by keys; and reading all, one stretch at a time, which
keeps no more than the page (when sorting: and up to 1,000 results before it; behind more, it first finds out where the
page begins). Resources of several types follow one another.
"""

import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Any, TypeAlias

from scim.cursor import Cursor, decode, encode
from scim.filter import parse_filter
from scim.match import matcher
from scim.messages import SearchRequest, list_response
from scim.plan import lookups, members_wanted
from scim.projection import Projection
from scim.representation import represent
from scim.schema import ResourceType
from scim.sort import UNASSIGNED, SortKey, sort_key
from scim.store import Directory, Lookup, MembersWanted, MemberView, Page, Stored
from scim.tree import Filter
from scim.walks import Walks

# Where a resource stands among the results: its sort key (one for all when unsorted), the index of its type, its id.
Position: TypeAlias = tuple[SortKey, int, str]
_Entry: TypeAlias = tuple[Position, Stored]
# The look-ups that answer the filter on each type, or None where it must be walked.
_Plans: TypeAlias = Sequence[Sequence[Lookup] | None]

_SKIPPED = 1000  # results that are kept although they come before a sorted page
_POSITIONS = 100_000  # kept at once to find where a page begins that lies further behind: about 30 MB


@dataclass(frozen=True, slots=True)
class _Query:
    """A search request, read: where to search, what must hold, in which order, and what is shown."""

    directory: Directory
    types: tuple[ResourceType, ...]
    filter: Filter | None
    keys: tuple[Callable[[Any], SortKey], ...]
    descending: bool
    count: int
    projection: Projection
    base_url: str

    @property
    def sorted(self) -> bool:
        return bool(self.keys)


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the page begins: `skip` results behind the position `after`.

    `before` counts the results up to that position; a walk by cursor does not know it. `total` is what an earlier
    page of the walk counted, or None.
    """

    after: Position | None = None
    before: int | None = 0
    skip: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of results, whether there are others behind it, and how many there are in all."""

    entries: Sequence[_Entry]
    more: bool
    total: int


async def search(
    directory: Directory, types: tuple[ResourceType, ...], wanted: SearchRequest, base_url: str, walks: Walks
) -> dict[str, Any]:
    """Return the ListResponse. Raises InvalidFilter, InvalidValue, InvalidCursor, InvalidCount, Unavailable."""
    query = _read(directory, types, wanted, base_url)
    names = tuple(each.name for each in types)
    identity = wanted.identity("+".join(names))
    found = await _find(query, _start(wanted, identity, walks))
    resources = await _resources(query, found.entries)
    last = found.entries[-1][0] if found.more and found.entries else None
    cursor = Cursor(last[2], query.count, found.total, last[1], last[0]) if last else None
    next_cursor = encode(cursor, identity) if cursor and wanted.start_index is None else None
    if wanted.cursor is not None:
        return list_response(resources, found.total, next_cursor=next_cursor)
    start_index = wanted.start_index or 1
    if last:
        walks.remember(identity, names, start_index + len(found.entries), last, found.total)
    return list_response(resources, found.total, start_index=start_index, next_cursor=next_cursor)


def _read(directory: Directory, types: tuple[ResourceType, ...], wanted: SearchRequest, base_url: str) -> _Query:
    return _Query(
        directory=directory,
        types=types,
        filter=parse_filter(wanted.filter, types) if wanted.filter is not None else None,
        keys=tuple(sort_key(wanted.sort_by, each) for each in types) if wanted.sort_by else (),
        descending=wanted.sort_order == "descending",
        count=wanted.count,
        projection=Projection.parse(wanted.attributes, wanted.excluded_attributes),
        base_url=base_url,
    )


def _start(wanted: SearchRequest, identity: str, walks: Walks) -> _Start:
    """Return where the page begins: as the cursor says, or as near before startIndex as is remembered."""
    if wanted.cursor:
        cursor = decode(wanted.cursor, identity, wanted.count)
        return _Start((cursor.key or UNASSIGNED, cursor.type_index, cursor.id), None, 0, cursor.total)
    start_index = wanted.start_index or 1
    walk = walks.find(identity)
    places = [place for place in walk.places if place <= start_index] if walk else []
    if walk is None or not places:
        return _Start(skip=start_index - 1)
    near = max(places)
    return _Start(walk.places[near], near - 1, start_index - near, walk.total)


async def _find(query: _Query, start: _Start) -> _Found:
    plans = [lookups(query.filter, each) for each in query.types] if query.filter else [None] * len(query.types)
    if query.sorted or None not in plans:
        return await _ranked(query, start, plans)
    if query.filter is None and len(query.types) == 1:
        return await _walked(query, start)
    return await _scanned(query, start, plans)


async def _walked(query: _Query, start: _Start) -> _Found:
    """Read a page of all resources of one type in creation order, and count only if that does not tell the total."""
    resource_type, directory = query.types[0], query.directory
    after: str | None = start.after[2] if start.after else ""
    if start.skip:
        after = await directory.skip(resource_type, start.skip, after=after or "")
    page = Page((), more=False)
    if after is not None and query.count:
        page = await anext(directory.scan(resource_type, after=after, size=query.count), page)
    if page.resources and not page.more and start.before is not None:
        total = start.before + start.skip + len(page.resources)
    else:
        total = start.total if start.total is not None else await directory.count(resource_type)
    return _Found([((UNASSIGNED, 0, each.id), each) for each in page.resources], page.more, total)


async def _scanned(query: _Query, start: _Start, plans: _Plans) -> _Found:
    """Read resources in creation order until the page is full, and on to the end if the total is not known."""
    page: list[_Entry] = []
    seen = 0
    async for entries in _matches(query, start.after, plans):
        page += entries[max(start.skip - seen, 0) :][: query.count + 1 - len(page)]
        seen += len(entries)
        if start.total is not None and len(page) > query.count:
            break
    total = start.total if start.total is not None else (start.before or 0) + seen
    return _Found(page[: query.count], len(page) > query.count, total)


async def _ranked(query: _Query, start: _Start, plans: _Plans) -> _Found:
    """Read everything that matches and keep the best up to the end of the page."""
    if start.skip > _SKIPPED:
        start = await _nearer(query, start, plans)
    end = start.skip + query.count
    best = partial(heapq.nlargest if query.descending else heapq.nsmallest, end + 1, key=itemgetter(0))
    kept: list[_Entry] = []
    total = 0
    async for entries in _matches(query, None, plans):
        total += len(entries)
        later = [entry for entry in entries if _is_later(entry[0], start.after, descending=query.descending)]
        kept = best(kept + later)
    return _Found(kept[start.skip : end], len(kept) > end, total)


async def _nearer(query: _Query, start: _Start, plans: _Plans) -> _Start:
    """Return the start of the same page with nothing left to skip, keeping positions alone, and not all at once."""
    after, skip = start.after, start.skip
    while skip:
        number = min(skip, _POSITIONS)
        kept: list[Position] = []
        async for entries in _matches(query, None, plans):
            later = [place for place, _ in entries if _is_later(place, after, descending=query.descending)]
            # What is kept is in order: sorting finds that out, and is faster than a heap of so many.
            kept = sorted(kept + later, reverse=query.descending)[:number]
        after = kept[-1] if kept else after
        skip = skip - number if len(kept) == number else 0  # fewer: the page lies behind the last result
    return replace(start, after=after, skip=0)


def _is_later(position: Position, after: Position | None, *, descending: bool) -> bool:
    return after is None or (position < after if descending else position > after)


async def _matches(query: _Query, after: Position | None, plans: _Plans) -> AsyncIterator[list[_Entry]]:
    """Yield, a stretch at a time, what satisfies the filter behind a position, in creation order."""
    for index, (resource_type, plan) in enumerate(zip(query.types, plans, strict=True)):
        if after and index < after[1]:
            continue
        behind = after[2] if after and index == after[1] else ""
        test = matcher(query.filter, resource_type) if query.filter else lambda _: True
        key = query.keys[index] if query.sorted else lambda _: UNASSIGNED
        async for stretch in _candidates(query, resource_type, plan, behind):
            resources = [(each, represent(each, resource_type, query.base_url)) for each in stretch]
            yield [((key(resource), index, each.id), each) for each, resource in resources if test(resource)]


async def _candidates(
    query: _Query, resource_type: ResourceType, plan: Sequence[Lookup] | None, after: str
) -> AsyncIterator[Sequence[Stored]]:
    members: MembersWanted = members_wanted(query.filter, resource_type) if query.filter else MemberView.NONE
    if plan is None:
        async for page in query.directory.scan(resource_type, after=after, members=members):
            yield page.resources
    elif plan:
        found = await query.directory.find(resource_type, plan, members=members)
        yield [each for each in found if each.id > after]


async def _resources(query: _Query, entries: Sequence[_Entry]) -> list[dict[str, Any]]:
    """Return what is shown of the page, with the members of its groups only now, where they are shown at all."""
    stored = {position[1:]: each for position, each in entries}
    for index, resource_type in enumerate(query.types):
        wanted = [Lookup("id", key[1]) for key in stored if key[0] == index]
        if wanted and query.projection.wants(resource_type, "members"):
            found = {
                each.id: each for each in await query.directory.find(resource_type, wanted, members=MemberView.ALL)
            }
            stored = {key: found.get(key[1], each) if key[0] == index else each for key, each in stored.items()}
    views = [query.projection.view(each) for each in query.types]
    return [
        views[index].apply(represent(each, query.types[index], query.base_url)) for (index, _), each in stored.items()
    ]
