"""The books while a page is being decided, and drafts: changes that are made together or not."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.account import Account, AccountKey
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


class Decided(NamedTuple):
    """How a command was decided. `money` as in a transaction; `draft` is None if rejected."""

    money: Money | None
    draft: "Draft | None" = None
    rejection: Rejection | None = None


class Books:
    """State of what a page's commands name, as the commands before left it."""

    def __init__(self, state: LedgerState) -> None:
        self._accounts = dict(state.accounts)
        self._holds = dict(state.named.holds)
        self._reversible = dict(state.named.transactions)
        self._changed_accounts: dict[AccountKey, None] = {}
        self._changed_holds: dict[UUID, None] = {}

    def account(self, key: AccountKey) -> Account:
        """The account; one that was never opened, if it does not exist."""
        return self._accounts.get(key) or Account(key)

    def hold(self, hold_id: UUID) -> Hold | None:
        """The hold, if there is one."""
        return self._holds.get(hold_id)

    def reversible(self, transaction_id: UUID) -> Reversible | None:
        """The earlier transaction, if there is one."""
        return self._reversible.get(transaction_id)

    def draft(self, recorded_at: datetime, keys: Iterable[AccountKey]) -> "Draft":
        """Changes of these accounts by a record of this time."""
        return Draft(self, recorded_at, keys)

    def keep(self, draft: "Draft") -> None:
        """Make a draft's changes."""
        for key, account in draft.accounts.items():
            self._accounts[key] = account
            self._changed_accounts[key] = None
        if draft.hold is not None:
            self._holds[draft.hold.hold_id] = draft.hold
            self._changed_holds[draft.hold.hold_id] = None

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
        return tuple([self._accounts[key] for key in self._changed_accounts])

    @property
    def changed_holds(self) -> tuple[Hold, ...]:
        """New states, in the order in which they changed first."""
        return tuple([self._holds[hold_id] for hold_id in self._changed_holds])


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
            last_entry_at = books.account(key).last_entry_at
            if last_entry_at is not None and last_entry_at > self.posted_at:
                self.posted_at = last_entry_at

    def account(self, key: AccountKey) -> Account:
        """The account as this draft leaves it."""
        return self.accounts.get(key) or self._books.account(key)

    def put(self, account: Account) -> None:
        """Give the account this state."""
        self.accounts[account.key] = account

    def move(self, leg: Leg) -> Rejection | None:
        """Move money, if both sides may; the draft is worthless after a rejection."""
        payer_key, receiver_key, amount = leg
        if payer_key == receiver_key:
            return Rejection(RejectionCode.SAME_ACCOUNT, facts={"user_id": payer_key.user_id})
        payer, receiver = self.account(payer_key), self.account(receiver_key)
        if not payer_key.is_settlement:
            refusal = may_pay(payer, amount)
            if refusal is not None:
                return with_facts(refusal, user_id=payer_key.user_id)
        if not receiver_key.is_settlement:
            refusal = may_receive(receiver, amount)
            if refusal is not None:
                return with_facts(refusal, user_id=receiver_key.user_id)
        self._enter(payer, -amount)
        self._enter(receiver, amount)
        return None

    def move_all(self, legs: Sequence[Leg]) -> Rejection | None:
        """Move money leg after leg; a rejection says which of several it was."""
        for number, leg in enumerate(legs, start=1):
            refusal = self.move(leg)
            if refusal is not None:
                return with_facts(refusal, leg=str(number)) if len(legs) > 1 else refusal
        return None

    def _enter(self, account: Account, amount: int) -> None:
        key, balance, held, overdraft_limit, status, sequence, opened_at, _, metadata = account
        balance += amount
        sequence += 1
        posted_at = self.posted_at
        # By position: naming the fields would double the time that this takes.
        self.accounts[key] = Account(
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
        self.entries.append(Entry(key, sequence, amount, balance, posted_at))


def sides(legs: Iterable[Leg]) -> Sequence[AccountKey]:
    """Who pays and who receives, leg after leg."""
    return [key for payer, receiver, _ in legs for key in (payer, receiver)]


def with_facts(rejection: Rejection, **facts: str) -> Rejection:
    """The rejection, with more to explain it."""
    return rejection._replace(facts={**rejection.facts, **facts})
