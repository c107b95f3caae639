"""How the ledger's values look in JSON, for every adapter that shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from core.entities.transaction import Entry, Transaction
from core.ports.currencies import Currencies

Json = dict[str, Any]

_MAX_REMEMBERED: Final = 4_096
"""Times: what was appended together has the same one."""


@lru_cache(_MAX_REMEMBERED)
def time_text(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds: `2026-01-31T12:00:00.000000Z`."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Representations:
    """Renders amounts with the decimals of their currency."""

    currencies: Currencies

    def amount(self, minor_units: int, currency: str) -> str:
        """The amount as a decimal string with all of its currency's decimals."""
        return self._amounts(currency)(minor_units)

    def _amounts(self, currency: str) -> Callable[[int], str]:
        """What renders amounts of the currency."""
        known = self.currencies.find(currency)
        # A later edition of ISO 4217 may have dropped a code that the books still hold.
        return str if known is None else known.format

    def transaction(self, transaction: Transaction) -> Json:
        """A decided transaction as its client sees it: the house's entries are left out."""
        command, position, accepted_at, posted_at, _, rejection = transaction
        body: Json = {
            "transaction_id": str(command.transaction_id),
            "status": transaction.status.value,
            "type": command.type.value,
            "user_id": command.user_id,
            "amount": self.amount(command.amount, command.currency),
            "currency": command.currency,
            "reference": command.reference,
            "position": str(position),
            "accepted_at": time_text(accepted_at),
            "posted_at": time_text(posted_at),
        }
        if rejection is None:
            body["entries"] = [self.entry(entry) for entry in transaction.client_entries]
            return body
        body["code"] = rejection.code
        body |= self.rejection_figures(transaction)
        return body

    def rejection_figures(self, transaction: Transaction) -> Json:
        """The numbers that explain a rejection, beside their currency; empty if posted."""
        if transaction.rejection is None:
            return {}
        currency = transaction.command.currency
        return {
            name: self.amount(minor_units, currency)
            for name, minor_units in transaction.rejection.figures.items()
        }

    def entry(self, entry: Entry) -> Json:
        """One leg of a transaction."""
        (_, user_id, currency), sequence, amount, balance_after, _ = entry
        text = self._amounts(currency)
        return {
            "user_id": user_id,
            "currency": currency,
            "amount": text(amount),
            "sequence": sequence,
            "balance_after": text(balance_after),
        }
