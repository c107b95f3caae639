"""How much money a user has, in every currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.account import Account
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import AccountNotFoundError
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed


@dataclass(frozen=True, slots=True)
class ReadBalances:
    """Reads all accounts of a user as they stand, at one moment."""

    checks: Checks
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, user_id: str, position: str | None) -> Sequence[Account]:
        """The accounts by currency, not before the ledger has passed `position`.

        Raises `InvalidFieldError`, `AccountNotFoundError`, `NotYetPostedError`,
        `LedgerUnavailableError`.
        """
        self.checks.user_id(user_id)
        await ensure_passed(self.watch, self.checks.position(position))
        accounts = await self.reader.accounts_of(user_id)
        if not accounts:
            raise AccountNotFoundError(user_id)
        return accounts
