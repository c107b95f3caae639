"""What the processes of a world are made of: real use cases and workers, over doubles of ports.

A bug is planted by replacing one of these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.inbound.webhooks.bodies import WebhookBodies
from adapters.inbound.webhooks.courier import Courier, CourierLimits
from adapters.inbound.webhooks.dispatch import Dispatch
from adapters.inbound.webhooks.intake import EventIntake
from adapters.inbound.worker.expiry import HoldExpiry
from adapters.inbound.worker.page_teller import PageTeller
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.publisher import Telling
from adapters.inbound.worker.worker import Work, WorkerLimits
from adapters.live_events.limits import StreamLimits
from adapters.metrics.instruments import Metrics
from adapters.outbound.system.currencies import IsoCurrencies
from adapters.position_watch import LedgerPositionWatch
from core.condemning import Post
from core.entities.transaction_id import with_shard
from core.ports.clock import Clock
from core.ports.command_log import CommandLog
from core.ports.event_feed import EventFeed
from core.ports.events import Events
from core.ports.ledger_reader import LedgerReader
from core.ports.live_events import LiveEvents
from core.ports.partitions import Partitions
from core.ports.position_watch import PositionWatch
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.ports.webhooks.intake import WebhookIntake
from core.ports.webhooks.queue import WebhookQueue
from core.ports.webhooks.sender import WebhookSender
from core.posting.post import post
from core.usecases.accepting import NewCommand
from core.usecases.check_ownership import CheckOwnership
from core.usecases.checks import Checks
from core.usecases.expire_holds import ExpireHolds
from core.usecases.follow_events import FollowEvents
from core.usecases.halt_partition import HaltPartition
from core.usecases.post_page import PageLimits, PostPage
from core.usecases.publish_outcomes import PublishOutcomes
from core.usecases.read_halt import ReadHalt
from core.usecases.read_statement import ReadStatement
from core.usecases.read_transaction import ReadTransaction
from core.usecases.record_published import RecordPublished
from core.usecases.reposting import Books
from core.usecases.submit_command import SubmitCommand
from core.usecases.take_over import TakeOver
from core.usecases.tell_pages import TellPages
from tests.restoring import restoring
from tests.simulation.machine.chance import Chance
from tests.simulation.stage.events import REPRESENTATIONS
from tests.simulation.stage.feed import SimulatedFeed
from tests.simulation.stage.ledger import SimulatedLedger
from tests.simulation.stage.pages import SimulatedPages
from tests.simulation.stage.receivers import CALL_SECONDS

MAX_PAGE_RECORDS: Final = 6
MAX_CONDEMNED_IN_A_ROW: Final = 50
DRAIN_SECONDS: Final = 3.0
MAX_WAITERS: Final = 100
STREAM_LIMITS: Final = StreamLimits(
    max_streams=4,
    max_catch_ups=1,
    queue_events=5,
    history_events=4,
    catch_up_seconds=2.0,
)


class CountedIds:
    """`Ids` that were never given before in this world."""

    def __init__(self) -> None:
        self._count = 0

    def new_transaction_id(self, shard: int) -> UUID:
        """A version 7 that carries `shard`."""
        self._count += 1
        return with_shard(UUID(int=self._count << 80 | 7 << 76 | 2 << 62), shard)


CURRENCIES: Final = IsoCurrencies()


def checks(partition_count: int) -> Checks:
    """Checks of what clients write."""
    return Checks(CURRENCIES, "USD", partition_count)


@dataclass(frozen=True, slots=True)
class Ports:
    """The doubles of one process."""

    ledger: SimulatedLedger
    reader: LedgerReader
    partitions: Partitions
    log: CommandLog
    feed: SimulatedFeed
    events: Events
    pages: SimulatedPages
    event_feed: EventFeed
    live_events: LiveEvents
    webhook_endpoints: WebhookEndpoints
    webhook_intake: WebhookIntake
    webhook_queue: WebhookQueue
    webhook_sender: WebhookSender
    clock: Clock
    post: Post = post


@dataclass(frozen=True, slots=True)
class Api:
    """The use cases of one API process. `watch` runs while its context lasts."""

    submit: SubmitCommand
    read_transaction: ReadTransaction
    read_statement: ReadStatement
    follow_events: FollowEvents
    watching: LedgerPositionWatch


Watch = Callable[[LedgerPositionWatch], PositionWatch]


def api(ports: Ports, ids: CountedIds, partition_count: int, watch: Watch) -> Api:
    """As bootstrap wires it."""
    known = checks(partition_count)
    watching = LedgerPositionWatch(ports.reader, MAX_WAITERS)
    watched = watch(watching)
    return Api(
        SubmitCommand(NewCommand(known, ids), ports.log, ports.reader, watched),
        ReadTransaction(known, ports.log, ports.reader, watched),
        ReadStatement(known, ports.reader, watched),
        FollowEvents(known, ports.live_events),
        watching,
    )


@dataclass(frozen=True, slots=True)
class Processor:
    """The worker pool of one processor, and what runs beside it."""

    pool: WorkerPool
    expiry: HoldExpiry


def processor(ports: Ports, partition_count: int, rewired: Callable[[Work], Work]) -> Processor:
    """As bootstrap wires it."""
    tell_pages = PageTeller(TellPages(ports.ledger, ports.pages))
    publish = PublishOutcomes(ports.events)
    limits = PageLimits(MAX_PAGE_RECORDS, 40, MAX_CONDEMNED_IN_A_ROW)
    work = Work(
        feed=ports.feed,
        restore=restoring(
            Books(ports.ledger, ports.partitions), ports.pages, ports.feed, partition_count
        ),
        take_over=TakeOver(ports.ledger, ports.feed, tell_pages, publish),
        post_page=PostPage(ports.ledger, limits, partition_count, ports.post),
        check_ownership=CheckOwnership(ports.ledger),
        read_halt=ReadHalt(ports.ledger),
        halt_partition=HaltPartition(ports.ledger),
        telling=Telling(tell_pages, publish, RecordPublished(ports.ledger)),
        limits=WorkerLimits(MAX_PAGE_RECORDS, 1 << 16, DRAIN_SECONDS),
    )
    pool = WorkerPool(rewired(work))
    return Processor(pool, HoldExpiry(pool, ExpireHolds(ports.ledger, ports.log, ports.clock)))


_METRICS: Final = Metrics().webhooks
"""Nobody looks at them."""


@dataclass(frozen=True, slots=True)
class _Dice:
    """`Chance` of a process of this world."""

    chance: Chance

    def fraction(self) -> float:
        """A number from 0 to 1."""
        return self.chance.between(0, 1)

    def key(self, size_bytes: int) -> bytes:
        """Bytes that nobody foresees who does not know the seed."""
        return bytes(self.chance.count(0, 255) for _ in range(size_bytes))


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What tells endpoints, in one process."""

    intake: EventIntake
    dispatch: Dispatch


def webhooks(ports: Ports, chance: Chance) -> Webhooks:
    """As bootstrap wires it, without upkeep and replays."""
    courier = Courier(
        queue=ports.webhook_queue,
        bodies=WebhookBodies(ports.reader, REPRESENTATIONS),
        sender=ports.webhook_sender,
        clock=ports.clock,
        chance=_Dice(chance),
        metrics=_METRICS,
        limits=CourierLimits(in_flight=2, call_seconds=CALL_SECONDS),
    )
    dispatch = Dispatch(ports.webhook_queue, courier, ports.clock, DRAIN_SECONDS)
    intake = EventIntake(
        feed=ports.event_feed,
        intake=ports.webhook_intake,
        endpoints=ports.webhook_endpoints,
        clock=ports.clock,
        metrics=_METRICS,
        arrived=dispatch.arrived,
    )
    return Webhooks(intake, dispatch)
