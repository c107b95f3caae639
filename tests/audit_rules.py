"""What must be true of the books, whatever happened: each rule selects the rows that break it.

Amounts are minor units. An operator who let a halted partition go on elsewhere left a row in
`resumption`: from there on its offsets begin anew.
"""

from typing import Final

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
    "a posted transaction has its two entries, a rejected one none": """
        SELECT transaction_id, t.user_id, status, count(e.leg) AS entries
        FROM ledger_transaction t LEFT JOIN entry e USING (transaction_id)
        GROUP BY transaction_id, t.user_id, status
        HAVING count(e.leg) <> CASE status WHEN 'posted' THEN 2 ELSE 0 END""",
    "an entry moves what its transaction says": """
        SELECT transaction_id, t.type, t.user_id, t.amount, leg, e.user_id AS entry_user_id,
            e.amount AS entry_amount
        FROM entry e LEFT JOIN ledger_transaction t USING (transaction_id)
        WHERE (e.currency, e.log_partition, e.log_offset)
                IS DISTINCT FROM (t.currency, t.log_partition, t.log_offset)
            OR CASE leg
                WHEN 0 THEN e.user_id <> t.user_id
                    OR e.amount <> CASE t.type WHEN 'deposit' THEN t.amount ELSE -t.amount END
                WHEN 1 THEN e.user_id <> '@settlement:' || t.log_partition
                    OR e.amount <> CASE t.type WHEN 'deposit' THEN -t.amount ELSE t.amount END
                ELSE true
            END""",
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
    "no account was below its limit after any of its entries": """
        SELECT user_id, currency, e.sequence, balance_after, overdraft_limit
        FROM entry e JOIN account USING (shard, user_id, currency)
        WHERE balance_after < -overdraft_limit AND user_id NOT LIKE '@%'""",
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
    "no record is a dead letter": """
        SELECT partition, log_offset, transaction_id, reason, detail FROM dead_letter""",
}
