"""Finding transactions in the order of posting, which is that of `ledger_transaction_by_page`.

Each query goes through one index, partition by partition, from where the caller stands: however
long the history, it looks at no more than it was told to.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from adapters.outbound.postgres.database import Connection
from adapters.outbound.postgres.errors import ledger_errors
from core.entities.transaction_list import (
    MAX_TRANSACTIONS_LOOKED_AT,
    ListPlace,
    Stretch,
    TransactionFilter,
)

NEWEST_PAGES: Final = """
SELECT partition, newest.page_number
FROM log_position CROSS JOIN LATERAL (
    SELECT page_number FROM ledger_transaction
    WHERE log_partition = partition ORDER BY page_number DESC, log_offset DESC LIMIT 1
) AS newest
"""

# By halving, like a period's first entry: a partition's transactions were accepted in the order in
# which they were posted. Pages up to `low` hold none of the time or later, page `high` does, or
# nothing does.
FIRST_PAGES_FROM: Final = f"""
WITH RECURSIVE newest AS ({NEWEST_PAGES}), halving (partition, low, high) AS (
    SELECT partition, 0::bigint, page_number + 1 FROM newest
    UNION ALL
    SELECT partition,
           CASE WHEN last.accepted_at >= $1 THEN low ELSE (low + high) / 2 END,
           CASE WHEN last.accepted_at >= $1 THEN last.page_number ELSE high END
    FROM halving LEFT JOIN LATERAL (
        SELECT page_number, accepted_at FROM ledger_transaction
        WHERE log_partition = partition AND page_number <= (low + high) / 2
        ORDER BY page_number DESC, log_offset DESC LIMIT 1
    ) AS last ON true
    WHERE high - low > 1
)
SELECT partition, min(high) AS page_number
FROM halving JOIN newest USING (partition)
GROUP BY partition, newest.page_number
HAVING min(high) <= newest.page_number
"""  # noqa: S608 (put together from the above alone)

_LOOKED_AT_COLUMNS: Final = """
    log_partition, page_number, log_offset, transaction_id, user_id, reference, type, status,
    accepted_at
"""
_IN_RANGE: Final = """
    log_partition = stretch.partition
    AND (page_number, log_offset) > (stretch.after_page, stretch.after_offset)
    AND page_number <= stretch.through
    AND (page_number, log_offset) < ($5, $6)
ORDER BY page_number {direction}, log_offset {direction} LIMIT $7
"""
_DIRECTION: Final = {False: "ASC", True: "DESC"}

_ALL: Final = f"""
SELECT {_LOOKED_AT_COLUMNS} FROM ledger_transaction WHERE {_IN_RANGE}
"""  # noqa: S608
_BY_REFERENCE: Final = f"""
SELECT {_LOOKED_AT_COLUMNS} FROM ledger_transaction WHERE reference = $9 AND {_IN_RANGE}
"""  # noqa: S608
_BY_USER: Final = f"""
(SELECT {_LOOKED_AT_COLUMNS} FROM ledger_transaction WHERE user_id = $8 AND {_IN_RANGE})
UNION ALL
SELECT one.* FROM (
    SELECT page_number, log_offset FROM party WHERE user_id = $8 AND {_IN_RANGE}
) AS place CROSS JOIN LATERAL (
    SELECT {_LOOKED_AT_COLUMNS} FROM ledger_transaction
    WHERE log_partition = stretch.partition AND page_number = place.page_number
        AND log_offset = place.log_offset
    LIMIT 1
) AS one
"""  # noqa: S608

# What matches, and the last that was looked at if looking ended there. The user is the path's own
# matter; each query names it all the same, since the driver refuses a value that none asks for.
_FIND: Final = """
WITH looked_at AS (
    SELECT one.* FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS stretch (partition, after_page, after_offset, through)
    CROSS JOIN LATERAL ({path}) AS one
    ORDER BY page_number {direction}, log_offset {direction} LIMIT $7
), ranked AS (
    SELECT *, row_number() OVER (ORDER BY page_number {direction}, log_offset {direction}) AS rank,
        ($9::text IS NULL OR reference = $9) AND ($10::text IS NULL OR type = $10)
        AND ($11::text IS NULL OR status = $11)
        AND ($12::timestamptz IS NULL OR accepted_at >= $12)
        AND ($13::timestamptz IS NULL OR accepted_at < $13)
        AND ($8::text IS NULL OR true) AS matches
    FROM looked_at
)
SELECT page_number, log_offset, transaction_id, matches, rank FROM ranked
WHERE matches OR rank = $7
ORDER BY rank LIMIT $14
"""


def _find(path: str, *, descending: bool) -> str:
    direction = _DIRECTION[descending]
    return _FIND.format(path=path.format(direction=direction), direction=direction)


_QUERIES: Final = {
    (path, descending): _find(path, descending=descending)
    for path in (_ALL, _BY_REFERENCE, _BY_USER)
    for descending in (False, True)
}
_AFTER_ALL: Final = ListPlace((1 << 63) - 1, 0)


class Places(NamedTuple):
    """Ids that were found and their places, and the last place that was looked at if there is more
    behind it.
    """

    found: Sequence[tuple[UUID, ListPlace]]
    reached: ListPlace | None


async def find_places(
    connection: Connection, wanted: TransactionFilter, stretch: Stretch, limit: int
) -> Places:
    """The first `limit` of the stretch that are wanted. Raises what `ledger_errors` raises."""
    most = _most_looked_at(wanted, limit)
    partitions = sorted(stretch.ranges)
    ranges = [stretch.ranges[one] for one in partitions]
    with ledger_errors():
        rows = await connection.fetch(
            _QUERIES[_path(wanted), stretch.descending],
            partitions,
            [one.after.page_number for one in ranges],
            [one.after.log_offset for one in ranges],
            [one.through for one in ranges],
            *(stretch.before or _AFTER_ALL),
            most,
            *wanted,
            limit + 1,
        )
    matching = [row for row in rows if row["matches"]]
    found = [(UUID(int=row["transaction_id"].int), _place(row)) for row in matching[:limit]]
    if len(matching) > limit:
        return Places(found, found[-1][1])
    # A last row was asked for only to tell that looking ended with it.
    return Places(found, _place(rows[-1]) if rows and rows[-1]["rank"] == most else None)


def _path(wanted: TransactionFilter) -> str:
    if wanted.user_id is not None:
        return _BY_USER
    return _ALL if wanted.reference is None else _BY_REFERENCE


def _most_looked_at(wanted: TransactionFilter, limit: int) -> int:
    """No more than can be shown, where the index leads to nothing but what is wanted."""
    is_exact = wanted[2:] == (None,) * 4 and None in wanted[:2]
    return limit + 1 if is_exact else MAX_TRANSACTIONS_LOOKED_AT


def _place(row: asyncpg.Record) -> ListPlace:
    return ListPlace(row["page_number"], row["log_offset"])
