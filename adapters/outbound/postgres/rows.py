"""From rows to the core's values."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from adapters.records import decode
from core.entities.account import Account, AccountKey, AccountStatus
from core.entities.command import Command, CommandType
from core.entities.dead_letter import DeadLetter, DeadLetterReason
from core.entities.log_position import LogPosition
from core.entities.position import Position
from core.entities.record import Record, Undecodable
from core.entities.statement import StatementEntry
from core.entities.transaction import Entry, Rejection, RejectionCode, Transaction


def log_position_of(row: asyncpg.Record) -> LogPosition:
    """A row of `log_position`."""
    return LogPosition(
        partition=row["partition"],
        epoch=row["epoch"],
        next_offset=row["next_offset"],
        published_offset=row["published_offset"],
        topic_id=row["topic_id"],
        last_record_hash=row["last_record_hash"],
        condemned_in_a_row=row["condemned_in_a_row"],
        halted=row["halted"],
        updated_at=row["updated_at"],
    )


def account_of(row: asyncpg.Record) -> Account:
    """A row that begins with the columns of `account`, its balance in any form that is whole.

    By place, not by name: a page reads as many of these as it names accounts.
    """
    shard, user_id, currency, balance, held, overdraft_limit, status, sequence, *times = row
    return Account(
        AccountKey(shard, user_id, currency),
        int(balance),
        held,
        overdraft_limit,
        AccountStatus(status),
        sequence,
        times[0],
        times[1],
    )


def transactions_of(rows: Iterable[asyncpg.Record]) -> list[Transaction]:
    """Rows of `ledger_transaction`, each repeated for each of its entries, which are named
    `entry_...` (all null where there are none). Transactions come together, entries in order.
    """
    transactions: dict[UUID, tuple[asyncpg.Record, list[Entry]]] = {}
    for row in rows:
        _, entries = transactions.setdefault(row["transaction_id"], (row, []))
        if row["entry_sequence"] is not None:
            entries.append(_entry_of(row))
    return [_transaction_of(row, tuple(entries)) for row, entries in transactions.values()]


def dead_letter_of(row: asyncpg.Record) -> DeadLetter:
    """A row of `dead_letter`."""
    headers = tuple(
        (name.decode(errors="surrogatepass"), value)
        for name, value in zip(row["header_names"], row["header_values"], strict=True)
    )
    reason = DeadLetterReason(row["reason"])
    transaction_id = _plain(row["transaction_id"]) if row["transaction_id"] else None
    return DeadLetter(
        record=Record(
            position=Position(row["partition"], row["log_offset"]),
            recorded_at=row["recorded_at"],
            key=row["key"],
            value=row["value"],
            headers=headers,
            content=(
                Undecodable(row["detail"], transaction_id)
                if reason is DeadLetterReason.UNDECODABLE
                else decode(row["value"], headers)
            ),
        ),
        reason=reason,
        detail=row["detail"],
        transaction_id=transaction_id,
    )


def statement_entry_of(row: asyncpg.Record) -> StatementEntry:
    """A row of `entry` with its transaction's type and reference."""
    return StatementEntry(
        sequence=row["sequence"],
        transaction_id=_plain(row["transaction_id"]),
        type=CommandType(row["type"]),
        amount=row["amount"],
        balance_after=int(row["balance_after"]),
        posted_at=row["posted_at"],
        reference=row["reference"],
    )


def _transaction_of(row: asyncpg.Record, entries: tuple[Entry, ...]) -> Transaction:
    return Transaction(
        command=_command_of(row),
        position=Position(row["log_partition"], row["log_offset"]),
        accepted_at=row["accepted_at"],
        posted_at=row["posted_at"],
        entries=entries,
        rejection=_rejection_of(row),
    )


def _command_of(row: asyncpg.Record) -> Command:
    return Command(
        transaction_id=_plain(row["transaction_id"]),
        type=CommandType(row["type"]),
        user_id=row["user_id"],
        amount=row["amount"],
        currency=row["currency"],
        reference=row["reference"],
        client=row["client"],
        idempotency_key=row["idempotency_key"],
        fingerprint=row["fingerprint"],
        request_id=row["request_id"],
    )


def _rejection_of(row: asyncpg.Record) -> Rejection | None:
    if row["rejection_code"] is None:
        return None
    return Rejection(RejectionCode(row["rejection_code"]), row["rejection_figures"])


def _entry_of(row: asyncpg.Record) -> Entry:
    return Entry(
        account=AccountKey(row["entry_shard"], row["entry_user_id"], row["entry_currency"]),
        sequence=row["entry_sequence"],
        amount=row["entry_amount"],
        balance_after=int(row["entry_balance_after"]),
        posted_at=row["entry_posted_at"],
    )


def _plain(transaction_id: UUID) -> UUID:
    """The id as the standard library's own class: the driver's is another, though equal."""
    return UUID(int=transaction_id.int)
