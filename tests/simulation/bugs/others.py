"""Logs, feeds, watches, topics and rules that miss a safeguard."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.position_watch import LedgerPositionWatch
from adapters.records import EncodedRecord
from core.condemning import Post
from core.entities.command import Command, LoggedCommand
from core.entities.page import LedgerState, Outcomes, Page
from core.entities.position import Position
from core.entities.transaction import Transaction
from core.errors import EventsUnavailableError, LogUnavailableError
from core.ports.clock import Clock
from core.ports.command_log import Appended
from core.ports.position_watch import PositionWatch
from core.posting.post import post
from core.usecases.accepting import NewCommand
from core.usecases.drafts import CommandDraft
from tests.simulation.machine.faults import Fault
from tests.simulation.parts import Api
from tests.simulation.stage.database import Database
from tests.simulation.stage.events import SimulatedEvents
from tests.simulation.stage.feed import SimulatedFeed
from tests.simulation.stage.group import Member
from tests.simulation.stage.log import SimulatedCommandLog
from tests.simulation.stage.remote import RemoteReader


class SkipsOnListenerFailure(SimulatedFeed):
    """Starts at the log's end where its listener failed, and numbers on as if nothing had been."""

    def start_offset(self, partition: int, from_offset: int) -> int:
        """Where the consumer happens to be."""
        if self.member is None or partition not in self.member.failed_for:
            return from_offset
        return max(from_offset, self.broker.log.extent(partition).end_offset)


class ForgottenMember(Member):
    """Is not told again what its listener did not hear."""

    async def take(self, partitions: frozenset[int]) -> None:
        """Own these, unless the listener fails."""
        if not self.machine.weather.strikes(Fault.LISTENER_FAILED):
            await super().take(partitions)


class SwallowsListenerFailure(SimulatedFeed):
    """Goes on as if its listener had not failed."""

    member_class = ForgottenMember


class CallsUnknownCertain(SimulatedCommandLog):
    """Says that nothing was written when nobody knows."""

    def unconfirmed(self) -> LogUnavailableError:
        """Certainty that is none."""
        return LogUnavailableError("no answer in time", may_have_been_accepted=False)


class ConfirmsBeforeWriting(SimulatedCommandLog):
    """Gives a receipt for what is still on its way."""

    async def send(self, partition: int, record: EncodedRecord) -> Appended:
        """Guess the position, and send behind the client's back."""
        guess = Position(partition, self.broker.log.extent(partition).end_offset)
        appended = Appended(guess, self.broker.now())
        asyncio.create_task(self._send_quietly(partition, record))  # noqa: RUF006 (a bug)
        await self.machine.travel()
        return appended

    async def _send_quietly(self, partition: int, record: EncodedRecord) -> None:
        with suppress(LogUnavailableError):
            await super().send(partition, record)


class TellsBackwards(SimulatedEvents):
    """Has many publications in flight, and the last one arrives first."""

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Publish in the wrong order."""
        await super().publish(
            partition, outcomes._replace(transactions=outcomes.transactions[::-1])
        )


class TakesPublishingForGranted(SimulatedEvents):
    """Ignores that nothing was published."""

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Publish, and hope."""
        with suppress(EventsUnavailableError):
            await super().publish(partition, outcomes)


class LaggingReader(RemoteReader):
    """Reads entries from a replica that is up to a second behind, and all else from the primary."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._copied_at = 0.0
        self._replica = MemoryLedgerReader(MemoryBooks())

    def asked_of(self, question: str) -> MemoryLedgerReader:
        """Entries come from the replica."""
        if question not in {"period", "entries"}:
            return super().asked_of(question)
        now = self.database.machine.loop.time()
        if now - self._copied_at > 1.0:
            self._copied_at = now
            copied = {key: list(entries) for key, entries in self.database.books.entries.items()}
            self._replica = MemoryLedgerReader(MemoryBooks(entries=copied))
        return self._replica


class Impatient:
    """A `PositionWatch` that takes every position for passed."""

    def __init__(self, watch: LedgerPositionWatch) -> None:
        self._watch = watch

    async def passed(self, position: Position, within_seconds: float) -> bool:
        """At once."""
        return True

    async def outcome(
        self, transaction_id: UUID, position: Position, within_seconds: float
    ) -> Transaction | None:
        """As it should be."""
        return await self._watch.outcome(transaction_id, position, within_seconds)

    async def outcomes(
        self, asked: Sequence[tuple[UUID, Position]], within_seconds: float
    ) -> Sequence[Transaction | None]:
        """As they should be."""
        return await self._watch.outcomes(asked, within_seconds)


def impatient(watch: LedgerPositionWatch) -> PositionWatch:
    """Nobody waits."""
    return Impatient(watch)


class NoFingerprint(NewCommand):
    """Commands that all have one fingerprint."""

    __slots__ = ()

    def __call__(self, draft: CommandDraft) -> Command:
        """The command, as if its contents were no matter."""
        return super().__call__(draft)._replace(fingerprint=bytes(32))


def without_fingerprints(api: Api) -> Api:
    """An API that tells commands apart by their ids alone."""
    sound = api.submit.new_command
    bad = NoFingerprint(sound.checks, sound.ids)
    return replace(api, submit=replace(api.submit, new_command=bad))


def by_the_wall_clock(clock: Clock) -> Post:
    """Rules that ask what time it is."""

    def posting(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
        return post([one._replace(recorded_at=clock.now()) for one in commands], state)

    return posting


def without_limits(_: Clock) -> Post:
    """Rules that look at balances as if all accounts could be overdrawn a little."""

    def posting(commands: Sequence[LoggedCommand], state: LedgerState) -> Page:
        generous = {
            key: one._replace(overdraft_limit=one.overdraft_limit + 5)
            for key, one in state.accounts.items()
        }
        page = post(commands, state._replace(accounts=generous))
        stingy = tuple(
            one._replace(overdraft_limit=one.overdraft_limit - 5) for one in page.accounts
        )
        return page._replace(accounts=stingy)

    return posting
