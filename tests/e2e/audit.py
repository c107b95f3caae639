"""What must be true of the books, whatever happened; each with the rows that break it."""

from typing import Final

import asyncpg

RULES: Final = {
    "entries of a transaction sum to zero": """
        SELECT transaction_id, sum(amount) FROM entry
        GROUP BY transaction_id, currency HAVING sum(amount) <> 0""",
    "a balance is the sum of its entries": """
        SELECT a.user_id, a.currency, a.balance, sum(e.amount)
        FROM account a LEFT JOIN entry e USING (shard, user_id, currency)
        GROUP BY a.shard, a.user_id, a.currency, a.balance
        HAVING a.balance <> coalesce(sum(e.amount), 0)""",
    "sequences have no gap, and running balances are right": """
        SELECT * FROM (
            SELECT user_id, currency, sequence, balance_after,
                row_number() OVER w AS counted, sum(amount) OVER w AS summed
            FROM entry WINDOW w AS (PARTITION BY shard, user_id, currency ORDER BY sequence)
        ) AS numbered WHERE sequence <> counted OR balance_after <> summed""",
    "every posted transaction has its two entries, every rejected one none": """
        SELECT t.transaction_id, t.status, count(e.amount)
        FROM ledger_transaction t LEFT JOIN entry e USING (transaction_id)
        GROUP BY t.transaction_id, t.status
        HAVING count(e.amount) <> CASE t.status WHEN 'posted' THEN 2 ELSE 0 END""",
    "nobody is below zero": """
        SELECT user_id, balance FROM account WHERE balance < 0 AND user_id NOT LIKE '@%'""",
    "the pages of a partition follow each other without gap or overlap": """
        SELECT * FROM (
            SELECT partition, number, first_offset,
                lag(next_offset, 1, 0::bigint) OVER (PARTITION BY partition ORDER BY number) AS due
            FROM page
        ) AS chained WHERE first_offset <> due""",
    "the position is where the last page ended": """
        SELECT l.partition, l.next_offset, max(p.next_offset)
        FROM log_position l LEFT JOIN page p USING (partition)
        GROUP BY l.partition, l.next_offset
        HAVING l.next_offset <> coalesce(max(p.next_offset), 0)""",
    "no record is a dead letter": "SELECT partition, log_offset, detail FROM dead_letter",
}


async def audit(dsn: str) -> None:
    """Raise `AssertionError` naming each rule that is broken, and some of the rows."""
    connection = await asyncpg.connect(dsn)
    try:
        for rule, query in RULES.items():
            rows = await connection.fetch(query)
            assert not rows, f"{rule}: {[tuple(row) for row in rows[:5]]}"
    finally:
        await connection.close()


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
