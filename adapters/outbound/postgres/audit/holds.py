"""A slice of holds, compared with the transactions that placed, captured and ended them."""

from typing import Final

_KEY: Final = "shard, hold_id"

# $1 the shards; $2 and $3 the last hold before; $4 the most holds; $5 the most findings.
HOLDS: Final = f"""
WITH listed AS MATERIALIZED (
    SELECT {_KEY}, user_id, currency, amount, captured, status FROM hold
    WHERE shard = ANY($1::smallint[]) AND ({_KEY}) > ($2::smallint, $3::uuid)
    ORDER BY {_KEY} LIMIT $4::integer
), last AS (
    SELECT {_KEY} FROM listed WHERE (SELECT count(*) FROM listed) = $4
    ORDER BY shard DESC, hold_id DESC LIMIT 1
), compared AS (
    SELECT listed.shard, listed.user_id, listed.currency, hold_id AS transaction_id,
        coalesce(ended.page_number, placed.page_number) AS page_number, figure, due, found
    FROM listed
    LEFT JOIN ledger_transaction AS placed
        ON placed.shard = listed.shard AND placed.transaction_id = hold_id
            AND placed.type = 'hold' AND placed.status = 'posted'
    CROSS JOIN LATERAL (
        SELECT max(page_number) AS page_number,
            coalesce(sum(amount) FILTER (WHERE type = 'capture'), 0) AS captured,
            coalesce(bool_or(
                type = 'capture' AND coalesce(details->>'final', 'true') = 'true'
            ), false) AS has_final,
            coalesce(bool_or(type = 'void'), false) AS is_voided,
            coalesce(bool_or(type = 'expire'), false) AS is_expired
        FROM ledger_transaction
        WHERE shard = listed.shard AND details->>'hold_id' = hold_id::text
            AND type IN ('capture', 'void', 'expire') AND status = 'posted'
    ) AS ended
    CROSS JOIN LATERAL (VALUES
        ('hold_account', placed.user_id || ' ' || placed.currency,
            listed.user_id || ' ' || listed.currency),
        ('hold_amount', placed.amount::text, listed.amount::text),
        ('hold_captured', ended.captured::text, listed.captured::text),
        ('hold_status', CASE WHEN ended.is_voided THEN 'voided'
                WHEN ended.is_expired THEN 'expired'
                WHEN ended.has_final OR ended.captured = placed.amount THEN 'captured'
                ELSE 'open' END, listed.status)
    ) AS figures (figure, due, found)
    WHERE due IS DISTINCT FROM found
), findings AS (
    SELECT figure, shard, user_id, currency, NULL::bigint AS sequence, transaction_id, page_number,
        due, found
    FROM compared ORDER BY page_number LIMIT $5::integer
)
SELECT last.shard AS next_shard, last.hold_id AS next_hold_id,
    (SELECT count(*) FROM listed) AS holds, findings.*
FROM (SELECT) AS one LEFT JOIN last ON true LEFT JOIN findings ON true
"""  # noqa: S608 (put together from the above alone)
