"""Finding a period's first and last entry without an index on time.

An account's entries follow each other without a gap, and none is earlier than the one before it.
So the number of entries before a moment is found by halving: twenty steps for a million entries,
each one look into the primary key, and no second index to keep up for every entry posted.
"""

from typing import Final


def _halving(name: str, moment: str, unbounded: str) -> str:
    """A table whose greatest `low` is how many entries were posted before `moment`.

    In each row, entries up to `low` are earlier than the moment, and those after `high` are not.
    """
    earlier = f"entry.posted_at < {moment}"
    return f"""
{name} (low, high) AS (
    SELECT CASE WHEN {moment} IS NULL THEN {unbounded} ELSE 0::bigint END,
           CASE WHEN {moment} IS NULL THEN {unbounded} ELSE entry_count END
    FROM here
    UNION ALL
    SELECT CASE WHEN {earlier} THEN entry.sequence ELSE low END,
           CASE WHEN {earlier} THEN high ELSE entry.sequence - 1 END
    FROM {name} CROSS JOIN LATERAL (
        SELECT sequence, posted_at FROM entry
        WHERE shard = $1 AND user_id = $2 AND currency = $3 AND sequence = (low + high + 1) / 2
        LIMIT 1
    ) AS entry
    WHERE low < high
)"""  # noqa: S608 (names and parameters of our own)


def _balance_after(sequence: str) -> str:
    return f"""coalesce((
        SELECT balance_after FROM entry
        WHERE shard = $1 AND user_id = $2 AND currency = $3 AND sequence = {sequence}
    ), 0)::text"""  # noqa: S608 (a column of our own)


PERIOD: Final = f"""
WITH RECURSIVE here (entry_count) AS (
    SELECT sequence FROM account
    WHERE shard = $1 AND user_id = $2 AND currency = $3 AND opened_at IS NOT NULL
), {_halving("before_since", "$4::timestamptz", "0::bigint")},
{_halving("before_until", "$5::timestamptz", "entry_count")},
bounds (before, last) AS (
    SELECT since.low, greatest(since.low, least(until.low, coalesce($6::bigint, until.low)))
    FROM (SELECT max(low) FROM before_since) AS since (low),
         (SELECT max(low) FROM before_until) AS until (low)
)
SELECT before, last, {_balance_after("before")} AS opening, {_balance_after("last")} AS closing
FROM bounds WHERE before IS NOT NULL
"""  # noqa: S608 (put together from the above alone)
"""Given the key, since, until and the last sequence to regard; no row for an unopened account."""

BALANCES_AT: Final = """
SELECT account.shard, account.user_id, account.currency, found.sequence,
       coalesce(entry.balance_after, 0)::text AS balance, entry.posted_at
FROM account CROSS JOIN LATERAL (
    WITH RECURSIVE until_then (low, high) AS (
        SELECT 0::bigint, account.sequence
        UNION ALL
        SELECT CASE WHEN one.posted_at <= $4 THEN one.sequence ELSE low END,
               CASE WHEN one.posted_at <= $4 THEN high ELSE one.sequence - 1 END
        FROM until_then CROSS JOIN LATERAL (
            SELECT sequence, posted_at FROM entry
            WHERE shard = account.shard AND user_id = account.user_id
                AND currency = account.currency AND sequence = (low + high + 1) / 2
            LIMIT 1
        ) AS one
        WHERE low < high
    )
    SELECT max(low) AS sequence FROM until_then
) AS found
LEFT JOIN LATERAL (
    SELECT balance_after, posted_at FROM entry
    WHERE shard = account.shard AND user_id = account.user_id AND currency = account.currency
        AND sequence = found.sequence
    LIMIT 1
) AS entry ON true
WHERE account.shard = $1 AND account.user_id = $2 AND ($3::text IS NULL OR account.currency = $3)
    AND account.opened_at IS NOT NULL
ORDER BY account.currency
"""
"""Given shard, user, currency or null, and the moment: accounts after their last entry by then."""
