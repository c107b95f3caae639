"""The present state of everything that has one, for whoever compares it."""

from collections.abc import Sequence
from typing import Protocol

from core.entities.account import Account, AccountKey
from core.entities.audit import HoldPlace
from core.entities.hold import Hold


class BooksStates(Protocol):
    """Reads in slices. Raises `LedgerUnavailableError`."""

    async def accounts_after(self, after: AccountKey | None, limit: int) -> Sequence[Account]:
        """At most `limit` accounts, the house's too, in the order of keys, from `after`
        (excluded) on.
        """
        ...

    async def holds_after(self, after: HoldPlace | None, limit: int) -> Sequence[Hold]:
        """At most `limit` holds, in the order of shards and ids, from `after` (excluded) on."""
        ...
