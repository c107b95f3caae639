"""A page's rows: as JSON for one statement that stores all of them, and as text for COPY."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from core.entities.account import Account
from core.entities.page import Page
from core.entities.transaction import Entry, Transaction
from core.entities.transaction_id import shard_of_id


class TransactionRow(msgspec.Struct, frozen=True):
    """A row of `ledger_transaction`, but for its page's number. Bytes are in hexadecimal."""

    shard: int
    transaction_id: UUID
    type: str
    status: str
    user_id: str
    amount: int
    currency: str
    reference: str | None
    client: str
    idempotency_key: str | None
    fingerprint: str
    request_id: str
    log_partition: int
    log_offset: int
    accepted_at: datetime
    posted_at: datetime
    rejection_code: str | None
    rejection_figures: Mapping[str, int] | None


class EntryRow(msgspec.Struct, frozen=True):
    """A row of `entry`. JSON's integers, as they are written here, end before a balance does."""

    shard: int
    user_id: str
    currency: str
    sequence: int
    transaction_id: UUID
    leg: int
    log_partition: int
    log_offset: int
    amount: int
    balance_after: str
    posted_at: datetime


class AccountRow(msgspec.Struct, frozen=True):
    """The new state of a row of `account`."""

    shard: int
    user_id: str
    currency: str
    balance: str
    held: int
    overdraft_limit: int
    status: str
    sequence: int
    opened_at: datetime | None
    last_entry_at: datetime | None


Rows = Sequence[TransactionRow] | Sequence[EntryRow] | Sequence[AccountRow]

TRANSACTION_COLUMNS: Final = TransactionRow.__struct_fields__
ENTRY_COLUMNS: Final = EntryRow.__struct_fields__

_encoder: Final = msgspec.json.Encoder()
_COPY_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_COPY_NULL: Final = r"\N"


def transaction_rows(page: Page) -> list[TransactionRow]:
    """The rows of the page's transactions, in order."""
    return [_transaction_row(transaction) for transaction in page.transactions]


def entry_rows(page: Page) -> list[EntryRow]:
    """The rows of the page's entries, in order."""
    return [
        _entry_row(transaction, leg, entry)
        for transaction in page.transactions
        for leg, entry in enumerate(transaction.entries)
    ]


def account_rows(accounts: Iterable[Account]) -> list[AccountRow]:
    """The rows of the accounts."""
    return [
        AccountRow(
            *account.key,
            balance=str(account.balance),
            held=account.held,
            overdraft_limit=account.overdraft_limit,
            status=account.status,
            sequence=account.sequence,
            opened_at=account.opened_at,
            last_entry_at=account.last_entry_at,
        )
        for account in accounts
    ]


def as_json(rows: Rows) -> str:
    """An array of objects, for `json_populate_recordset`."""
    return _encoder.encode(rows).decode()


def transactions_for_copy(rows: Iterable[TransactionRow], page_number: int) -> bytes:
    """Lines of `TRANSACTION_COLUMNS` and the page's number."""
    return "".join([_transaction_line(row, page_number) for row in rows]).encode()


def entries_for_copy(rows: Iterable[EntryRow]) -> bytes:
    """Lines of `ENTRY_COLUMNS`."""
    return "".join([_entry_line(row) for row in rows]).encode()


def _transaction_row(transaction: Transaction) -> TransactionRow:
    command = transaction.command
    rejection = transaction.rejection
    return TransactionRow(
        shard=shard_of_id(command.transaction_id),
        transaction_id=command.transaction_id,
        type=command.type,
        status=transaction.status,
        user_id=command.user_id,
        amount=command.amount,
        currency=command.currency,
        reference=command.reference,
        client=command.client,
        idempotency_key=command.idempotency_key,
        fingerprint=rf"\x{command.fingerprint.hex()}",
        request_id=command.request_id,
        log_partition=transaction.position.partition,
        log_offset=transaction.position.offset,
        accepted_at=transaction.accepted_at,
        posted_at=transaction.posted_at,
        rejection_code=rejection.code if rejection else None,
        rejection_figures=rejection.figures if rejection else None,
    )


def _entry_row(transaction: Transaction, leg: int, entry: Entry) -> EntryRow:
    return EntryRow(
        *entry.account,
        sequence=entry.sequence,
        transaction_id=transaction.command.transaction_id,
        leg=leg,
        log_partition=transaction.position.partition,
        log_offset=transaction.position.offset,
        amount=entry.amount,
        balance_after=str(entry.balance_after),
        posted_at=entry.posted_at,
    )


# One expression a line, and not a loop over columns: half of a large page's time is spent here.
def _transaction_line(row: TransactionRow, page_number: int) -> str:
    figures = row.rejection_figures
    return (
        f"{row.shard}\t{row.transaction_id}\t{row.type}\t{row.status}\t{row.user_id}\t"
        f"{row.amount}\t{row.currency}\t{_copied(row.reference)}\t{_copied(row.client)}\t"
        f"{_copied(row.idempotency_key)}\t\\{row.fingerprint}\t{_copied(row.request_id)}\t"
        f"{row.log_partition}\t{row.log_offset}\t{row.accepted_at}\t{row.posted_at}\t"
        f"{row.rejection_code or _COPY_NULL}\t"
        f"{_COPY_NULL if figures is None else _copied(_encoder.encode(figures).decode())}\t"
        f"{page_number}\n"
    )


def _entry_line(row: EntryRow) -> str:
    return (
        f"{row.shard}\t{row.user_id}\t{row.currency}\t{row.sequence}\t{row.transaction_id}\t"
        f"{row.leg}\t{row.log_partition}\t{row.log_offset}\t{row.amount}\t{row.balance_after}\t"
        f"{row.posted_at}\n"
    )


def _copied(text: str | None) -> str:
    """Text that a client wrote, as COPY reads it back."""
    return _COPY_NULL if text is None else text.translate(_COPY_ESCAPES)
