"""What moves the metrics: events, each with the time in which it can be seen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final

from adapters.background import beside
from adapters.backlog import Backlog
from adapters.backlog_watch import BacklogWatch
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.worker.integrity_report import IntegrityReport
from adapters.inbound.worker.retrying import Retries
from adapters.inbound.worker.signing_report import SigningReport
from adapters.live_events.limits import StreamLimits
from adapters.live_events.streams import EventStreams
from adapters.metrics import catalogue
from adapters.metrics.catalogue import RetryCause
from adapters.metrics.instruments import Metrics
from adapters.metrics.spec import Spec
from adapters.observed.command_log import ObservedCommandLog
from adapters.observed.ledger import ObservedLedger
from adapters.observed.live_events import ObservedLiveEvents
from adapters.observed.position_watch import ObservedPositionWatch
from adapters.observed.posting import ObservedPostPage, ObservedPublish
from adapters.observed.retries import RetryCounter
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.log import MemoryLog
from core.entities.command import LoggedCommand
from core.entities.event_filter import EventFilter
from core.entities.finding import Figure, Finding
from core.entities.integrity import IntegrityCheck
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Outcomes, Page, PageRun
from core.entities.position import Position
from core.entities.record import Record
from core.entities.webhooks.endpoint import DisabledBecause
from core.errors import (
    CommitUnknownError,
    EventsUnavailableError,
    FencedError,
    LedgerUnavailableError,
    LogUnavailableError,
    StreamEnd,
    StreamOverError,
)
from core.ports.ledger import Decide
from core.ports.webhooks.intake import Cursors
from core.posting.post import post
from core.usecases.post_page import Posted
from tests.builders import (
    CHAIN,
    NOON,
    PARTITIONS,
    FixedClock,
    broken_record,
    deposit,
    letter_of,
    logged,
    partition_for,
    record,
    unkeyed_id,
    withdrawal,
)
from tests.eventually import eventually
from tests.staged_feed import StagedFeed
from tests.unit.http.world import World, served
from tests.unit.lag_reporting import Reporting
from tests.unit.webhook_world import WebhookWorld, says

Event = Callable[[Metrics], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def requests_answered(metrics: Metrics) -> AsyncIterator[None]:
    world = World()
    world.metrics = metrics
    async with served(world) as api:
        await api.deposit()
        await api.deposit(amount="0")
        yield


@asynccontextmanager
async def connection_cut(metrics: Metrics) -> AsyncIterator[None]:
    world = World()
    world.metrics = metrics
    async with served(world, HttpLimits(max_connections=0)) as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.server.port)
        assert b"503" in await reader.read()
        writer.close()
        yield


@asynccontextmanager
async def command_accepted(metrics: Metrics) -> AsyncIterator[None]:
    log = ObservedCommandLog(
        MemoryCommandLog(MemoryLog(PARTITIONS), FixedClock()), metrics.accepting
    )
    await log.append(deposit())
    await log.append_all([deposit(), deposit()])
    yield


class Patient:
    """Answers nobody."""

    def __getattr__(self, name: str) -> Any:
        return self._for_ever

    async def _for_ever(self, *_: object) -> Any:
        await asyncio.Event().wait()


@asynccontextmanager
async def commands_under_way(metrics: Metrics) -> AsyncIterator[None]:
    log: Any = ObservedCommandLog(Patient(), metrics.accepting)
    async with waiting(log.append(deposit()), log.append_all([deposit(), deposit()])):
        assert metrics.registry.get_sample_value(catalogue.COMMANDS_IN_FLIGHT.name) == 3
        yield
    assert metrics.registry.get_sample_value(catalogue.COMMANDS_IN_FLIGHT.name) == 0


@asynccontextmanager
async def many_wait(metrics: Metrics) -> AsyncIterator[None]:
    watch: Any = ObservedPositionWatch(Patient(), metrics.accepting)
    asked = (deposit().transaction_id, Position(0, 0))
    async with waiting(
        watch.passed(Position(0, 0), 5), watch.outcome(*asked, 5), watch.outcomes([asked, asked], 5)
    ):
        assert metrics.registry.get_sample_value(catalogue.WAITERS.name) == 4
        yield
    assert metrics.registry.get_sample_value(catalogue.WAITERS.name) == 0


@asynccontextmanager
async def waiting(*calls: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def events_streamed(metrics: Metrics) -> AsyncIterator[None]:
    feed = StagedFeed(PARTITIONS)
    streams = EventStreams(feed, StreamLimits(max_streams=1, max_catch_ups=1))
    observed = ObservedLiveEvents(streams, metrics.streaming)
    async with observed.stream(EventFilter(), None) as stream:
        feed.tell()
        feed.tell()
        await stream.next()
        assert metrics.registry.get_sample_value(catalogue.EVENTS_STREAMED.name) == 2
        for reason in StreamEnd:
            ended = ObservedLiveEvents(_Over(reason), metrics.streaming)
            async with ended.stream(EventFilter(), None) as over:
                with suppress(StreamOverError):
                    await over.next()
        yield
    assert metrics.registry.get_sample_value(catalogue.EVENT_STREAMS.name) == 0


class _Over:
    """A stream, and what gives it, that has ended."""

    def __init__(self, reason: StreamEnd) -> None:
        self._reason = reason

    @asynccontextmanager
    async def stream(self, *_: object) -> AsyncIterator[Any]:
        yield self

    async def next(self) -> Any:
        raise StreamOverError(self._reason)


@asynccontextmanager
async def partition_outgrown(metrics: Metrics) -> AsyncIterator[None]:
    log = MemoryCommandLog(MemoryLog(PARTITIONS), FixedClock())
    reader = MemoryLedgerReader(MemoryBooks())
    await log.append(deposit("alice"))
    backlog = Backlog(PARTITIONS, 1)
    full = {"partition": str(partition_for("alice"))}
    watch = BacklogWatch(backlog, log, reader, metrics.accepting)
    async with beside(watch.run(), "backlog-watch"):
        name = catalogue.PARTITION_FULL.name
        await eventually(lambda: metrics.registry.get_sample_value(name, full) == 1)
        yield


OWNERSHIP: Final = Ownership(0, "topic", 1, 0, 0, 0, 0, CHAIN)
LETTER: Final = letter_of(broken_record(2))


async def _a_page_of_everything(_: Ownership, records: Sequence[Record]) -> Posted:
    commands = [logged(deposit("alice")), logged(withdrawal("bob"), 1)]
    page = post(commands, LedgerState({}, {}))
    counted = page._replace(dead_letters=(LETTER,), repeats=1, conflicts=1, moot=1)
    return Posted(counted, len(records), OWNERSHIP)


@asynccontextmanager
async def page_posted(metrics: Metrics) -> AsyncIterator[None]:
    clock = FixedClock()
    clock.advance(7)
    post_page = ObservedPostPage(_a_page_of_everything, metrics.posting, clock)
    await post_page(OWNERSHIP, [record(deposit(), at=NOON)])
    summed = f"{catalogue.ACCEPTED_TO_POSTED_SECONDS.name}_sum"
    assert metrics.registry.get_sample_value(summed) == 7
    yield


@asynccontextmanager
async def outcomes_not_published(metrics: Metrics) -> AsyncIterator[None]:
    async def publish(_: int, __: Outcomes) -> None:
        raise EventsUnavailableError("away")

    with suppress(EventsUnavailableError):
        await ObservedPublish(publish, metrics.posting)(0, Outcomes([], []))
    yield


class Ambiguous(MemoryLedger):
    """Stores the page, and says that it does not know."""

    async def post_page(
        self, run: PageRun, commands: Sequence[LoggedCommand], decide: Decide
    ) -> Page:
        raise CommitUnknownError("cut")


@asynccontextmanager
async def ledger_refuses(metrics: Metrics) -> AsyncIterator[None]:
    ledger = ObservedLedger(Ambiguous(MemoryBooks(), FixedClock()), metrics.posting)
    await ledger.take_over(0)
    with suppress(CommitUnknownError):
        await ledger.post_page(PageRun(0, 1, 0, 1, b"", 0), [], lambda state: post([], state))
    for refused in (
        ledger.mark_published(0, 99, 1),
        ledger.identify_log(0, 99, "t"),
        ledger.halt(0, 99, "no"),
    ):
        with suppress(FencedError):
            await refused
    assert metrics.registry.get_sample_value(catalogue.FENCES_HIT.name) == 3
    assert metrics.registry.get_sample_value(catalogue.HALTS.name) == 0
    await ledger.halt(0, 1, "the log has a gap")
    yield


@asynccontextmanager
async def tried_again(metrics: Metrics) -> AsyncIterator[None]:
    count = RetryCounter(metrics.posting)
    errors: list[Exception] = [LedgerUnavailableError("away")]

    async def flaky() -> None:
        if errors:
            raise errors.pop()

    await Retries(count).until_available(flaky)
    for error in (
        LogUnavailableError("away", may_have_been_accepted=False),
        FencedError("lost"),
        ZeroDivisionError(),
    ):
        count(error)
    for cause in RetryCause:
        counted = metrics.registry.get_sample_value(catalogue.RETRIES.name, {"cause": cause})
        assert counted == 1, cause
    yield


@asynccontextmanager
async def lag_reported(metrics: Metrics) -> AsyncIterator[None]:
    reporting = Reporting(metrics)
    await reporting.append(3)
    reporting.worker(next_offset=1, published_offset=0, halted="the log has a gap")
    reporting.clock.advance(60)
    await reporting.report()
    yield


@asynccontextmanager
async def endpoint_called(metrics: Metrics) -> AsyncIterator[None]:
    world = WebhookWorld(metrics)
    taking, gone = await world.added(), await world.added("https://gone.example/")
    world.sender.answers[gone.url] = says(410)
    for one in (taking, gone):
        await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), NOON)
        await world.courier.bring(one.endpoint_id, lambda: False)
    for because in (DisabledBecause.GONE, DisabledBecause.FAILING):
        name, labels = catalogue.WEBHOOKS_DISABLED.name, {"because": because.value}
        disabled = metrics.registry.get_sample_value(name, labels)
        assert disabled == (because is DisabledBecause.GONE)
    yield


@asynccontextmanager
async def endpoints_looked_after(metrics: Metrics) -> AsyncIterator[None]:
    world = WebhookWorld(metrics)
    one = await world.added()
    await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), NOON)
    world.clock.advance(60)
    await world.care.report()
    age = metrics.registry.get_sample_value(catalogue.WEBHOOKS_OLDEST_SECONDS.name)
    assert age == 60
    yield


@asynccontextmanager
async def events_lost(metrics: Metrics) -> AsyncIterator[None]:
    world = WebhookWorld(metrics)
    await world.intake.intake.begin(None, Cursors("another topic", {0: 7}))
    await world.posted(3)
    world.intake.intake.take_in = Patient().take_in  # type: ignore[method-assign]
    lag = catalogue.WEBHOOK_INTAKE_LAG.name
    async with beside(world.intake.run(), "intake"):
        await eventually(lambda: metrics.registry.get_sample_value(lag) == 3)
        yield


@asynccontextmanager
async def integrity_checked(metrics: Metrics) -> AsyncIterator[None]:
    clock = FixedClock()
    found = Finding(Figure.BALANCE, "1", "2")
    check = IntegrityCheck(3, NOON, NOON, NOON, findings=[found])
    IntegrityReport(metrics.integrity, clock).tell(check)
    clock.advance(7)
    yield


@asynccontextmanager
async def signing_waited_for(metrics: Metrics) -> AsyncIterator[None]:
    clock = FixedClock()
    report = SigningReport(clock, metrics.posting)
    report.tell(3, has_signed=True, is_due=True)
    clock.advance(7)
    report.tell(3, has_signed=False, is_due=True)
    yield


@asynccontextmanager
async def dead_letters_reported(metrics: Metrics) -> AsyncIterator[None]:
    reporting = Reporting(metrics)
    reporting.condemn(2)
    reporting.worker()
    await reporting.report_letters()
    yield


EVENTS: Final[Mapping[Event, Sequence[Spec]]] = {
    requests_answered: (
        catalogue.HTTP_REQUESTS,
        catalogue.HTTP_REQUEST_SECONDS,
        catalogue.HTTP_CONNECTIONS,
        catalogue.COMMANDS_ACCEPTED,
        catalogue.COMMANDS_REFUSED,
    ),
    connection_cut: (catalogue.HTTP_CONNECTIONS_CUT,),
    command_accepted: (catalogue.ACCEPT_SECONDS,),
    commands_under_way: (catalogue.COMMANDS_IN_FLIGHT,),
    many_wait: (catalogue.WAITERS,),
    events_streamed: (
        catalogue.EVENT_STREAMS,
        catalogue.EVENTS_STREAMED,
        catalogue.EVENT_STREAMS_ENDED,
    ),
    partition_outgrown: (catalogue.PARTITION_FULL,),
    page_posted: (
        catalogue.PAGES,
        catalogue.RECORDS,
        catalogue.TRANSACTIONS,
        catalogue.REPEATS,
        catalogue.CONFLICTS,
        catalogue.MOOT,
        catalogue.DEAD_LETTERS,
        catalogue.PAGE_SECONDS,
        catalogue.PAGE_RECORDS,
        catalogue.ACCEPTED_TO_POSTED_SECONDS,
    ),
    outcomes_not_published: (catalogue.PUBLISH_FAILURES,),
    ledger_refuses: (catalogue.FENCES_HIT, catalogue.COMMITS_UNKNOWN, catalogue.HALTS),
    tried_again: (catalogue.RETRIES,),
    endpoint_called: (
        catalogue.WEBHOOK_ATTEMPTS,
        catalogue.WEBHOOK_ATTEMPT_SECONDS,
        catalogue.WEBHOOKS_DONE,
        catalogue.WEBHOOKS_DISABLED,
    ),
    endpoints_looked_after: (
        catalogue.WEBHOOK_ENDPOINTS,
        catalogue.WEBHOOKS_WAITING,
        catalogue.WEBHOOKS_OLDEST_SECONDS,
    ),
    events_lost: (catalogue.WEBHOOK_INTAKE_LAG, catalogue.WEBHOOK_EVENTS_LOST),
    lag_reported: (
        catalogue.LAG,
        catalogue.OLDEST_UNPOSTED_SECONDS,
        catalogue.UNPUBLISHED,
        catalogue.HALTED,
    ),
    integrity_checked: (catalogue.INTEGRITY_AGE_SECONDS, catalogue.INTEGRITY_FINDINGS),
    signing_waited_for: (catalogue.UNSIGNED_SECONDS,),
    dead_letters_reported: (catalogue.DEAD_LETTERS_HELD,),
}
