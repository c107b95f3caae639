"""What the books say about idempotency keys."""

import asyncpg


async def keys_posted(dsn: str, user_id: str) -> list[str]:
    """The idempotency keys of a user's posted transactions, in the order of the log."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT idempotency_key FROM ledger_transaction "
            "WHERE user_id = $1 AND status = 'posted' ORDER BY log_partition, log_offset",
            user_id,
        )
    finally:
        await connection.close()
    return [row["idempotency_key"] for row in rows]
