"""All accounts, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.entities.account import Account, AccountKey, AccountStatus, account_key
from core.entities.cursor import read_cursor, write_cursor
from core.ports.ledger_reader import LedgerReader
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks


class AccountsPage(NamedTuple):
    """Some accounts, and where the next ones begin."""

    accounts: Sequence[Account]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ListAccounts:
    """Reads users' accounts in the order of their keys, in which none moves."""

    checks: Checks
    reader: LedgerReader

    async def __call__(
        self, status: str | None, currency: str | None, limit: int, cursor: str | None
    ) -> AccountsPage:
        """Accounts with this status and currency. Raises `InvalidFieldError`."""
        wanted_status = self.checks.account_status(status)
        wanted_currency = None if currency is None else self.checks.currency(currency).code
        query = ("accounts", wanted_status or "", wanted_currency or "")
        # One more than asked for tells whether there is a next page.
        accounts = await self.reader.accounts(
            _after(query, cursor), wanted_status, wanted_currency, self.checks.limit_of(limit) + 1
        )
        if len(accounts) <= limit:
            return AccountsPage(accounts, None)
        shard, user_id, account_currency = accounts[limit - 1].key
        place = (str(shard), user_id, account_currency)
        return AccountsPage(accounts[:limit], write_cursor(query, place))


def _after(query: Sequence[AccountStatus | str], cursor: str | None) -> AccountKey | None:
    if cursor is None:
        return None
    try:
        shard, user_id, currency = read_cursor(query, cursor, parts=3)
        return account_key(int(shard), user_id, currency)
    except ValueError as error:
        raise InvalidFieldError("cursor", str(error)) from None
