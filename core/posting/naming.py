"""What commands name: the holds, the earlier transactions and the accounts that deciding them
reads. Whoever keeps the books loads and locks these, and nothing else.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, assert_never
from uuid import UUID

from core.entities.account import AccountKey, settlement_account, user_account
from core.entities.command import MAX_TRANSFER_LEGS, LoggedCommand
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Discard,
    ExpireHold,
    Order,
    PlaceHold,
    Reverse,
    Transfer,
    VoidHold,
    Withdrawal,
)
from core.entities.page import NOTHING_NAMED, Named

_ENTRIES_PER_LEG: Final = 2

Accounts = tuple[AccountKey, ...]


_MAY_CROSS: Final = frozenset({Transfer, CaptureHold, Reverse})
"""Orders that may be about accounts of other partitions than that of their record."""
_BY_ID: Final = frozenset({CaptureHold, VoidHold, ExpireHold, Reverse, Discard})
"""Orders that are about something that was there before. They are few."""


class NamedIds(NamedTuple):
    """Ids that commands name, each once, in order."""

    holds: Sequence[UUID]
    transactions: Sequence[UUID]
    dead_letters: Sequence[UUID]


def ids_named(commands: Sequence[LoggedCommand]) -> NamedIds:
    """The ids of holds, transactions and dead letters that the commands are about."""
    holds: dict[UUID, None] = {}
    transactions: dict[UUID, None] = {}
    dead_letters: dict[UUID, None] = {}
    about = [order for _, _, command in commands if type(order := command.order) in _BY_ID]
    for order in about:
        match order:
            case CaptureHold(hold_id=hold_id) | VoidHold(hold_id) | ExpireHold(hold_id):
                holds[hold_id] = None
            case Reverse(reversed_id=reversed_id):
                transactions[reversed_id] = None
            case Discard(dead_letter_id=dead_letter_id):
                dead_letters[dead_letter_id] = None
    return NamedIds(list(holds), list(transactions), list(dead_letters))


def transaction_ids(commands: Sequence[LoggedCommand]) -> list[UUID]:
    """The ids that the commands bear, each once, in order."""
    ids = [logged.command.transaction_id for logged in commands]
    # By their integers: an id's own hash is made in Python.
    return list({one.int: one for one in ids}.values())


def accounts_named(
    commands: Sequence[LoggedCommand], named: Named = NOTHING_NAMED
) -> set[AccountKey]:
    """Every account that posting the commands may read or change, and perhaps a few more."""
    about = ids_named(commands)
    naming = _Naming(named, remembers=bool(about.transactions))
    accounts: set[AccountKey] = set()
    for logged in commands:
        accounts.update(naming.accounts(logged))
    return accounts


def may_cross(commands: Sequence[LoggedCommand]) -> bool:
    """Whether the commands may read or change accounts of other partitions than their own."""
    return any(type(logged.command.order) in _MAY_CROSS for logged in commands)


def most_entries(order: Order) -> int:
    """How many entries the order can bring, at the most."""
    match order:
        case Transfer():
            return _ENTRIES_PER_LEG * len(order.legs)
        case Reverse():
            return _ENTRIES_PER_LEG * MAX_TRANSFER_LEGS
    return _ENTRIES_PER_LEG


class _Naming:
    """Remembers what the page's own commands will have placed, and, if it is told to, moved."""

    def __init__(self, named: Named, *, remembers: bool) -> None:
        self._remembers = remembers
        self._holds: dict[UUID, tuple[AccountKey, str | None]] = {
            one.hold_id: (one.account, one.to_user_id) for one in named.holds.values()
        }
        self._moved: dict[UUID, Accounts] = {
            transaction_id: tuple(entry.account for entry in one.entries)
            for transaction_id, one in named.transactions.items()
        }

    def accounts(self, logged: LoggedCommand) -> Accounts:
        accounts = self._of_order(logged.command.order, logged)
        if self._remembers:
            self._moved.setdefault(logged.command.transaction_id, accounts)
        return accounts

    def _of_order(self, order: Order, logged: LoggedCommand) -> Accounts:
        partition = logged.position.partition
        match order:
            case Deposit() | Withdrawal():
                currency = order.money.currency
                return (
                    user_account(order.user_id, currency),
                    settlement_account(partition, currency),
                )
            case Transfer():
                return _of_legs(order)
            case PlaceHold():
                account = user_account(order.user_id, order.money.currency)
                placed = (account, order.to_user_id)
                self._holds.setdefault(logged.command.transaction_id, placed)
                return (account,)
            case CaptureHold():
                return self._of_capture(order, partition)
            case VoidHold() | ExpireHold():
                return tuple(account for account, _ in self._hold(order.hold_id))
            case Reverse():
                return self._moved.get(order.reversed_id, ())
            case ChangeAccount():
                return (user_account(order.user_id, order.currency),)
            case Discard():
                return ()
            case _:
                assert_never(order)

    def _of_capture(self, order: CaptureHold, partition: int) -> Accounts:
        for account, to_user_id in self._hold(order.hold_id):
            receiver = receiver_of(account, order.to_user_id or to_user_id, partition)
            return (account, receiver)
        return ()

    def _hold(self, hold_id: UUID) -> Sequence[tuple[AccountKey, str | None]]:
        return [self._holds[hold_id]] if hold_id in self._holds else []


def receiver_of(payer: AccountKey, to_user_id: str | None, partition: int) -> AccountKey:
    """The account that money from `payer` goes to: a user's, or else the house's."""
    if to_user_id is None:
        return settlement_account(partition, payer.currency)
    return user_account(to_user_id, payer.currency)


def _of_legs(order: Transfer) -> Accounts:
    return tuple(
        user_account(user_id, leg.money.currency)
        for leg in order.legs
        for user_id in (leg.from_user_id, leg.to_user_id)
    )
