"""How the ledger's values look in JSON, for every adapter that shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, assert_never
from uuid import UUID

import msgspec

from core.entities.account import Account
from core.entities.finding import Finding
from core.entities.hold import Hold
from core.entities.integrity import Integrity, IntegrityCheck
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Discard,
    ExpireHold,
    PlaceHold,
    Reverse,
    Transfer,
    TransferLeg,
    VoidHold,
    Withdrawal,
)
from core.entities.transaction import Entry, Rejection, Transaction
from core.ports.currencies import Currencies

Json = dict[str, Any]

_MAX_REMEMBERED: Final = 4_096
"""Times: what was appended together has the same one."""
_encoder: Final = msgspec.json.Encoder()


def id_text(transaction_id: UUID) -> str:
    """The id as RFC 9562 writes it, in a third of the time that the standard library takes."""
    return _encoder.encode(transaction_id)[1:-1].decode()


@lru_cache(_MAX_REMEMBERED)
def time_text(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds: `2026-01-31T12:00:00.000000Z`."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def optional_time_text(time: datetime | None) -> str | None:
    """The same, or None."""
    return None if time is None else time_text(time)


@dataclass(frozen=True, slots=True)
class Representations:
    """Renders amounts with the decimals of their currency."""

    currencies: Currencies

    def integrity(self, integrity: Integrity) -> Json:
        """What is known of the books' integrity."""
        return {
            "status": integrity.status.value,
            "partitions": [self._check(one) for one in integrity.partitions],
        }

    def finding(self, one: Finding) -> Json:
        """A figure that is off; an amount with the decimals of its account's currency."""
        user_id, currency = (None, None) if one.account is None else one.account[1:]
        return {
            "figure": one.figure.value,
            "due": self._figure(one, one.due),
            "found": self._figure(one, one.found),
            "user_id": user_id,
            "currency": currency,
            "sequence": one.sequence,
            "transaction_id": None if one.transaction_id is None else id_text(one.transaction_id),
            "page_number": one.page_number,
        }

    def _check(self, check: IntegrityCheck) -> Json:
        return {
            "partition": check.partition,
            "begun_at": time_text(check.begun_at),
            "finished_at": optional_time_text(check.finished_at),
            "checked_at": time_text(check.checked_at),
            "accounts": check.counts.accounts,
            "entries": check.counts.entries,
            "holds": check.counts.holds,
            "findings": [self.finding(one) for one in check.findings],
        }

    def _figure(self, one: Finding, figure: str | None) -> str | None:
        if figure is None or one.account is None or not one.figure.is_money:
            return figure
        return self.amount(int(figure), one.account.currency)

    def amount(self, minor_units: int, currency: str) -> str:
        """The amount as a decimal string with all of its currency's decimals."""
        return self.amounts(currency)(minor_units)

    def amounts(self, currency: str) -> Callable[[int], str]:
        """What renders amounts of one currency."""
        known = self.currencies.find(currency)
        # A later edition of ISO 4217 may have dropped a code that the books still hold.
        return str if known is None else known.format

    def transaction(self, transaction: Transaction) -> Json:
        """A decided transaction as its client sees it: the house's entries are left out."""
        command, (partition, offset), accepted_at, posted_at, _, entries, rejection, _ = transaction
        body: Json = {
            "transaction_id": id_text(command.transaction_id),
            "status": transaction.status,
            "type": command.type,
        }
        self._add_order(body, transaction)
        body["reference"] = command.reference
        body["metadata"] = command.metadata
        body["position"] = f"{partition}:{offset}"
        body["accepted_at"] = time_text(accepted_at)
        body["posted_at"] = time_text(posted_at)
        if rejection is None:
            shown = [self.entry(entry) for entry in entries if not entry.account.is_settlement]
            body["entries"] = shown
            return body
        body["code"] = rejection.code.value
        body |= self.rejection(rejection)
        return body

    def rejection(self, rejection: Rejection) -> Json:
        """What explains a rejection: numbers beside their currency, and facts."""
        explained: Json = dict(rejection.facts)
        currency = rejection.currency
        if currency is not None:
            explained["currency"] = currency
            for name, minor_units in rejection.figures.items():
                explained[name] = self.amount(minor_units, currency)
        return explained

    def entry(self, entry: Entry) -> Json:
        """One leg of a transaction."""
        (_, user_id, currency), sequence, amount, balance_after, _ = entry
        shown = self.amounts(currency)
        return {
            "user_id": user_id,
            "currency": currency,
            "amount": shown(amount),
            "sequence": sequence,
            "balance_after": shown(balance_after),
        }

    def account(self, account: Account) -> Json:
        """An account as its owner sees it."""
        currency = account.key.currency
        return {
            "user_id": account.key.user_id,
            "currency": currency,
            "status": account.status.value,
            "balance": self.amount(account.balance, currency),
            "held": self.amount(account.held, currency),
            "overdraft_limit": self.amount(account.overdraft_limit, currency),
            "available": self.amount(account.available, currency),
            "sequence": account.sequence,
            "metadata": account.metadata,
            "opened_at": optional_time_text(account.opened_at),
            "last_entry_at": optional_time_text(account.last_entry_at),
        }

    def hold(self, hold: Hold) -> Json:
        """A hold as it stands."""
        currency = hold.account.currency
        return {
            "hold_id": str(hold.hold_id),
            "status": hold.status.value,
            "user_id": hold.account.user_id,
            "to_user_id": hold.to_user_id,
            "currency": currency,
            "amount": self.amount(hold.amount, currency),
            "captured": self.amount(hold.captured, currency),
            "remaining": self.amount(hold.remaining, currency),
            "placed_at": time_text(hold.placed_at),
            "expires_at": optional_time_text(hold.expires_at),
        }

    def _add_order(self, body: Json, transaction: Transaction) -> None:
        order = transaction.command.order
        match order:
            case Deposit() | Withdrawal():
                body["user_id"] = order.user_id
            case Transfer():
                body["legs"] = [self._leg(leg) for leg in order.legs]
            case PlaceHold():
                body["user_id"] = order.user_id
                body["to_user_id"] = order.to_user_id
                body["expires_at"] = optional_time_text(order.ends_at(transaction.accepted_at))
            case CaptureHold():
                body["hold_id"] = str(order.hold_id)
                body["hold_user_id"] = transaction.hold_user_id
                body["to_user_id"] = order.to_user_id
                body["final"] = order.final
            case VoidHold() | ExpireHold():
                body["hold_id"] = str(order.hold_id)
                body["hold_user_id"] = transaction.hold_user_id
            case Reverse():
                body["reverses"] = str(order.reversed_id)
            case ChangeAccount():
                body["user_id"] = order.user_id
                body["currency"] = order.currency
                body["account"] = self._change(order)
                return
            case Discard():
                body["discards"] = str(order.position)
            case _:
                assert_never(order)
        money = transaction.money
        if money is not None:
            body["amount"] = self.amount(money.amount, money.currency)
            body["currency"] = money.currency

    def _leg(self, leg: TransferLeg) -> Json:
        return {
            "from_user_id": leg.from_user_id,
            "to_user_id": leg.to_user_id,
            "amount": self.amount(leg.money.amount, leg.money.currency),
            "currency": leg.money.currency,
        }

    def _change(self, order: ChangeAccount) -> Json:
        limit = order.overdraft_limit
        return {
            name: value
            for name, value in (
                ("overdraft_limit", limit if limit is None else self.amount(limit, order.currency)),
                ("status", order.status and order.status.value),
                ("metadata", order.metadata),
            )
            if value is not None
        }
