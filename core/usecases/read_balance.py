"""How much money is in an account."""

from dataclasses import dataclass

from core.entities.account import Account, user_account
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import AccountNotFoundError
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed


@dataclass(frozen=True, slots=True)
class ReadBalance:
    """Reads an account as it stands."""

    checks: Checks
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, user_id: str, currency: str | None, position: str | None) -> Account:
        """The account, not before the ledger has passed `position`.

        Raises `InvalidFieldError`, `AccountNotFoundError`, `NotYetPostedError`,
        `LedgerUnavailableError`.
        """
        checks = self.checks
        key = user_account(checks.user_id(user_id), checks.currency(currency).code)
        await ensure_passed(self.watch, checks.position(position))
        account = await self.reader.account(key)
        if account is None:
            raise AccountNotFoundError(key.user_id, key.currency)
        return account
