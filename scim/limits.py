"""The bounds that the service provider announces or enforces, in one place."""

DEFAULT_COUNT = 100
"""Resources on a page when the client does not say."""

MAX_COUNT = 1000
"""Resources on a page at most: what one call to the directory can answer."""

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request body at most. A resource may hold about 1 MiB; 4 MiB name 60,000 members in one PATCH."""

MAX_BULK_OPERATIONS = 1000
"""Operations of a bulk request at most."""
