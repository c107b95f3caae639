"""From rows to the core's values."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from adapters.order_records import OrderRecord, order_of
from adapters.records import decode
from core.entities.account import Account, AccountKey, AccountStatus
from core.entities.command import Command
from core.entities.dead_letter import DeadLetter, DeadLetterReason, FiledLetter
from core.entities.hold import Hold, HoldStatus
from core.entities.log_position import LogPosition
from core.entities.money import Money
from core.entities.orders import CommandType, Deposit, Order, Withdrawal
from core.entities.position import Position
from core.entities.posted_page import PostedPage
from core.entities.record import Record, Undecodable
from core.entities.statement import BalanceAt, StatementEntry
from core.entities.transaction import Entry, Rejection, RejectionCode, Transaction

_ABOUT_A_HOLD: Final = frozenset(
    {CommandType.CAPTURE.value, CommandType.VOID.value, CommandType.EXPIRE.value}
)


class _Details(msgspec.Struct, frozen=True):
    # msgspec learns a class once, and a union at every call, which takes ten times as long.
    order: OrderRecord


def log_position_of(row: asyncpg.Record) -> LogPosition:
    """A row of `log_position`."""
    return LogPosition(
        partition=row["partition"],
        epoch=row["epoch"],
        next_offset=row["next_offset"],
        published_offset=row["published_offset"],
        told_page=row["told_page"],
        topic_id=row["topic_id"],
        last_record_hash=row["last_record_hash"],
        condemned_in_a_row=row["condemned_in_a_row"],
        halted=row["halted"],
        updated_at=row["updated_at"],
    )


def posted_page_of(row: asyncpg.Record) -> PostedPage:
    """A row of `page`."""
    return PostedPage(*(row[name] for name in PostedPage._fields))


def account_of(row: asyncpg.Record) -> Account:
    """A row that begins with the columns of `account`, its balance in any form that is whole.

    By place, not by name: a page reads as many of these as it names accounts.
    """
    shard, user_id, currency, balance, held, overdraft_limit, status, sequence, *others = row
    opened_at, last_entry_at, metadata = others[:3]
    return Account(
        AccountKey(shard, user_id, currency),
        int(balance),
        held,
        overdraft_limit,
        AccountStatus(status),
        sequence,
        opened_at,
        last_entry_at,
        metadata,
    )


def hold_of(row: asyncpg.Record) -> Hold:
    """A row of `hold`."""
    return Hold(
        hold_id=plain_id(row["hold_id"]),
        account=AccountKey(row["shard"], row["user_id"], row["currency"]),
        amount=row["amount"],
        exponent=row["exponent"],
        to_user_id=row["to_user_id"],
        expires_at=row["expires_at"],
        placed_at=row["placed_at"],
        captured=row["captured"],
        status=HoldStatus(row["status"]),
    )


def transactions_of(rows: Iterable[asyncpg.Record]) -> list[Transaction]:
    """Rows of `ledger_transaction`, each with a list for each column of its entries after it; null
    where there are none.
    """
    return [_transaction_of(row, _entries_of(row)) for row in rows]


def dead_letter_of(row: asyncpg.Record) -> DeadLetter:
    """A row of `dead_letter`, as it was condemned: whatever this version reads in it."""
    letter = _letter_as_read(row)
    if letter.reason is not DeadLetterReason.UNDECODABLE:
        return letter
    record = letter.record
    condemned = Undecodable(letter.detail, record.content.transaction_id)
    return letter._replace(record=record._replace(content=condemned))


def filed_letters_of(
    rows: Iterable[asyncpg.Record], decisions: Iterable[Transaction]
) -> list[FiledLetter]:
    """Rows of `dead_letter` with `has_newer`, each with the decision of its id, if there is one;
    their content is what this version reads.
    """
    by_id = {one.command.transaction_id: one for one in decisions}
    return [
        FiledLetter(
            row["page_number"],
            _letter_as_read(row),
            row["has_newer"],
            by_id.get(plain_id(row["transaction_id"])),
        )
        for row in rows
    ]


def _letter_as_read(row: asyncpg.Record) -> DeadLetter:
    headers = tuple(
        (name.decode(errors="surrogatepass"), value)
        for name, value in zip(row["header_names"], row["header_values"], strict=True)
    )
    record = Record(
        position=Position(row["partition"], row["log_offset"]),
        recorded_at=row["recorded_at"],
        key=row["key"],
        value=row["value"],
        headers=headers,
        content=decode(row["value"], headers),
    )
    return DeadLetter(
        record, DeadLetterReason(row["reason"]), row["detail"], plain_id(row["transaction_id"])
    )


def statement_entry_of(row: asyncpg.Record) -> StatementEntry:
    """A row of `entry` with what its transaction was, and with its other side."""
    return StatementEntry(
        sequence=row["sequence"],
        transaction_id=plain_id(row["transaction_id"]),
        type=CommandType(row["type"]),
        amount=row["amount"],
        balance_after=int(row["balance_after"]),
        posted_at=row["posted_at"],
        reference=row["reference"],
        other_user_id=row["other_user_id"],
        reverses=_optional_id(row["reversed_id"]),
        hold_id=_optional_id(row["hold_id"]),
    )


def balance_at_of(row: asyncpg.Record) -> BalanceAt:
    """A row of `BALANCES_AT`."""
    return BalanceAt(
        account=AccountKey(row["shard"], row["user_id"], row["currency"]),
        balance=int(row["balance"]),
        sequence=row["sequence"],
        last_entry_at=row["posted_at"],
    )


def _transaction_of(row: asyncpg.Record, entries: tuple[Entry, ...]) -> Transaction:
    return Transaction(
        command=_command_of(row),
        position=Position(row["log_partition"], row["log_offset"]),
        accepted_at=row["accepted_at"],
        posted_at=row["posted_at"],
        money=_money_of(row),
        entries=entries,
        rejection=rejection_of(row),
        hold_user_id=hold_user_of(row),
    )


def hold_user_of(row: asyncpg.Record) -> str | None:
    """Whose hold a row of `ledger_transaction` is about, if it is about one."""
    return row["user_id"] if row["type"] in _ABOUT_A_HOLD else None


def _money_of(row: asyncpg.Record) -> Money | None:
    if row["amount"] is None:
        return None
    return Money(row["amount"], row["currency"], row["exponent"])


def order_of_row(row: asyncpg.Record) -> Order:
    """What a row of `ledger_transaction` was asked for."""
    money = _money_of(row)
    if row["details"] is None and money is not None:
        kind = Deposit if row["type"] == CommandType.DEPOSIT else Withdrawal
        return kind(row["user_id"], money)
    return order_of(msgspec.convert({"order": row["details"]}, _Details).order)


def _command_of(row: asyncpg.Record) -> Command:
    return Command(
        transaction_id=plain_id(row["transaction_id"]),
        type=CommandType(row["type"]),
        order=order_of_row(row),
        reference=row["reference"],
        metadata=row["metadata"],
        client=row["client"],
        idempotency_key=row["idempotency_key"],
        fingerprint=row["fingerprint"],
        request_id=row["request_id"],
    )


def rejection_of(row: asyncpg.Record) -> Rejection | None:
    """Why what a row of `ledger_transaction` asked for was refused, if it was."""
    if row["rejection_code"] is None:
        return None
    return Rejection(
        RejectionCode(row["rejection_code"]),
        row["rejection_figures"],
        row["rejection_currency"],
        row["rejection_facts"] or {},
    )


def _entries_of(row: asyncpg.Record) -> tuple[Entry, ...]:
    if row["entry_0"] is None:
        return ()
    columns = (row[f"entry_{number}"] for number in range(7))
    return tuple(
        Entry(AccountKey(shard, user_id, currency), sequence, amount, int(balance_after), posted_at)
        for shard, user_id, currency, sequence, amount, balance_after, posted_at in zip(
            *columns, strict=True
        )
    )


def _optional_id(transaction_id: UUID | None) -> UUID | None:
    return None if transaction_id is None else plain_id(transaction_id)


def plain_id(transaction_id: UUID) -> UUID:
    """The id as the standard library's own class: the driver's is another, though equal."""
    return UUID(int=transaction_id.int)
