"""A page's rows as JSON, for one statement that stores all of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from adapters.order_records import OrderRecord, record_of
from core.entities.account import Account
from core.entities.hold import Hold
from core.entities.orders import Deposit, Order, Reverse, Withdrawal
from core.entities.page import Page
from core.entities.transaction import Entry, Transaction
from core.entities.transaction_id import shard_of_id


class TransactionRow(msgspec.Struct, frozen=True):
    """A row of `ledger_transaction`, but for its page's number. Bytes are in hexadecimal."""

    transaction_id: UUID
    log_partition: int
    log_offset: int
    posted_at: datetime
    accepted_at: datetime
    shard: int
    type: str
    status: str
    user_id: str | None
    details: OrderRecord | None
    reversed_id: UUID | None
    amount: int | None
    currency: str | None
    exponent: int | None
    reference: str | None
    metadata: Mapping[str, str] | None
    client: str
    idempotency_key: str | None
    fingerprint: str
    request_id: str
    rejection_code: str | None
    rejection_figures: Mapping[str, int] | None
    rejection_currency: str | None
    rejection_facts: Mapping[str, str] | None


class EntryRow(msgspec.Struct, frozen=True):
    """A row of `entry`. JSON's integers, as they are written here, end before a balance does."""

    transaction_id: UUID
    log_partition: int
    log_offset: int
    posted_at: datetime
    shard: int
    user_id: str
    currency: str
    sequence: int
    leg: int
    amount: int
    balance_after: str


class PartyRow(msgspec.Struct, frozen=True):
    """A row of `party`, but for its page's number."""

    user_id: str
    log_partition: int
    log_offset: int


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
    metadata: Mapping[str, str] | None


class HoldRow(msgspec.Struct, frozen=True):
    """The new state of a row of `hold`."""

    shard: int
    hold_id: UUID
    user_id: str
    currency: str
    amount: int
    exponent: int
    captured: int
    status: str
    to_user_id: str | None
    expires_at: datetime | None
    placed_at: datetime
    log_partition: int


Rows = (
    Sequence[TransactionRow]
    | Sequence[EntryRow]
    | Sequence[PartyRow]
    | Sequence[AccountRow]
    | Sequence[HoldRow]
)

_encoder: Final = msgspec.json.Encoder()
_WITHOUT_PARTIES: Final = frozenset({Deposit, Withdrawal})
"""Most commands: only the house is on their other side."""


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


def party_rows(page: Page) -> list[PartyRow]:
    """The parties of the page's transactions."""
    return [
        PartyRow(user_id, *transaction.position)
        for transaction in page.transactions
        if type(transaction.command.order) not in _WITHOUT_PARTIES
        for user_id in sorted(transaction.parties)
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
            metadata=account.metadata,
        )
        for account in accounts
    ]


def hold_rows(holds: Iterable[Hold], partition: int) -> list[HoldRow]:
    """The rows of the holds, of one partition of the log."""
    return [
        HoldRow(
            shard=shard_of_id(hold.hold_id),
            hold_id=hold.hold_id,
            user_id=hold.account.user_id,
            currency=hold.account.currency,
            amount=hold.amount,
            exponent=hold.exponent,
            captured=hold.captured,
            status=hold.status,
            to_user_id=hold.to_user_id,
            expires_at=hold.expires_at,
            placed_at=hold.placed_at,
            log_partition=partition,
        )
        for hold in holds
    ]


def details_of(order: Order) -> OrderRecord | None:
    """The order in full; None where user and amount say all of it."""
    return None if isinstance(order, Deposit | Withdrawal) else record_of(order)


def reversed_id_of(order: Order) -> UUID | None:
    """The transaction that the order takes back, if it does."""
    return order.reversed_id if isinstance(order, Reverse) else None


def as_json(rows: Rows) -> str:
    """An array of objects, for `json_populate_recordset`."""
    return _encoder.encode(rows).decode()


def _transaction_row(transaction: Transaction) -> TransactionRow:
    command = transaction.command
    rejection = transaction.rejection
    amount, currency, exponent = transaction.money or (None, None, None)
    return TransactionRow(
        transaction_id=command.transaction_id,
        log_partition=transaction.position.partition,
        log_offset=transaction.position.offset,
        posted_at=transaction.posted_at,
        accepted_at=transaction.accepted_at,
        shard=shard_of_id(command.transaction_id),
        type=command.type,
        status=transaction.status,
        user_id=transaction.user_id,
        details=details_of(command.order),
        reversed_id=reversed_id_of(command.order),
        amount=amount,
        currency=currency,
        exponent=exponent,
        reference=command.reference,
        metadata=command.metadata,
        client=command.client,
        idempotency_key=command.idempotency_key,
        fingerprint=rf"\x{command.fingerprint.hex()}",
        request_id=command.request_id,
        rejection_code=rejection.code if rejection else None,
        rejection_figures=dict(rejection.figures) if rejection else None,
        rejection_currency=rejection.currency if rejection else None,
        rejection_facts=dict(rejection.facts) if rejection else None,
    )


def _entry_row(transaction: Transaction, leg: int, entry: Entry) -> EntryRow:
    shard, user_id, currency = entry.account
    return EntryRow(
        transaction_id=transaction.command.transaction_id,
        log_partition=transaction.position.partition,
        log_offset=transaction.position.offset,
        posted_at=entry.posted_at,
        shard=shard,
        user_id=user_id,
        currency=currency,
        sequence=entry.sequence,
        leg=leg,
        amount=entry.amount,
        balance_after=str(entry.balance_after),
    )
