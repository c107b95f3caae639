"""The accounts that are known to exist, so that they need not be created."""

from collections.abc import Iterable
from typing import Final

from core.entities.account import AccountKey

MAX_REMEMBERED: Final = 100_000
"""About 25 MB."""


class OpenedAccounts:
    """Accounts that were seen opened in a committed state.

    Such an account is never deleted, so leaving it out when missing accounts are created changes
    nothing: the statement would find it there and pass it over.
    """

    def __init__(self, max_remembered: int = MAX_REMEMBERED) -> None:
        self._max_remembered = max_remembered
        self._keys: dict[AccountKey, None] = {}

    def unknown(self, keys: Iterable[AccountKey]) -> list[AccountKey]:
        """Those of `keys`, in their order, that may not exist."""
        return [key for key in keys if key not in self._keys]

    def remember(self, keys: Iterable[AccountKey]) -> None:
        """These are opened, and committed."""
        for key in keys:
            self._keys[key] = None
        while len(self._keys) > self._max_remembered:
            del self._keys[next(iter(self._keys))]

    def forget(self) -> None:
        """The database is not the one that was remembered: it was restored, perhaps."""
        self._keys.clear()
