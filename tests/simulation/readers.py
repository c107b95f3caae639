"""Readers: they look at accepted commands through the API, and say what cannot be."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.entities.receipt import Receipt
from core.entities.statement import StatementEntry, StatementOrder
from core.entities.transaction import Entry, Transaction
from core.errors import UnavailableError
from core.refusals import AccountNotFoundError, Refusal, TransactionNotFoundError
from core.usecases.statement_draft import StatementDraft
from tests.simulation.clients import Line
from tests.simulation.orders import user_of
from tests.simulation.promises.history import History
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.database import Database

PAUSE_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads until it is cancelled.

    Books that were put back excuse nothing but this: what was read of the books before, those after
    may lack for a while. Whatever is read of them then fits together: an accepted id is pending,
    and a position that was passed is not passed any more.
    """

    line: Line
    database: Database
    history: History
    findings: Findings

    async def run(self) -> None:
        """Look at one command after the other."""
        chance = self.line.machine.chance
        while True:
            accepted = self.history.accepted()
            if accepted:
                try:
                    draft, answer = chance.one_of(accepted)
                    await self._look_at(user_of(draft.order), answer.receipt)
                except (TimeoutError, UnavailableError, Refusal):
                    # Not answered, or not yet: a reader comes again.
                    pass
            await asyncio.sleep(chance.between(0, PAUSE_SECONDS))

    async def _look_at(self, user_id: str, receipt: Receipt) -> None:
        life = self.database.life
        transaction_id = str(receipt.transaction_id)
        # An accepted id is never unknown, to those who lost their receipt either.
        has_receipt = self.line.machine.chance.happens(0.6)
        position = str(receipt.position) if has_receipt else None
        try:
            found = await self.line.ask(lambda api: api.read_transaction(transaction_id, position))
        except TransactionNotFoundError:
            self.findings.broken(Promise.HONEST, f"{transaction_id} was accepted, and is unknown")
            return
        if isinstance(found, Transaction):
            self.history.shown.append(found)
            for entry in found.entries:
                await self._look_for(entry, receipt.transaction_id, life)
            return
        await self._read_own_write(user_id, receipt, life)

    async def _read_own_write(self, user_id: str, receipt: Receipt, life: int) -> None:
        """A statement at a position that is not passed yet has what was posted up to it."""
        position = str(receipt.position)
        try:
            entries = await self._statement(user_id, "USD", position)
        except AccountNotFoundError:
            entries = ()
        read = await self.line.ask(
            lambda api: api.read_transaction(str(receipt.transaction_id), None)
        )
        self._expect(
            life,
            isinstance(read, Transaction),
            Promise.OWN_WRITES,
            f"position {position} was passed, and {receipt.transaction_id} is not decided",
        )
        if isinstance(read, Transaction):
            due = [one for one in read.entries if one.account.user_id == user_id]
            self._expect_all(life, due, receipt.transaction_id, entries, Promise.OWN_WRITES)

    async def _look_for(self, entry: Entry, transaction_id: UUID, life: int) -> None:
        if entry.account.is_settlement:
            return
        key = entry.account
        try:
            entries = await self._statement(key.user_id, key.currency, None)
        except AccountNotFoundError:
            entries = ()
        self._expect_all(life, [entry], transaction_id, entries, Promise.TOGETHER)

    def _expect_all(
        self,
        life: int,
        due: Sequence[Entry],
        transaction_id: UUID,
        entries: Sequence[StatementEntry],
        promise: Promise,
    ) -> None:
        seen = {(one.transaction_id, one.sequence, one.balance_after) for one in entries}
        for one in due:
            self._expect(
                life,
                (transaction_id, one.sequence, one.balance_after) in seen,
                promise,
                f"{transaction_id} is decided, and not in the statement of {one.account.user_id}",
            )

    def _expect(self, life: int, holds: bool, promise: Promise, sentence: str) -> None:
        """Unless the books were put back since the first of what is compared was read."""
        if life == self.database.life:
            self.findings.expect(holds, promise, sentence)

    async def _statement(
        self, user_id: str, currency: str, position: str | None
    ) -> Sequence[StatementEntry]:
        draft = StatementDraft(
            user_id=user_id,
            currency=currency,
            limit=1_000,
            order=StatementOrder.ASCENDING,
            position=position,
        )
        return (await self.line.ask(lambda api: api.read_statement(draft))).entries
