"""The present state of everything that has one, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.outbound.memory.books import MemoryBooks
from core.entities.account import Account, AccountKey
from core.entities.audit import HoldPlace
from core.entities.hold import Hold
from core.entities.transaction_id import shard_of_id


@dataclass(frozen=True, slots=True)
class MemoryBooksStates:
    """`BooksStates` over `MemoryBooks`."""

    books: MemoryBooks

    async def accounts_after(self, after: AccountKey | None, limit: int) -> Sequence[Account]:
        """Accounts by key."""
        keys = sorted(key for key in self.books.accounts if after is None or key > after)
        return [self.books.accounts[key] for key in keys[:limit]]

    async def holds_after(self, after: HoldPlace | None, limit: int) -> Sequence[Hold]:
        """Holds by shard and id."""
        places = sorted(HoldPlace(shard_of_id(one), one) for one in self.books.holds)
        later = [one for one in places if after is None or one > after]
        return [self.books.holds[one.hold_id] for one in later[:limit]]
