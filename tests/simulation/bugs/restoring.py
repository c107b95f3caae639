"""Pages that are told badly, and books that are put back and restored badly."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from adapters.inbound.worker.restoring import Restoring
from adapters.inbound.worker.worker import Work
from core.entities.command import LoggedCommand
from core.entities.log_position import LogPosition
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Page, PageRun
from core.entities.page_row import PageRow
from core.errors import EventsUnavailableError
from core.ports.ledger import Decide
from core.proof.chain import chained
from core.proof.leaves import Outcome, leaves_of
from core.usecases.check_ownership import CheckOwnership
from core.usecases.find_missing_pages import FindMissingPages
from core.usecases.tell_pages import ToldPages
from tests.simulation.stage.database import Session
from tests.simulation.stage.ledger import SimulatedLedger
from tests.simulation.stage.pages import SimulatedPages

_LATE_SECONDS: Final = 2.0
_GENEROUS_CENTS: Final = 50


class TellsPagesLater(SimulatedPages):
    """Says that rows are told which are still on their way."""

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Send them."""
        late_seconds = self.machine.chance.between(0, _LATE_SECONDS)
        self.machine.later(late_seconds, lambda: self.topic.append(rows))


class TellsOwnPagesAlone(SimulatedPages):
    """Leaves out the rows of other partitions."""

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell those of the place's own partition."""
        own = {
            place: [one for one in told if one.partition == place] for place, told in rows.items()
        }
        await super().tell(own)


class TakesTellingForGranted(SimulatedPages):
    """Ignores that rows were not told."""

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell, and hope."""
        with suppress(EventsUnavailableError):
            await super().tell(rows)


class LeavesOutTheCondemned(SimulatedPages):
    """Does not say which records were condemned."""

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell rows as if all their records could be read."""
        await super().tell(
            {place: [one._replace(condemned=()) for one in told] for place, told in rows.items()}
        )


class MarksAheadOfTheBooks(SimulatedLedger):
    """Believes whoever says that something was told."""

    def check_told(self, position: LogPosition, next_offset: int) -> None:
        """Whatever the books have."""

    def known_page(self, partition: int, number: int) -> int:
        """Whether the books know it or not."""
        return number


class GivesNumbersAgain(SimulatedLedger):
    """Goes on in books that were put back as in those before."""

    def check_life(self, session: Session, partition: int) -> None:
        """Whenever the partition was taken over."""

    def check_number(self, number: int, seen_before: int) -> None:
        """Whatever was seen."""


class HeadOverThePage(SimulatedLedger):
    """Chains pages, not records: cut in another way they would have another head."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post a page with a head over one leaf for all of it."""
        books, partition = self.database.books, run.partition

        def with_one_leaf(state: LedgerState) -> Page:
            page = decide(state)
            outcomes: dict[int, Outcome] = {one.position.offset: one for one in page.transactions}
            leaves = leaves_of(books.secret(partition), partition, run.offsets, outcomes)
            leaf = sha256(b"".join(leaves)).digest()
            return page._replace(head=chained(books.head(partition), [leaf]))

        return await super().post_page(run, commands, with_one_leaf)


class RepostsByOtherRules(SimulatedLedger):
    """Since the last version accounts may be overdrawn a little, in old pages too."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        """Post; a page that was posted before, by the rules of now."""

        def generously(state: LedgerState) -> Page:
            return _with_limits(
                decide(_with_state_limits(state, _GENEROUS_CENTS)), -_GENEROUS_CENTS
            )

        decided = decide if run.number is None else generously
        return await super().post_page(run, commands, decided)


def _with_state_limits(state: LedgerState, more: int) -> LedgerState:
    generous = {
        key: one._replace(overdraft_limit=one.overdraft_limit + more)
        for key, one in state.accounts.items()
    }
    return state._replace(accounts=generous)


def _with_limits(page: Page, more: int) -> Page:
    return page._replace(
        accounts=tuple(
            one._replace(overdraft_limit=one.overdraft_limit + more) for one in page.accounts
        )
    )


class _Unconcerned(CheckOwnership):
    __slots__ = ()

    async def __call__(self, ownership: Ownership) -> None:
        pass


def never_looks(work: Work) -> Work:
    """Workers that notice nothing while they have nothing to post."""
    return replace(work, check_ownership=_Unconcerned(work.check_ownership.ledger))


class _EveryHead(frozenset[bytes | None]):
    def __contains__(self, _: object) -> bool:
        return True


def publishes_the_forgotten(work: Work) -> Work:
    """Publishers that take every page of theirs for told."""
    tell_pages = work.telling.tell_pages

    async def told(partition: int) -> ToldPages:
        return (await tell_pages(partition))._replace(heads=_EveryHead())

    return replace(work, telling=replace(work.telling, tell_pages=told))


def decides_anew(work: Work) -> Work:
    """Workers that post what is missing as if it had never been told, in pages as they come."""

    async def restore(_partition: int) -> bool:
        return False

    return replace(work, restore=restore)


@dataclass(frozen=True)
class _Found(FindMissingPages):
    """Finds missing pages, and makes something else of them."""

    made: Callable[[PageRow], PageRow | None]

    async def __call__(self) -> Sequence[PageRow]:
        rows = map(self.made, await super().__call__())
        return [one for one in rows if one is not None]


def by_partitions(work: Work) -> Work:
    """Workers that post their own pages again, whatever those of others that came before."""

    async def restore(partition: int) -> bool:
        return await _restoring(work, lambda one: one if one.partition == partition else None)(
            partition
        )

    return replace(work, restore=restore)


def without_comparing(work: Work) -> Work:
    """Workers that do not look whether what they post again is what was told."""
    return replace(work, restore=_restoring(work, lambda one: one._replace(head=None)))


def _restoring(work: Work, made: Callable[[PageRow], PageRow | None]) -> Restoring:
    restore = work.restore
    assert isinstance(restore, Restoring)
    sound = restore.find_missing
    found = _Found(sound.ledger, sound.partitions, sound.pages, sound.partition_count, made)
    return replace(restore, find_missing=found)
