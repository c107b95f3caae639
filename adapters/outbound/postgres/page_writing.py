"""Storing a decided page: all of its rows in one statement, or by COPY where there are many."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from adapters.outbound.postgres.database import Connection
from adapters.outbound.postgres.page_copy import (
    ENTRY_COLUMNS,
    TRANSACTION_COLUMNS,
    lines,
)
from adapters.outbound.postgres.page_rows import (
    AccountRow,
    EntryRow,
    HoldRow,
    PartyRow,
    TransactionRow,
    account_rows,
    as_json,
    entry_rows,
    hold_rows,
    party_rows,
    transaction_rows,
)
from core.entities.account import AccountKey
from core.entities.dead_letter import DeadLetter
from core.entities.page import Page, PageRun
from core.entities.transaction import Transaction
from core.entities.transaction_id import shard_of_id

COPY_FROM_TRANSACTIONS: Final = 64
"""Below, one statement is quicker (8 transactions: 1.1 against 2.4 ms); above, COPY is."""

_TRANSACTION_COLUMNS: Final = ", ".join(TransactionRow.__struct_fields__)
_ENTRY_COLUMNS: Final = ", ".join(EntryRow.__struct_fields__)
_PARTY_COLUMNS: Final = ", ".join(PartyRow.__struct_fields__)
_HOLD_COLUMNS: Final = ", ".join(HoldRow.__struct_fields__)
_ACCOUNT_COLUMNS: Final = ", ".join(AccountRow.__struct_fields__)

# The page takes its number here: after the last read, behind the locks of all that it read.
_NEW_PAGE: Final = """
INSERT INTO page (partition, epoch, first_offset, next_offset, transaction_count,
                  entry_count, rules_version, written_at, head, may_cross)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING number
"""
# Pages are posted again one after the other, so nobody else takes numbers meanwhile.
_PAGE_AGAIN: Final = """
INSERT INTO page (partition, epoch, first_offset, next_offset, transaction_count,
                  entry_count, rules_version, written_at, head, may_cross, number)
OVERRIDING SYSTEM VALUE
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, again.number
FROM (SELECT setval('page_number_seq', greatest($16, last_value)), $16 AS number
      FROM page_number_seq) AS again
RETURNING number
"""
# A page's accounts exist; saying "insert" finds each by its key, whatever the planner thinks of a
# join.
_REST: Final = f"""
, transactions AS (
    INSERT INTO ledger_transaction ({_TRANSACTION_COLUMNS}, page_number)
    SELECT {_TRANSACTION_COLUMNS}, stored.number
    FROM stored, json_populate_recordset(NULL::ledger_transaction, $11)
), entries AS (
    INSERT INTO entry ({_ENTRY_COLUMNS})
    SELECT {_ENTRY_COLUMNS} FROM json_populate_recordset(NULL::entry, $12)
), accounts AS (
    INSERT INTO account ({_ACCOUNT_COLUMNS})
    SELECT {_ACCOUNT_COLUMNS} FROM json_populate_recordset(NULL::account, $13)
    ON CONFLICT (shard, user_id, currency) DO UPDATE
    SET balance = excluded.balance, held = excluded.held,
        overdraft_limit = excluded.overdraft_limit, status = excluded.status,
        sequence = excluded.sequence, opened_at = excluded.opened_at,
        last_entry_at = excluded.last_entry_at, metadata = excluded.metadata
), parties AS (
    INSERT INTO party ({_PARTY_COLUMNS}, page_number)
    SELECT {_PARTY_COLUMNS}, stored.number
    FROM stored, json_populate_recordset(NULL::party, $15)
), holds AS (
    INSERT INTO hold ({_HOLD_COLUMNS})
    SELECT {_HOLD_COLUMNS} FROM json_populate_recordset(NULL::hold, $14)
    ON CONFLICT (shard, hold_id) DO UPDATE
    SET captured = excluded.captured, status = excluded.status
)
SELECT number FROM stored
"""  # noqa: S608 (column names, of our own)
_STORE: Final = f"WITH stored AS ({_NEW_PAGE}){_REST}"
_STORE_AGAIN: Final = f"WITH stored AS ({_PAGE_AGAIN}){_REST}"

_STORE_DEAD_LETTER: Final = """
INSERT INTO dead_letter (partition, page_number, log_offset, transaction_id, reason, detail,
                         recorded_at, key, value, header_names, header_values, shard)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

_COUNT_CONDEMNED: Final = "UPDATE log_position SET condemned_in_a_row = $2 WHERE partition = $1"

_FORGET_UNOPENED: Final = """
DELETE FROM account
USING unnest($1::smallint[], $2::text[], $3::text[]) AS unopened (shard, user_id, currency)
WHERE account.shard = unopened.shard AND account.user_id = unopened.user_id
    AND account.currency = unopened.currency
"""


async def write_page(connection: Connection, run: PageRun, page: Page, now: datetime) -> int:
    """Store the page's row and all that it decided; its number."""
    by_copy = len(page.transactions) >= COPY_FROM_TRANSACTIONS
    in_statement = () if by_copy else page.transactions
    again = () if run.number is None else (run.number,)
    page_number: int = await connection.fetchval(
        _STORE_AGAIN if again else _STORE,
        *(run.partition, run.epoch, run.first_offset, run.next_offset),
        *(len(page.transactions), sum(len(one.entries) for one in page.transactions)),
        *(page.rules_version, now, page.head, run.may_cross),
        as_json(transaction_rows(in_statement)),
        as_json(entry_rows(in_statement)),
        as_json(account_rows(page.accounts)),
        as_json(hold_rows(page.holds, run.partition)),
        as_json(party_rows(page)),
        *again,
    )
    if by_copy:
        await _copy(connection, page.transactions, page_number)
    if page.dead_letters:
        await _write_dead_letters(connection, run, page.dead_letters, page_number)
    if page.condemned_in_a_row:
        # The fence has set it to what it nearly always is.
        await connection.execute(_COUNT_CONDEMNED, run.partition, page.condemned_in_a_row)
    return page_number


async def forget_unopened(connection: Connection, unopened: Sequence[AccountKey]) -> None:
    """Delete accounts that were created for this page and are not opened by it: a refused command
    leaves no trace that changes a later answer.
    """
    if unopened:
        await connection.execute(_FORGET_UNOPENED, *zip(*unopened, strict=True))


async def _copy(
    connection: Connection, transactions: Sequence[Transaction], page_number: int
) -> None:
    written = lines(transactions, page_number)
    for table, columns, source in (
        ("ledger_transaction", TRANSACTION_COLUMNS, written.transactions),
        ("entry", ENTRY_COLUMNS, written.entries),
    ):
        await connection.copy_to_table(table, source=_whole(source), columns=columns)


async def _whole(source: bytes) -> AsyncIterator[bytes]:
    """All at once. A file asyncpg would read in a thread, and leave in a cycle with its rows, which
    collecting garbage seldom would pile up.
    """
    yield source


async def _write_dead_letters(
    connection: Connection, run: PageRun, letters: Sequence[DeadLetter], page_number: int
) -> None:
    await connection.executemany(
        _STORE_DEAD_LETTER, [_dead_letter_row(run, letter, page_number) for letter in letters]
    )


def _dead_letter_row(run: PageRun, letter: DeadLetter, page_number: int) -> tuple[object, ...]:
    record = letter.record
    return (
        run.partition,
        page_number,
        record.position.offset,
        letter.transaction_id,
        letter.reason,
        _storable(letter.detail),
        record.recorded_at,
        record.key,
        record.value,
        [name.encode(errors="surrogatepass") for name, _ in record.headers],
        [value for _, value in record.headers],
        shard_of_id(letter.transaction_id),
    )


def _storable(text: str) -> str:
    """Text that quotes a broken record, without what PostgreSQL's text cannot hold."""
    return text.encode(errors="backslashreplace").decode().replace("\0", r"\x00")
