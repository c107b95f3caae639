"""The partitions that the books know of: a look for each, not for each row."""

from typing import Final


def _skipping(table: str, column: str) -> str:
    """The values of an index's first column, each found by one look into the index."""
    return f"""
    SELECT partition FROM (
        WITH RECURSIVE found (partition) AS (
            SELECT min({column}) FROM {table}
            UNION ALL
            SELECT (SELECT min({column}) FROM {table} WHERE {column} > found.partition)
            FROM found WHERE found.partition IS NOT NULL
        )
        SELECT partition FROM found WHERE partition IS NOT NULL
    ) AS of_{table}"""  # noqa: S608 (names of ours)


PARTITIONS: Final = f"""
SELECT partition FROM log_position
UNION {_skipping("page", "partition")}
UNION {_skipping("ledger_transaction", "log_partition")}
UNION {_skipping("entry", "log_partition")}
ORDER BY partition
"""  # noqa: S608 (put together from the above alone)
