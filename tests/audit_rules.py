"""What must be true of the books, whatever happened: each rule selects the rows that break it.

Amounts are minor units. An operator who let a halted partition go on elsewhere left a row in
`resumption`: from there on its offsets begin anew.
"""

from typing import Final

# Who pays is the even leg, who receives the odd one after it. A reversal's legs are those of what
# it reverses, the last one first; they have its own amount, where there is one. Each kind is joined
# as a whole: a look for each transaction would take hours on large books.
_ENTRIES_DUE: Final = """
    WITH posted AS (SELECT * FROM ledger_transaction WHERE status = 'posted'), moved AS (
        SELECT transaction_id, 0 AS leg, '@settlement:' || log_partition AS user_id, currency,
            -amount AS amount
        FROM posted WHERE type = 'deposit'
        UNION ALL SELECT transaction_id, 1, user_id, currency, amount
        FROM posted WHERE type = 'deposit'
        UNION ALL SELECT transaction_id, 0, user_id, currency, -amount
        FROM posted WHERE type = 'withdraw'
        UNION ALL SELECT transaction_id, 1, '@settlement:' || log_partition, currency, amount
        FROM posted WHERE type = 'withdraw'
        UNION ALL SELECT transaction_id, (2 * (place - 1))::int, one->>'from_user_id',
            one->>'currency', -(one->>'amount')::bigint
        FROM posted
        CROSS JOIN jsonb_array_elements(details->'legs') WITH ORDINALITY AS legs (one, place)
        WHERE type = 'transfer'
        UNION ALL SELECT transaction_id, (2 * place - 1)::int, one->>'to_user_id',
            one->>'currency', (one->>'amount')::bigint
        FROM posted
        CROSS JOIN jsonb_array_elements(details->'legs') WITH ORDINALITY AS legs (one, place)
        WHERE type = 'transfer'
        UNION ALL SELECT transaction_id, 0, hold.user_id, hold.currency, -posted.amount
        FROM posted JOIN hold ON hold_id = (details->>'hold_id')::uuid WHERE type = 'capture'
        UNION ALL SELECT transaction_id, 1, coalesce(
                details->>'to_user_id', hold.to_user_id, '@settlement:' || posted.log_partition
            ), hold.currency, posted.amount
        FROM posted JOIN hold ON hold_id = (details->>'hold_id')::uuid WHERE type = 'capture'
        UNION ALL SELECT posted.transaction_id,
            (count(*) OVER (PARTITION BY posted.transaction_id) - 1 - leg)::int, e.user_id,
            e.currency, -coalesce(sign(e.amount)::bigint * posted.amount, e.amount)
        FROM posted JOIN entry e ON e.transaction_id = posted.reversed_id WHERE type = 'reverse'
    )
    SELECT transaction_id, leg, moved.user_id, moved.currency, moved.amount, log_partition,
        log_offset
    FROM moved JOIN posted USING (transaction_id)"""

RULES: Final = {
    "the entries of a transaction sum to zero, in each currency": """
        SELECT transaction_id, currency, sum(amount) AS sum FROM entry
        GROUP BY transaction_id, currency HAVING sum(amount) <> 0""",
    "all entries together sum to zero, in each currency": """
        SELECT currency, sum(amount) AS sum FROM entry
        GROUP BY currency HAVING sum(amount) <> 0""",
    "a balance is the sum of its account's entries": """
        SELECT user_id, currency, balance, sequence, sum AS sum_of_entries, count AS entries
        FROM account FULL JOIN (
            SELECT shard, user_id, currency, sum(amount), count(*) FROM entry GROUP BY 1, 2, 3
        ) AS entered USING (shard, user_id, currency)
        WHERE balance IS DISTINCT FROM coalesce(sum, 0)
            OR sequence IS DISTINCT FROM coalesce(count, 0)""",
    "sequences have no gap, and running balances are right": """
        SELECT * FROM (
            SELECT user_id, currency, sequence, row_number() OVER entered AS sequence_due,
                balance_after, sum(amount) OVER entered AS balance_due
            FROM entry
            WINDOW entered AS (PARTITION BY shard, user_id, currency ORDER BY sequence)
        ) AS numbered WHERE sequence <> sequence_due OR balance_after <> balance_due""",
    "the time of an account's entries never steps back": """
        SELECT * FROM (
            SELECT user_id, currency, sequence, posted_at, lag(posted_at) OVER (
                PARTITION BY shard, user_id, currency ORDER BY sequence
            ) AS posted_before
            FROM entry
        ) AS timed WHERE posted_at < posted_before""",
    "an account's last entry was when the account says": """
        SELECT user_id, currency, last_entry_at, posted_at AS last_entry_at_due
        FROM account LEFT JOIN (
            SELECT DISTINCT ON (shard, user_id, currency) shard, user_id, currency, posted_at
            FROM entry ORDER BY shard, user_id, currency, sequence DESC
        ) AS latest USING (shard, user_id, currency)
        WHERE last_entry_at IS DISTINCT FROM posted_at""",
    "a posted transaction has the entries that it says, a rejected one none": f"""
        WITH due AS ({_ENTRIES_DUE})
        SELECT transaction_id, leg, due.user_id, due.currency, due.amount,
            e.user_id AS entry_user_id, e.currency AS entry_currency, e.amount AS entry_amount,
            e.log_partition, e.log_offset
        FROM due FULL JOIN entry e USING (transaction_id, leg)
        WHERE (due.user_id, due.currency, due.amount, due.log_partition, due.log_offset)
            IS DISTINCT FROM (e.user_id, e.currency, e.amount, e.log_partition, e.log_offset)""",
    "no entry is there twice": """
        SELECT transaction_id, leg, count(*) AS times, min(user_id) AS user_id FROM entry
        GROUP BY transaction_id, leg HAVING count(*) > 1""",
    "no record of the log is two transactions": """
        SELECT log_partition, log_offset, array_agg(transaction_id::text) AS transaction_ids
        FROM (
            SELECT log_partition, log_offset, transaction_id, (
                SELECT count(*) FROM resumption r
                WHERE r.partition = log_partition AND last_page_number < page_number
            ) AS resumptions FROM ledger_transaction
        ) AS placed
        GROUP BY log_partition, log_offset, resumptions HAVING count(*) > 1""",
    "no account is below its limit": """
        SELECT user_id, currency, balance, held, overdraft_limit FROM account
        WHERE balance - held < -overdraft_limit AND user_id NOT LIKE '@%'""",
    "no account was below the largest limit it ever had after any of its entries": """
        WITH given AS (
            SELECT user_id, details->>'currency' AS currency,
                max((details->>'overdraft_limit')::bigint) AS largest
            FROM ledger_transaction WHERE type = 'account' AND status = 'posted' GROUP BY 1, 2
        )
        SELECT user_id, currency, e.sequence, balance_after, overdraft_limit, largest
        FROM entry e JOIN account USING (shard, user_id, currency)
        LEFT JOIN given USING (user_id, currency)
        WHERE balance_after < -greatest(overdraft_limit, largest) AND user_id NOT LIKE '@%'""",
    "an account has the limit, the status and the metadata that it was given last": """
        WITH given AS (
            SELECT DISTINCT ON (user_id, details->>'currency', name)
                user_id, details->>'currency' AS currency, name, value
            FROM ledger_transaction CROSS JOIN LATERAL jsonb_each(details) AS each (name, value)
            WHERE type = 'account' AND status = 'posted'
                AND name IN ('overdraft_limit', 'status', 'metadata')
            ORDER BY user_id, details->>'currency', name, page_number DESC, log_offset DESC
        ), present AS (
            SELECT user_id, currency, name, present, at_first FROM account CROSS JOIN LATERAL (
                VALUES ('overdraft_limit', to_jsonb(overdraft_limit), '0'::jsonb),
                    ('status', to_jsonb(status), '"open"'),
                    ('metadata', coalesce(metadata, 'null'), 'null')
            ) AS property (name, present, at_first)
        )
        SELECT user_id, currency, name, present, coalesce(value, at_first) AS due
        FROM present FULL JOIN given USING (user_id, currency, name)
        WHERE present IS DISTINCT FROM coalesce(value, at_first)""",
    "what an account has set aside is what its open holds still hold": """
        SELECT user_id, currency, held, coalesce(held_due, 0) AS held_due
        FROM account FULL JOIN (
            SELECT shard, user_id, currency, sum(amount - captured) AS held_due
            FROM hold WHERE status = 'open' GROUP BY 1, 2, 3
        ) AS holding USING (shard, user_id, currency)
        WHERE held IS DISTINCT FROM coalesce(held_due, 0)""",
    "a hold is as its transactions left it": """
        WITH ended AS (
            SELECT (details->>'hold_id')::uuid AS hold_id,
                coalesce(sum(amount) FILTER (WHERE type = 'capture'), 0) AS captured,
                bool_or(type = 'capture' AND coalesce(details->>'final', 'true') = 'true')
                    AS has_final,
                bool_or(type = 'void') AS is_voided, bool_or(type = 'expire') AS is_expired
            FROM ledger_transaction
            WHERE type IN ('capture', 'void', 'expire') AND status = 'posted' GROUP BY 1
        ), due AS (
            SELECT transaction_id AS hold_id, user_id, currency, amount,
                coalesce(captured, 0) AS captured,
                CASE WHEN is_voided THEN 'voided' WHEN is_expired THEN 'expired'
                    WHEN has_final OR captured = amount THEN 'captured' ELSE 'open'
                END AS status
            FROM ledger_transaction t LEFT JOIN ended ON hold_id = transaction_id
            WHERE t.type = 'hold' AND t.status = 'posted'
        )
        SELECT hold_id, h.user_id, h.amount, h.captured, h.status, due.user_id AS user_due,
            due.amount AS amount_due, due.captured AS captured_due, due.status AS status_due
        FROM hold h FULL JOIN due USING (hold_id)
        WHERE (h.user_id, h.currency, h.amount, h.captured, h.status)
            IS DISTINCT FROM (due.user_id, due.currency, due.amount, due.captured, due.status)""",
    "no more of a transaction is reversed than there was": """
        SELECT r.reversed_id, t.amount, sum(r.amount) AS reversed, count(*) AS reversals
        FROM ledger_transaction r LEFT JOIN ledger_transaction t
            ON t.transaction_id = r.reversed_id
        WHERE r.status = 'posted' AND r.reversed_id IS NOT NULL
        GROUP BY r.reversed_id, t.transaction_id, t.amount, t.status, t.type
        HAVING t.transaction_id IS NULL OR t.status <> 'posted' OR t.type = 'reverse'
            OR CASE WHEN t.amount IS NULL THEN count(*) > 1 ELSE sum(r.amount) > t.amount END""",
    "a transaction's parties are the other users whose money or hold it touched": """
        WITH due AS (
            SELECT e.user_id, t.log_partition, t.page_number, t.log_offset
            FROM ledger_transaction t JOIN entry e USING (log_partition, log_offset, transaction_id)
            WHERE left(e.user_id, 1) <> '@' AND e.user_id IS DISTINCT FROM t.user_id
            UNION SELECT hold.user_id, t.log_partition, t.page_number, t.log_offset
            FROM ledger_transaction t JOIN hold ON hold_id = (details->>'hold_id')::uuid
            WHERE t.status = 'posted' AND t.type IN ('capture', 'void', 'expire')
                AND hold.user_id IS DISTINCT FROM t.user_id
        )
        SELECT user_id, page_number, log_partition, log_offset, is_due, is_party
        FROM (SELECT *, true AS is_due FROM due) AS due
        FULL JOIN (SELECT *, true AS is_party FROM party) AS stored
            USING (user_id, log_partition, page_number, log_offset)
        WHERE is_due IS DISTINCT FROM is_party""",
    "a page has the transactions and entries that it counted": """
        SELECT number AS page, transaction_count, transactions, entry_count, entries
        FROM page FULL JOIN (
            SELECT page_number AS number, count(*) AS transactions, sum(legs) AS entries FROM (
                SELECT page_number, transaction_id, count(leg) AS legs
                FROM ledger_transaction LEFT JOIN entry USING (transaction_id)
                GROUP BY page_number, transaction_id
            ) AS counted GROUP BY page_number
        ) AS found USING (number)
        WHERE transaction_count IS DISTINCT FROM coalesce(transactions, 0)
            OR entry_count IS DISTINCT FROM coalesce(entries, 0)""",
    "a transaction lies in its page's stretch of the log": """
        SELECT transaction_id, user_id, page_number, log_partition, log_offset
        FROM ledger_transaction LEFT JOIN page ON number = page_number
        WHERE number IS NULL OR log_partition <> partition
            OR NOT (log_offset >= first_offset AND log_offset < next_offset)""",
    "the pages of a partition follow each other without gap or overlap": """
        SELECT * FROM (
            SELECT partition, number AS page, first_offset, coalesce((
                SELECT to_offset FROM resumption r
                WHERE r.partition = chained.partition
                    AND last_page_number >= earlier_number AND last_page_number < number
                ORDER BY epoch DESC LIMIT 1
            ), earlier_end) AS first_offset_due
            FROM (
                SELECT partition, number, first_offset,
                    lag(number, 1, 0::bigint) OVER posted AS earlier_number,
                    lag(next_offset, 1, 0::bigint) OVER posted AS earlier_end
                FROM page WINDOW posted AS (PARTITION BY partition ORDER BY number)
            ) AS chained
        ) AS due WHERE first_offset <> first_offset_due""",
    "a position is where its partition's last page ended": """
        SELECT * FROM (
            SELECT partition, l.next_offset, coalesce((
                SELECT to_offset FROM resumption r
                WHERE r.partition = coalesce(l.partition, p.partition)
                    AND last_page_number >= coalesce(number, 0)
                ORDER BY epoch DESC LIMIT 1
            ), p.next_offset, 0) AS next_offset_due
            FROM log_position l FULL JOIN (
                SELECT DISTINCT ON (partition) partition, number, next_offset FROM page
                ORDER BY partition, number DESC
            ) AS p USING (partition)
        ) AS due WHERE next_offset IS DISTINCT FROM next_offset_due""",
    "a dead letter lies in its page's stretch of the log": """
        SELECT d.partition, log_offset, transaction_id, page_number
        FROM dead_letter d LEFT JOIN page ON number = page_number
        WHERE number IS NULL OR d.partition <> page.partition
            OR NOT (log_offset >= first_offset AND log_offset < next_offset)""",
    "what was discarded was a dead letter before, and moved nothing": """
        SELECT transaction_id, log_partition, log_offset, status, rejection_code
        FROM ledger_transaction t
        WHERE (type = 'discard' OR rejection_code = 'discarded')
            AND (type <> 'discard' OR rejection_code IS DISTINCT FROM 'discarded' OR NOT EXISTS (
                SELECT FROM dead_letter d
                WHERE d.transaction_id = t.transaction_id AND d.page_number < t.page_number
                    AND d.partition || ':' || d.log_offset = t.details->>'position'
            ))""",
    "no dead letter waits for an operator": """
        SELECT partition, log_offset, transaction_id, reason, detail FROM dead_letter d
        WHERE NOT EXISTS (
            SELECT FROM ledger_transaction t WHERE t.transaction_id = d.transaction_id
        )""",
}
