"""Accept many commands at once: each by itself, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.entities.command import Command
from core.entities.receipt import Accepted, Receipt
from core.entities.transaction import Transaction
from core.errors import CommandUnconfirmedError, LedgerUnavailableError, LogUnavailableError
from core.ports.command_log import CommandLog
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import IdempotencyConflictError, Refusal
from core.usecases.accepting import NewCommand, accepted, replay, unconfirmed
from core.usecases.drafts import CommandDraft

Answer = Accepted | Refusal | CommandUnconfirmedError
"""What became of an item: one that cannot be accepted does not stop the others."""


@dataclass(frozen=True, slots=True)
class SubmitBatch:
    """Puts commands into the log as if they had come one after the other."""

    new_command: NewCommand
    log: CommandLog
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(
        self, drafts: Sequence[CommandDraft], wait_seconds: float
    ) -> Sequence[Answer]:
        """An answer for each draft, in order. All of them together wait at most `wait_seconds` for
        their transactions.

        Raises `PipelineFullError` when there is no room for those that are new; then none of them
        is in the log, and all can be given again.
        """
        answers: dict[int, Answer] = {}
        commands = self._commands(drafts, answers)
        await self._replay(commands, answers)
        new = {number: one for number, one in commands.items() if number not in answers}
        receipts = await self._append(new, answers)
        await self._wait(new, receipts, wait_seconds, answers)
        return [answers[number] for number in range(len(drafts))]

    def _commands(
        self, drafts: Sequence[CommandDraft], answers: dict[int, Answer]
    ) -> dict[int, Command]:
        commands = {}
        first_ids: dict[str, UUID] = {}
        for number, draft in enumerate(drafts):
            try:
                command = self.new_command(draft)
                _ensure_one_id(command, first_ids)
                commands[number] = command
            except Refusal as refusal:
                answers[number] = refusal
        return commands

    async def _replay(self, commands: Mapping[int, Command], answers: dict[int, Answer]) -> None:
        earlier = await self._earlier(list(commands.values()))
        for number, command in commands.items():
            known = earlier.get(command.idempotency_key or "")
            if known is not None:
                answers[number] = _replayed(command, known)

    async def _earlier(self, commands: Sequence[Command]) -> Mapping[str, Transaction]:
        """By idempotency key, what it became. A batch has one client."""
        keys = [one.idempotency_key for one in commands if one.idempotency_key is not None]
        if not keys:
            return {}
        try:
            return await self.reader.transactions_by_keys(commands[0].client, keys)
        except LedgerUnavailableError:
            # Accepting goes on without the books: posting knows the ids, and has the last word.
            return {}

    async def _append(
        self, commands: Mapping[int, Command], answers: dict[int, Answer]
    ) -> Mapping[int, Receipt]:
        if not commands:
            return {}  # what was decided before needs no room
        appended = await self.log.append_all(list(commands.values()))
        receipts = {}
        for (number, command), one in zip(commands.items(), appended, strict=True):
            if isinstance(one, LogUnavailableError):
                answers[number] = unconfirmed(command, one)
            else:
                receipts[number] = Receipt(command.transaction_id, *one)
        return receipts

    async def _wait(
        self,
        commands: Mapping[int, Command],
        receipts: Mapping[int, Receipt],
        wait_seconds: float,
        answers: dict[int, Answer],
    ) -> None:
        asked = [(one.transaction_id, one.position) for one in receipts.values()]
        outcomes: Sequence[Transaction | None] = [None] * len(asked)
        if wait_seconds > 0:
            outcomes = await self.watch.outcomes(asked, wait_seconds)
        for (number, receipt), outcome in zip(receipts.items(), outcomes, strict=True):
            try:
                answers[number] = accepted(commands[number], receipt, outcome)
            except Refusal as refusal:
                answers[number] = refusal


def _ensure_one_id(command: Command, first_ids: dict[str, UUID]) -> None:
    """A key of two users would be two transactions: nothing in the books is there to tell yet."""
    key = command.idempotency_key
    if key is not None and first_ids.setdefault(key, command.transaction_id) != (
        command.transaction_id
    ):
        raise IdempotencyConflictError(first_ids[key])


def _replayed(command: Command, earlier: Transaction) -> Answer:
    try:
        return replay(command, earlier)
    except Refusal as refusal:
        return refusal
