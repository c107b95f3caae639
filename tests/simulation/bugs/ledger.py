"""Ledgers that miss a safeguard, each another one."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from core.entities.account import Account, AccountKey
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.entities.transaction import Rejection, RejectionCode, Transaction
from core.errors import CommitUnknownError, EventsUnavailableError, LedgerUnavailableError
from core.ports.ledger import Decide
from core.posting.books import rejected
from core.posting.post import post
from tests.simulation.stage.changes import PageStored, moved
from tests.simulation.stage.database import Database, Session
from tests.simulation.stage.ledger import SimulatedLedger


class PatientDatabase(Database):
    """Lets a session keep its rows, however long."""

    def hunt(self, session: Session) -> None:
        """Wait."""


class NoFence(SimulatedLedger):
    """Posts wherever the worker believes that it stands."""

    async def pass_fence(self, session: Session, run: PageRun) -> None:
        """Lock the position, and believe the run."""
        await session.statement()
        await session.lock(("position", run.partition))


class NoEpoch(SimulatedLedger):
    """Compares the offset alone: a zombie may post if nobody has posted since."""

    def is_owned(self, position: LogPosition, run: PageRun) -> bool:
        """Always."""
        return True


class NoDedupe(SimulatedLedger):
    """Does not look whether an id is known."""

    def fingerprints(self, commands: Sequence[LoggedCommand]) -> dict[UUID, bytes]:
        """None."""
        return {}


class BlindRetry(SimulatedLedger):
    """Stores a page again when its commit was not answered, at whatever offset is next by then."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post, and post again."""
        try:
            return await super().post_page(run, commands, decide)
        except CommitUnknownError:
            position = await self.position(run.partition)
            next_offset = position.next_offset + run.next_offset - run.first_offset
            again = run._replace(first_offset=position.next_offset, next_offset=next_offset)
            return await super().post_page(again, commands, decide)


class CommitTakenForGranted(SimulatedLedger):
    """Takes an unanswered commit for a stored page."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post, and hope."""
        decided: list[Page] = []

        def remembering(state: LedgerState) -> Page:
            decided.append(decide(state))
            return decided[-1]

        try:
            return await super().post_page(run, commands, remembering)
        except CommitUnknownError:
            return decided[-1]


class OffsetByOne(SimulatedLedger):
    """Stores the offset after the one that is next."""

    async def store(self, session: Session, run: PageRun, page: Page) -> None:
        """Write the page, and a position beyond it."""
        beyond = run._replace(next_offset=run.next_offset + 1)
        session.write(
            moved(beyond, page, self.clock.now()), PageStored(run, page, self.clock.now())
        )


class UnsortedLocks(SimulatedLedger):
    """Locks accounts as they come."""

    def lock_order(self, keys: Collection[AccountKey]) -> list[AccountKey]:
        """Any order."""
        return self.database.machine.chance.shuffled(sorted(keys))


class NoLocks(SimulatedLedger):
    """Reads accounts without locking them."""

    async def locked(
        self, session: Session, keys: Sequence[AccountKey]
    ) -> dict[AccountKey, Account]:
        """The accounts as they are now."""
        accounts = self.database.books.accounts
        return {key: accounts[key] for key in keys if key in accounts}


class PositionApart(SimulatedLedger):
    """Moves the position in a transaction of its own, before the page's."""

    async def store(self, session: Session, run: PageRun, page: Page) -> None:
        """Commit the position, then write the page."""
        async with self.session() as apart:
            await apart.statement()
            apart.write(moved(run, page, self.clock.now()))
            await apart.commit()
        session.write(PageStored(run, page, self.clock.now()))


class RejectsOnSerializationFailure(SimulatedLedger):
    """Answers trouble of the database with rejections."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post, or reject what cannot be posted."""
        try:
            return await super().post_page(run, commands, decide)
        except LedgerUnavailableError:

            def rejecting(_: LedgerState) -> Page:
                sound = post([], LedgerState({}, {}))
                return sound._replace(transactions=tuple(_rejection(one) for one in commands))

            return await super().post_page(run, commands, rejecting)


def _rejection(logged: LoggedCommand) -> Transaction:
    return rejected(logged, None, Rejection(RejectionCode.INSUFFICIENT_FUNDS))


class PublishesFirst(SimulatedLedger):
    """Publishes a page before it is committed."""

    async def store(self, session: Session, run: PageRun, page: Page) -> None:
        """Publish, then write."""
        with suppress(EventsUnavailableError):
            await self.events.publish(run.partition, Outcomes(page.transactions, ()))
        await super().store(session, run, page)


class CondemnsOnTrouble(SimulatedLedger):
    """Takes the database's trouble for the record's fault."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post, or decide about nothing at all and go on after it."""
        try:
            return await super().post_page(run, commands, decide)
        except LedgerUnavailableError:
            return await super().post_page(run, commands, lambda _: post([], LedgerState({}, {})))


class ForgetsTheUntold(SimulatedLedger):
    """Tells a new owner that everything is published."""

    async def take_over(self, partition: int) -> LogPosition:
        """Become the owner, of a partition with nothing to tell."""
        position = await super().take_over(partition)
        return replace(position, published_offset=position.next_offset)


class LetsForeignErrorsThrough(SimulatedLedger):
    """Raises what its driver raised."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post, or fail in a way that nobody knows."""
        try:
            return await super().post_page(run, commands, decide)
        except LedgerUnavailableError as error:
            raise ConnectionResetError(str(error)) from error
