"""A slice of a partition's pages, whole ones, with their transactions and their entries.

A transaction's entries are compared with what it says, leg by leg; so they sum to zero, too.
"""

from typing import Final

_WITHOUT_END: Final = 9223372036854775807

# Who pays is the even leg, who receives the odd one after it. A reversal's legs are those of what
# it reverses, the last one first; they have its own amount, where there is one.
_ENTRIES_DUE: Final = """
    SELECT transaction_id, leg, CASE WHEN (leg = 0) = (type = 'deposit')
        THEN '@settlement:' || $1 ELSE user_id END AS user_id,
        currency, CASE leg WHEN 0 THEN -amount ELSE amount END AS amount, log_offset, page_number
    FROM posted CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS legs (leg)
    WHERE type IN ('deposit', 'withdraw')
    UNION ALL
    SELECT transaction_id, (2 * (place - 1) + side)::smallint,
        CASE side WHEN 0 THEN one->>'from_user_id' ELSE one->>'to_user_id' END, one->>'currency',
        CASE side WHEN 0 THEN -(one->>'amount')::bigint ELSE (one->>'amount')::bigint END,
        log_offset, page_number
    FROM posted CROSS JOIN jsonb_array_elements(details->'legs') WITH ORDINALITY AS o (one, place)
    CROSS JOIN (VALUES (0), (1)) AS sides (side)
    WHERE type = 'transfer'
    UNION ALL
    SELECT transaction_id, leg,
        CASE leg WHEN 0 THEN hold.user_id
            ELSE coalesce(details->>'to_user_id', hold.to_user_id, '@settlement:' || $1) END,
        hold.currency, CASE leg WHEN 0 THEN -posted.amount ELSE posted.amount END,
        posted.log_offset, page_number
    FROM posted JOIN hold
        ON hold.shard = posted.shard AND hold.hold_id = (posted.details->>'hold_id')::uuid
    CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS legs (leg)
    WHERE type = 'capture'
    UNION ALL
    SELECT posted.transaction_id, (e.legs - 1 - e.leg)::smallint, e.user_id, e.currency,
        -coalesce(sign(e.amount)::bigint * posted.amount, e.amount),
        posted.log_offset, posted.page_number
    FROM posted JOIN ledger_transaction AS reversed
        ON reversed.shard = posted.shard AND reversed.transaction_id = posted.reversed_id
    CROSS JOIN LATERAL (
        SELECT leg, user_id, currency, amount, count(*) OVER () AS legs FROM entry
        WHERE entry.log_partition = reversed.log_partition
            AND entry.log_offset = reversed.log_offset
            AND entry.transaction_id = reversed.transaction_id
    ) AS e
    WHERE posted.type = 'reverse'"""

# $1 the partition; $2 the last page before, and $3 the offset at which it ended; $4 the most
# transactions, but for a single page of more, and the most pages; $5 the most findings. A slice
# ends where an operator let the partition go on elsewhere: offsets may come again from there on.
PAGES: Final = f"""
WITH through AS MATERIALIZED (
    SELECT greatest(
        least(
            (SELECT min(number) FROM page WHERE partition = $1 AND number > $2),
            (SELECT min(page_number) FROM ledger_transaction
                WHERE log_partition = $1 AND page_number > $2)
        ),
        coalesce(least(
            (SELECT page_number - 1 FROM ledger_transaction
                WHERE log_partition = $1 AND page_number > $2
                ORDER BY page_number, log_offset OFFSET $4 LIMIT 1),
            (SELECT number - 1 FROM page WHERE partition = $1 AND number > $2
                ORDER BY number OFFSET $4 LIMIT 1),
            (SELECT min(last_page_number) FROM resumption
                WHERE partition = $1 AND last_page_number > $2)
        ), {_WITHOUT_END})
    ) AS number
), of_pages AS MATERIALIZED (
    SELECT number, first_offset, next_offset, transaction_count, entry_count FROM page
    WHERE partition = $1::smallint AND number > $2::bigint
        AND number <= (SELECT number FROM through)
), listed AS MATERIALIZED (
    SELECT shard, transaction_id, type, status, user_id, amount, currency, details, reversed_id,
        log_offset, page_number
    FROM ledger_transaction
    WHERE log_partition = $1 AND page_number > $2 AND page_number <= (SELECT number FROM through)
), posted AS (
    SELECT * FROM listed WHERE status = 'posted'
), stretch AS MATERIALIZED (
    SELECT
        least($3::bigint, (SELECT min(log_offset) FROM listed),
            (SELECT min(first_offset) FROM of_pages)) AS first,
        CASE WHEN through.number = {_WITHOUT_END}
            AND NOT EXISTS (SELECT FROM resumption WHERE partition = $1) THEN {_WITHOUT_END}
        ELSE greatest((SELECT max(log_offset) FROM listed),
            (SELECT max(next_offset) - 1 FROM of_pages)) END AS last
    FROM through
), due AS ({_ENTRIES_DUE}
), there AS (
    SELECT transaction_id, leg, user_id, currency, amount, log_offset, shard, sequence FROM entry
    WHERE log_partition = $1
        AND log_offset BETWEEN (SELECT first FROM stretch) AND (SELECT last FROM stretch)
), matched AS MATERIALIZED (
    SELECT due.page_number, count(there.sequence) AS entries,
        jsonb_agg(jsonb_build_object(
            'transaction_id', transaction_id, 'user_due', due.user_id,
            'currency_due', due.currency, 'amount_due', due.amount, 'offset_due', due.log_offset,
            'user_id', there.user_id, 'currency', there.currency, 'amount', there.amount,
            'log_offset', there.log_offset, 'shard', there.shard, 'sequence', there.sequence
        )) FILTER (WHERE due.amount IS DISTINCT FROM there.amount
            OR due.user_id IS DISTINCT FROM there.user_id
            OR due.currency IS DISTINCT FROM there.currency
            OR due.log_offset IS DISTINCT FROM there.log_offset) AS differing
    FROM due FULL JOIN there USING (transaction_id, leg)
    GROUP BY due.page_number
), counted AS MATERIALIZED (
    SELECT number, transactions, first, last, coalesce(entries, 0) AS entries FROM (
        SELECT page_number AS number, count(*) AS transactions, min(log_offset) AS first,
            max(log_offset) AS last
        FROM listed GROUP BY 1
    ) AS of_transactions LEFT JOIN matched ON page_number = number
), of_entries AS (
    SELECT shard, coalesce(user_id, user_due) AS user_id,
        coalesce(currency, currency_due) AS currency, sequence, transaction_id, page_number,
        figures.*
    FROM matched CROSS JOIN LATERAL jsonb_to_recordset(differing) AS one (
        transaction_id uuid, user_due text, currency_due text, amount_due bigint,
        offset_due bigint, user_id text, currency text, amount bigint, log_offset bigint,
        shard smallint, sequence bigint
    ) CROSS JOIN LATERAL (
        SELECT 'entry' AS figure, amount_due::text AS due, amount::text AS found
            WHERE user_due IS NULL OR user_id IS NULL
        UNION ALL SELECT 'entry_account', user_due || ' ' || currency_due,
            user_id || ' ' || currency WHERE (user_due, currency_due) <> (user_id, currency)
        UNION ALL SELECT 'entry_amount', amount_due::text, amount::text WHERE amount_due <> amount
        UNION ALL SELECT 'entry_offset', offset_due::text, log_offset::text
            WHERE offset_due <> log_offset
    ) AS figures
    -- Where an operator let the partition go on, offsets come again: of another page.
    WHERE NOT (user_due IS NULL AND EXISTS (
        SELECT FROM ledger_transaction AS other
        WHERE other.log_partition = $1 AND other.log_offset = one.log_offset
            AND other.transaction_id = one.transaction_id AND NOT (
                other.page_number > $2 AND other.page_number <= (SELECT number FROM through)
            )
    ))
), chained AS (
    SELECT number, first_offset, coalesce(
        (
            SELECT to_offset FROM resumption
            WHERE partition = $1 AND last_page_number < number
                AND last_page_number >= coalesce(earlier.earlier_number, 0)
            ORDER BY epoch DESC LIMIT 1
        ), earlier.next_offset, 0
    ) AS first_offset_due
    FROM of_pages LEFT JOIN LATERAL (
        SELECT number AS earlier_number, next_offset FROM page
        WHERE partition = $1 AND page.number < of_pages.number ORDER BY page.number DESC LIMIT 1
    ) AS earlier ON true
), ended AS (
    SELECT last.number, log_position.next_offset, coalesce(
        (
            SELECT to_offset FROM resumption
            WHERE partition = $1 AND last_page_number >= coalesce(last.number, 0)
            ORDER BY epoch DESC LIMIT 1
        ), last.next_offset, 0
    ) AS next_offset_due
    FROM through LEFT JOIN log_position ON partition = $1 LEFT JOIN LATERAL (
        SELECT number, next_offset FROM page WHERE partition = $1 ORDER BY number DESC LIMIT 1
    ) AS last ON true
    WHERE through.number = {_WITHOUT_END}
), of_partition AS (
    SELECT number AS page_number, figure, due, found
    FROM of_pages FULL JOIN counted USING (number)
    CROSS JOIN LATERAL (VALUES
        ('page', counted.number::text, of_pages.number::text),
        ('transaction_count', transaction_count::text, coalesce(transactions, 0)::text),
        ('entry_count', entry_count::text, coalesce(entries, 0)::text),
        ('log_offset', first_offset || ' to ' || next_offset - 1,
            CASE WHEN first < first_offset THEN first WHEN last >= next_offset THEN last END::text)
    ) AS figures (figure, due, found)
    WHERE CASE figure WHEN 'page' THEN of_pages.number IS NULL WHEN 'log_offset' THEN found <> ''
        ELSE of_pages.number IS NOT NULL AND due <> found END
    UNION ALL
    SELECT number, 'first_offset', first_offset_due::text, first_offset::text
    FROM chained WHERE first_offset <> first_offset_due
    UNION ALL
    SELECT number, 'next_offset', next_offset_due::text, next_offset::text
    FROM ended WHERE next_offset IS DISTINCT FROM next_offset_due
        AND (number IS NOT NULL OR next_offset IS NOT NULL)
), of_transactions AS (
    SELECT posted.transaction_id, page_number, 'hold' AS figure, posted.amount::text AS due,
        NULL AS found
    FROM posted WHERE type = 'hold' AND NOT EXISTS (
        SELECT FROM hold
        WHERE hold.shard = posted.shard AND hold_id = posted.transaction_id
    )
    UNION ALL
    SELECT posted.transaction_id, posted.page_number, 'reversed', reversible::text, taken::text
    FROM posted LEFT JOIN ledger_transaction AS reversed
        ON reversed.shard = posted.shard AND reversed.transaction_id = posted.reversed_id
            AND reversed.status = 'posted' AND reversed.type <> 'reverse'
    CROSS JOIN LATERAL (
        SELECT sum(coalesce(again.amount, 1)) AS taken,
            CASE WHEN reversed.shard IS NULL THEN 0 ELSE coalesce(reversed.amount, 1) END
                AS reversible
        FROM ledger_transaction AS again
        WHERE again.shard = posted.shard AND again.reversed_id = posted.reversed_id
            AND again.status = 'posted'
    ) AS together
    WHERE posted.type = 'reverse' AND taken > reversible
), findings AS (
    SELECT figure, NULL::smallint AS shard, NULL AS user_id, NULL AS currency,
        NULL::bigint AS sequence, NULL::uuid AS transaction_id, page_number, due, found
    FROM of_partition
    UNION ALL
    SELECT figure, NULL, NULL, NULL, NULL, transaction_id, page_number, due, found
    FROM of_transactions
    UNION ALL
    SELECT figure, shard, user_id, currency, sequence, transaction_id, page_number, due, found
    FROM of_entries
    ORDER BY page_number LIMIT $5::integer
)
SELECT through.number AS through, through.number < {_WITHOUT_END} AS is_cut,
    (SELECT next_offset FROM of_pages ORDER BY number DESC LIMIT 1) AS next_offset,
    (SELECT count(*) FROM of_pages) AS pages, (SELECT count(*) FROM listed) AS transactions,
    findings.*
FROM through LEFT JOIN findings ON true
"""  # noqa: S608 (put together from the above alone)
