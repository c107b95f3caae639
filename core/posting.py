"""The heart: commands in, decisions out. Pure; no setting, no clock, no I/O.

The same commands on the same state give the same page, for ever: a change of these rules is a new
`RULES_VERSION`, and the old code stays, since it is an input of every replay.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

from core.entities.account import Account, AccountKey, settlement_account, user_account
from core.entities.command import Command, CommandType, LoggedCommand
from core.entities.money import MAX_BALANCE_MINOR_UNITS
from core.entities.page import LedgerState, Page
from core.entities.transaction import Entry, Rejection, RejectionCode, Transaction

RULES_VERSION: Final = 1
ENTRIES_PER_COMMAND: Final = 2
"""The most entries that one command can bring."""


def accounts_named(command: LoggedCommand) -> tuple[AccountKey, AccountKey]:
    """Every account that posting the command may read or change."""
    order = command.command
    return (
        user_account(order.user_id, order.currency),
        settlement_account(command.position.partition, order.currency),
    )


def post(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
    """Decide `commands` in their order, each on what the ones before it left behind."""
    books = _Books(state)
    for command in commands:
        books.decide(command)
    return books.page()


class _Books:
    """The books while a page is being decided."""

    def __init__(self, state: LedgerState) -> None:
        self._accounts = dict(state.accounts)
        self._fingerprints = dict(state.fingerprints)
        self._changed: dict[AccountKey, None] = {}
        self._transactions: list[Transaction] = []
        self._repeats = 0
        self._conflicts = 0

    def decide(self, logged: LoggedCommand) -> None:
        command = logged.command
        known = self._fingerprints.get(command.transaction_id)
        if known is None:
            self._fingerprints[command.transaction_id] = command.fingerprint
            self._transactions.append(self._transaction(logged))
        elif known == command.fingerprint:
            self._repeats += 1
        else:
            self._conflicts += 1

    def page(self) -> Page:
        return Page(
            rules_version=RULES_VERSION,
            transactions=tuple(self._transactions),
            accounts=tuple(self._accounts[key] for key in self._changed),
            repeats=self._repeats,
            conflicts=self._conflicts,
        )

    def _transaction(self, logged: LoggedCommand) -> Transaction:
        user_key, settlement_key = accounts_named(logged)
        user = self._accounts.get(user_key) or Account(user_key)
        change, rejection = _change(logged.command, user)
        if rejection is not None:
            recorded_at = logged.recorded_at
            return _decided(logged, recorded_at, (), rejection)
        settlement = self._accounts.get(settlement_key) or Account(settlement_key)
        posted_at = _posted_at(logged.recorded_at, user, settlement)
        entries = (
            self._enter(user, change, posted_at),
            self._enter(settlement, -change, posted_at),
        )
        return _decided(logged, posted_at, entries, None)

    def _enter(self, account: Account, amount: int, posted_at: datetime) -> Entry:
        balance = account.balance + amount
        sequence = account.sequence + 1
        # By position: naming the fields would double the time that this takes.
        self._accounts[account.key] = Account(
            account.key,
            balance,
            account.held,
            account.overdraft_limit,
            account.status,
            sequence,
            account.opened_at or posted_at,
            posted_at,
        )
        self._changed[account.key] = None
        return Entry(account.key, sequence, amount, balance, posted_at)


def _change(command: Command, user: Account) -> tuple[int, Rejection | None]:
    """What the command adds to its user's balance, and why it may not."""
    match command.type:
        case CommandType.DEPOSIT:
            return command.amount, _deposit_refusal(command, user)
        case CommandType.WITHDRAW:
            return -command.amount, _withdrawal_refusal(command, user)
        case _:
            assert_never(command.type)


def _deposit_refusal(command: Command, user: Account) -> Rejection | None:
    if user.balance + command.amount <= MAX_BALANCE_MINOR_UNITS:
        return None
    figures = {
        "amount": command.amount,
        "balance": user.balance,
        "balance_limit": MAX_BALANCE_MINOR_UNITS,
    }
    return Rejection(RejectionCode.BALANCE_LIMIT_EXCEEDED, figures)


def _withdrawal_refusal(command: Command, user: Account) -> Rejection | None:
    if user.opened_at is None:
        return Rejection(RejectionCode.ACCOUNT_NOT_FOUND, {})
    if command.amount <= user.available:
        return None
    figures = {"needed": command.amount, "available": user.available}
    return Rejection(RejectionCode.INSUFFICIENT_FUNDS, figures)


def _posted_at(recorded_at: datetime, *accounts: Account) -> datetime:
    """The record's time, or its accounts' last entry's where that is later: the log's clock may
    step back, an account's entries may not.
    """
    latest = recorded_at
    for account in accounts:
        if account.last_entry_at is not None and account.last_entry_at > latest:
            latest = account.last_entry_at
    return latest


def _decided(
    logged: LoggedCommand,
    posted_at: datetime,
    entries: tuple[Entry, ...],
    rejection: Rejection | None,
) -> Transaction:
    return Transaction(
        logged.command, logged.position, logged.recorded_at, posted_at, entries, rejection
    )


def transaction_ids(commands: Sequence[LoggedCommand]) -> list[UUID]:
    """The ids that the commands bear, each once, in order."""
    return list(dict.fromkeys(command.command.transaction_id for command in commands))
