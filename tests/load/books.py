"""What the books say after a load: counts, told by nothing but the books.

Without the expiries of holds: no client sent those.
"""

from typing import Final

import asyncpg

from tests.load.figures import Books, Lag

BY_CODE: Final = """
    SELECT rejection_code AS name, count(*) AS number FROM ledger_transaction
    WHERE type <> 'expire' GROUP BY rejection_code"""
BY_TYPE: Final = """
    SELECT type AS name, coalesce(sum(amount), 0)::bigint AS number FROM ledger_transaction
    GROUP BY type"""


async def read_books(dsn: str, seconds_behind: float, behind: list[Lag]) -> Books:
    """The counts of all that is posted. Raises `OSError` or `asyncpg.PostgresError`."""
    connection = await asyncpg.connect(dsn)
    try:
        by_code = _numbers(await connection.fetch(BY_CODE))
        by_type = _numbers(await connection.fetch(BY_TYPE))
    finally:
        await connection.close()
    return Books(
        posted=by_code.pop("posted", 0),
        rejected=by_code,
        minor_units=by_type,
        seconds_behind=round(seconds_behind, 2),
        behind=behind,
    )


def _numbers(rows: list[asyncpg.Record]) -> dict[str, int]:
    return {row["name"] or "posted": row["number"] for row in rows}
