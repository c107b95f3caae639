"""The books while a page is being decided, and drafts: changes that are made together or not."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.command import LoggedCommand
from core.entities.hold import Hold
from core.entities.money import Money
from core.entities.page import LedgerState, Reversible
from core.entities.transaction import Entry, Rejection, RejectionCode, Transaction
from core.posting.rules import may_pay, may_receive


class Leg(NamedTuple):
    """So many minor units go from one account to another one of the same currency."""

    payer: AccountKey
    receiver: AccountKey
    amount: int


class Books:
    """State of what a page's commands name, as the commands before left it."""

    def __init__(self, state: LedgerState) -> None:
        self._accounts = state.accounts
        self._holds = state.named.holds
        self._reversible = dict(state.named.transactions)
        self._dead_letters = state.named.dead_letters
        self._changed_accounts: dict[AccountKey, Account] = {}
        self._changed_holds: dict[UUID, Hold] = {}

    def account(self, key: AccountKey) -> Account:
        """The account; one that was never opened, if it does not exist."""
        return self._changed_accounts.get(key) or self._accounts.get(key) or Account(key)

    def hold(self, hold_id: UUID) -> Hold | None:
        """The hold, if there is one."""
        return self._changed_holds.get(hold_id) or self._holds.get(hold_id)

    def reversible(self, transaction_id: UUID) -> Reversible | None:
        """The earlier transaction, if there is one."""
        return self._reversible.get(transaction_id)

    def is_dead_letter(self, transaction_id: UUID) -> bool:
        """Whether a record of this id was condemned in an earlier page."""
        return transaction_id in self._dead_letters

    def draft(self, recorded_at: datetime, keys: Iterable[AccountKey]) -> "Draft":
        """Changes of these accounts by a record of this time."""
        return Draft(self, recorded_at, keys)

    def move(
        self, logged: LoggedCommand, money: Money, payer: AccountKey, receiver: AccountKey
    ) -> Transaction:
        """Move money between two accounts that are not the same, if both sides may.

        Needs no draft: it is refused before anything has changed. Most commands are of this kind.
        """
        position, recorded_at, command = logged
        amount = money.amount
        paying, receiving = self.account(payer), self.account(receiver)
        rejection = refusal(paying, receiving, amount)
        if rejection is not None:
            return rejected(logged, money, rejection)
        posted_at = _later(_later(recorded_at, paying), receiving)
        changed = self._changed_accounts
        changed[payer], paid = _entered(paying, -amount, posted_at)
        changed[receiver], received = _entered(receiving, amount, posted_at)
        entries = (paid, received)
        return Transaction(command, position, recorded_at, posted_at, money, entries, None)

    def keep(self, draft: "Draft") -> None:
        """Make a draft's changes."""
        self._changed_accounts.update(draft.accounts)
        if draft.hold is not None:
            self._changed_holds[draft.hold.hold_id] = draft.hold

    def remember(self, transaction: Transaction) -> None:
        """Let later commands of the page reverse it."""
        self._reversible[transaction.command.transaction_id] = Reversible(
            transaction.command.type, transaction.money, transaction.entries
        )

    def take_back(self, transaction_id: UUID, amount: int) -> None:
        """So much more of an earlier transaction is reversed."""
        earlier = self._reversible[transaction_id]
        self._reversible[transaction_id] = earlier._replace(
            reversed_amount=earlier.reversed_amount + amount
        )

    @property
    def changed_accounts(self) -> tuple[Account, ...]:
        """New states, in the order in which they changed first."""
        return tuple(self._changed_accounts.values())

    @property
    def changed_holds(self) -> tuple[Hold, ...]:
        """New states, in the order in which they changed first."""
        return tuple(self._changed_holds.values())


class Draft:
    """What one command changes. Nobody sees it before the books keep it.

    `posted_at` is the record's time, or its accounts' last entry's where that is later: the log's
    clock may step back, an account's entries may not.
    """

    __slots__ = ("_books", "accounts", "entries", "hold", "posted_at")

    def __init__(self, books: Books, recorded_at: datetime, keys: Iterable[AccountKey]) -> None:
        self._books = books
        self.accounts: dict[AccountKey, Account] = {}
        self.hold: Hold | None = None
        self.entries: list[Entry] = []
        self.posted_at = recorded_at
        for key in keys:
            self.posted_at = _later(self.posted_at, books.account(key))

    def account(self, key: AccountKey) -> Account:
        """The account as this draft leaves it."""
        return self.accounts.get(key) or self._books.account(key)

    def put(self, account: Account) -> None:
        """Give the account this state."""
        self.accounts[account.key] = account

    def move(self, leg: Leg) -> Rejection | None:
        """Move money, if both sides may; the draft is worthless after a rejection."""
        payer, receiver, amount = leg
        if payer == receiver:
            return Rejection(RejectionCode.SAME_ACCOUNT, facts={"user_id": payer.user_id})
        paying, receiving = self.account(payer), self.account(receiver)
        rejection = refusal(paying, receiving, amount)
        if rejection is None:
            self.accounts[payer], paid = _entered(paying, -amount, self.posted_at)
            self.accounts[receiver], received = _entered(receiving, amount, self.posted_at)
            self.entries += (paid, received)
        return rejection

    def move_all(self, legs: Sequence[Leg]) -> Rejection | None:
        """Move money leg after leg; a rejection says which of several it was."""
        for number, leg in enumerate(legs, start=1):
            rejection = self.move(leg)
            if rejection is not None:
                return with_facts(rejection, leg=str(number)) if len(legs) > 1 else rejection
        return None

    def posted(self, logged: LoggedCommand, money: Money | None) -> Transaction:
        """The command's transaction, after the books have kept the draft."""
        self._books.keep(self)
        position, recorded_at, command = logged
        entries = tuple(self.entries)
        return Transaction(command, position, recorded_at, self.posted_at, money, entries, None)


def rejected(logged: LoggedCommand, money: Money | None, rejection: Rejection) -> Transaction:
    """The transaction of a command that changes nothing. `money` is what it named."""
    position, recorded_at, command = logged
    return Transaction(command, position, recorded_at, recorded_at, money, (), rejection)


def refusal(payer: Account, receiver: Account, amount: int) -> Rejection | None:
    """Why money may not go from one account to the other one; the house may do anything."""
    if not payer.key.is_settlement:
        rejection = may_pay(payer, amount)
        if rejection is not None:
            return with_facts(rejection, user_id=payer.key.user_id)
    if not receiver.key.is_settlement:
        rejection = may_receive(receiver, amount)
        if rejection is not None:
            return with_facts(rejection, user_id=receiver.key.user_id)
    return None


def sides(legs: Iterable[Leg]) -> Sequence[AccountKey]:
    """Who pays and who receives, leg after leg."""
    return [key for payer, receiver, _ in legs for key in (payer, receiver)]


def with_facts(rejection: Rejection, **facts: str) -> Rejection:
    """The rejection, with more to explain it."""
    return rejection._replace(facts={**rejection.facts, **facts})


def _later(time: datetime, account: Account) -> datetime:
    last_entry_at = account.last_entry_at
    return time if last_entry_at is None or last_entry_at <= time else last_entry_at


def _entered(account: Account, amount: int, posted_at: datetime) -> tuple[Account, Entry]:
    key, balance, held, overdraft_limit, status, sequence, opened_at, _, metadata = account
    balance += amount
    sequence += 1
    # By position: naming the fields would double the time that this takes.
    after = Account(
        key,
        balance,
        held,
        overdraft_limit,
        status,
        sequence,
        opened_at or posted_at,
        posted_at,
        metadata,
    )
    return after, Entry(key, sequence, amount, balance, posted_at)
