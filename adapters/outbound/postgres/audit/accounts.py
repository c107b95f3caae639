"""A slice of accounts with their entries: chained, and compared with what the account says.

All in one statement, whose snapshot has an account's row and its entries as the same pages left
them. An account of more entries than a slice has is compared in the slice that sees its last one;
what the entries before came to is carried.
"""

from typing import Final

_KEY: Final = "shard, user_id, currency"
_BEGIN: Final = "($2::smallint, $3::text, $4::text)"
_EDGE: Final = "((SELECT shard FROM edge), (SELECT user_id FROM edge), (SELECT currency FROM edge))"
_IN_SLICE: Final = f"({_KEY}) >= {_BEGIN} AND ({_KEY}) < {_EDGE}"


_PAGE: Final = """(
    SELECT t.page_number FROM ledger_transaction AS t
    WHERE t.log_partition = e.log_partition AND t.log_offset = e.log_offset
        AND t.transaction_id = e.transaction_id LIMIT 1
)"""
"""Of an entry, if its transaction is there."""
_TIME: Final = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_CARRIED: Final = "CASE WHEN shard = $2 AND user_id = $3 AND currency = $4 THEN {} END"

# $1 the shards; $2 to $4 the account that the slice begins in, $5 to $7 sequence, balance and time
# of its last entry before; $8 the most entries and the most accounts; $9 the most findings.
# `edge` is the account that the next slice begins in: those before it are compared in this one.
ACCOUNTS: Final = f"""
WITH entered AS MATERIALIZED (
    SELECT {_KEY}, count(*) AS entries, max(sequence) AS last_sequence,
        sum(amount) AS sum, max(posted_at) AS posted_at, min(balance_after) AS lowest,
        min(sequence) FILTER (WHERE sequence <> sequence_due OR balance_after <> balance_due
            OR posted_at < latest_at) AS wrong
    FROM (
        SELECT *,
            row_number() OVER so_far
                + coalesce({_CARRIED.format("$5::bigint")}, 0) AS sequence_due,
            sum(amount) OVER so_far
                + coalesce({_CARRIED.format("$6::text::numeric")}, 0) AS balance_due,
            greatest(max(posted_at) OVER so_far, {_CARRIED.format("$7::timestamptz")}) AS latest_at
        FROM (
            SELECT {_KEY}, sequence, amount, balance_after, posted_at FROM entry
            WHERE shard = ANY($1::smallint[])
                AND ({_KEY}, sequence) > ($2::smallint, $3::text, $4::text, $5::bigint)
            ORDER BY {_KEY}, sequence LIMIT $8::integer
        ) AS taken
        WINDOW so_far AS (
            PARTITION BY {_KEY} ORDER BY sequence ROWS UNBOUNDED PRECEDING
        )
    ) AS chained
    GROUP BY {_KEY}
), taken_to AS MATERIALIZED (
    SELECT {_KEY} FROM entered WHERE (SELECT sum(entries) FROM entered) = $8
    ORDER BY shard DESC, user_id DESC, currency DESC LIMIT 1
), present AS MATERIALIZED (
    SELECT {_KEY}, balance, held, overdraft_limit, status, sequence, last_entry_at
    FROM account
    WHERE shard = ANY($1) AND ({_KEY}) >= {_BEGIN}
        AND ({_KEY}) <= (
            coalesce((SELECT shard FROM taken_to), 32767::smallint),
            coalesce((SELECT user_id FROM taken_to), ''),
            coalesce((SELECT currency FROM taken_to), '')
        )
    ORDER BY {_KEY} LIMIT $8
), edge AS MATERIALIZED (
    SELECT * FROM (
        (
            SELECT {_KEY}, true AS is_cut FROM present WHERE (SELECT count(*) FROM present) = $8
            ORDER BY shard DESC, user_id DESC, currency DESC LIMIT 1
        )
        UNION ALL SELECT {_KEY}, true FROM taken_to
        UNION ALL SELECT 32767::smallint, '', '', false
    ) AS ends ORDER BY {_KEY} LIMIT 1
), carried AS (
    SELECT {_KEY}, sequence, balance, posted_at FROM (
        VALUES ($2::smallint, $3::text, $4::text, $5::bigint, $6::text::numeric,
            $7::timestamptz)
    ) AS begin ({_KEY}, sequence, balance, posted_at) WHERE sequence > 0
), came_to AS MATERIALIZED (
    SELECT {_KEY}, coalesce(carried.sequence, 0) + coalesce(entries, 0) AS sequence,
        coalesce(carried.balance, 0) + coalesce(sum, 0) AS balance,
        greatest(carried.posted_at, entered.posted_at) AS posted_at,
        coalesce(last_sequence, carried.sequence) AS last_sequence, lowest, wrong
    FROM entered FULL JOIN carried USING ({_KEY})
    WHERE ({_KEY}) <= {_EDGE}
), holding AS MATERIALIZED (
    SELECT {_KEY}, sum(amount - captured) AS held FROM hold
    WHERE status = 'open' AND shard = ANY($1) AND {_IN_SLICE}
    GROUP BY {_KEY}
), given AS MATERIALIZED (
    SELECT shard, user_id, details->>'currency' AS currency,
        max((details->>'overdraft_limit')::bigint) AS largest_limit,
        (array_agg((details->>'overdraft_limit')::bigint ORDER BY page_number DESC, log_offset DESC)
            FILTER (WHERE details ? 'overdraft_limit'))[1] AS overdraft_limit,
        (array_agg(details->>'status' ORDER BY page_number DESC, log_offset DESC)
            FILTER (WHERE details ? 'status'))[1] AS status
    FROM ledger_transaction
    WHERE type = 'account' AND status = 'posted' AND shard = ANY($1)
        AND (shard, user_id) >= ($2::smallint, $3::text)
        AND (shard, user_id) <= ((SELECT shard FROM edge), (SELECT user_id FROM edge))
    GROUP BY 1, 2, 3
), compared AS MATERIALIZED (
    SELECT {_KEY}, last_sequence, figure, due, found
    FROM present FULL JOIN came_to USING ({_KEY}) FULL JOIN holding USING ({_KEY})
    FULL JOIN given USING ({_KEY})
    CROSS JOIN LATERAL (VALUES
        ('balance', coalesce(came_to.balance, 0)::text, present.balance::text),
        ('sequence', coalesce(came_to.sequence, 0)::text, present.sequence::text),
        ('last_entry_at', {_TIME.format("came_to.posted_at")},
            {_TIME.format("present.last_entry_at")}),
        ('held', coalesce(holding.held, 0)::text, present.held::text),
        ('overdraft_limit', coalesce(given.overdraft_limit, 0)::text,
            present.overdraft_limit::text),
        ('status', coalesce(given.status, 'open'), present.status),
        ('available', CASE WHEN left(user_id, 1) <> '@'
                AND present.balance - present.held + present.overdraft_limit < 0 THEN '0'
            ELSE (present.balance - present.held + present.overdraft_limit)::text END,
            (present.balance - present.held + present.overdraft_limit)::text)
    ) AS figures (figure, due, found)
    WHERE {_IN_SLICE} AND due IS DISTINCT FROM found
), unchained AS (
    SELECT {_KEY}, e.sequence, transaction_id, {_PAGE} AS page_number, figure, due, found
    FROM came_to JOIN entry AS e USING ({_KEY}) LEFT JOIN LATERAL (
        SELECT sequence, balance_after, posted_at FROM entry
        WHERE entry.shard = e.shard AND entry.user_id = e.user_id AND entry.currency = e.currency
            AND entry.sequence < e.sequence
        ORDER BY entry.sequence DESC LIMIT 1
    ) AS before ON true
    CROSS JOIN LATERAL (VALUES
        ('entry_sequence', (coalesce(before.sequence, 0) + 1)::text, e.sequence::text),
        ('balance_after', (coalesce(before.balance_after, 0) + e.amount)::text,
            e.balance_after::text),
        ('posted_at', {_TIME.format("greatest(before.posted_at, e.posted_at)")},
            {_TIME.format("e.posted_at")})
    ) AS figures (figure, due, found)
    WHERE e.sequence = wrong AND due <> found
), overdrawn AS (
    SELECT {_KEY}, e.sequence, transaction_id, {_PAGE} AS page_number, 'overdraft' AS figure,
        least.balance::text AS due, e.balance_after::text AS found
    FROM came_to LEFT JOIN present USING ({_KEY}) LEFT JOIN given USING ({_KEY})
    CROSS JOIN LATERAL (
        SELECT -greatest(present.overdraft_limit, largest_limit, 0) AS balance
    ) AS least
    CROSS JOIN LATERAL (
        SELECT sequence, transaction_id, log_partition, log_offset, balance_after FROM entry
        WHERE entry.shard = came_to.shard AND entry.user_id = came_to.user_id
            AND entry.currency = came_to.currency AND balance_after < least.balance
        ORDER BY entry.sequence LIMIT 1
    ) AS e
    WHERE lowest < 0 AND left(came_to.user_id, 1) <> '@' AND lowest < least.balance
), findings AS (
    SELECT {_KEY}, sequence, transaction_id, page_number, figure, due, found FROM unchained
    UNION ALL
    SELECT {_KEY}, sequence, transaction_id, page_number, figure, due, found FROM overdrawn
    UNION ALL
    SELECT {_KEY}, NULL, NULL, (
        SELECT {_PAGE} FROM entry AS e
        WHERE e.shard = compared.shard AND e.user_id = compared.user_id
            AND e.currency = compared.currency AND e.sequence = last_sequence
    ), figure, due, found
    FROM compared
    ORDER BY page_number LIMIT $9::integer
)
SELECT edge.is_cut, edge.shard AS next_shard, edge.user_id AS next_user_id,
    edge.currency AS next_currency, coalesce(last.sequence, 0) AS next_sequence,
    coalesce(last.balance_after, 0)::text AS next_balance, last.posted_at AS next_posted_at,
    (SELECT coalesce(sum(entries), 0)::bigint FROM entered WHERE ({_KEY}) <= {_EDGE}) AS entries,
    (SELECT count(*) FROM present WHERE ({_KEY}) < {_EDGE}) AS accounts, findings.*
FROM edge LEFT JOIN LATERAL (
    SELECT e.sequence, balance_after, e.posted_at
    FROM came_to JOIN entry AS e USING ({_KEY})
    WHERE ({_KEY}) = {_EDGE} AND e.sequence = last_sequence
) AS last ON true LEFT JOIN findings ON true
"""  # noqa: S608 (put together from the above alone)
