"""All accounts, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.entities.account import Account, AccountKey, AccountStatus, is_user_id, user_account
from core.entities.cursor import MEANINGLESS
from core.entities.money import is_currency_code
from core.entities.shard import shard_of
from core.ports.ledger_reader import LedgerReader
from core.usecases.checks import Checks
from core.usecases.paging import page_of, place_of


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
        wanted_status = self.checks.one_of(AccountStatus, status, "status")
        wanted_currency = None if currency is None else self.checks.currency(currency).code
        query = ("accounts", wanted_status or "", wanted_currency or "")
        after = place_of(cursor, query, _parsed, parts=3)
        most = self.checks.limit(limit)
        found = await self.reader.accounts(after, wanted_status, wanted_currency, most + 1)
        return AccountsPage(*page_of(found, most, query, _place))


def _place(account: Account) -> Sequence[str]:
    shard, user_id, currency = account.key
    return str(shard), user_id, currency


def _parsed(place: Sequence[str]) -> AccountKey:
    """The key that was written; `ValueError` for one that no account can have."""
    shard, user_id, currency = place
    if is_user_id(user_id) and is_currency_code(currency) and int(shard) == shard_of(user_id):
        return user_account(user_id, currency)
    raise ValueError(MEANINGLESS)
