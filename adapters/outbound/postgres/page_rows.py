"""A page's rows as JSON, for one statement that stores all of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from core.entities.account import Account
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

_encoder: Final = msgspec.json.Encoder()


def transaction_rows(transactions: Iterable[Transaction]) -> list[TransactionRow]:
    """The rows of the transactions, in order."""
    return [_transaction_row(transaction) for transaction in transactions]


def entry_rows(transactions: Iterable[Transaction]) -> list[EntryRow]:
    """The rows of the transactions' entries, in order."""
    return [
        _entry_row(transaction, leg, entry)
        for transaction in transactions
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
