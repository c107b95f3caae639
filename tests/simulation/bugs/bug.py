"""What a planted bug may replace, and what it is known by."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.inbound.worker.worker import Work
from adapters.live_events.limits import StreamLimits
from adapters.live_events.streams import EventStreams
from adapters.position_watch import LedgerPositionWatch
from core.condemning import Post
from core.ports.clock import Clock
from core.ports.live_events import LiveEvents
from core.ports.position_watch import PositionWatch
from core.posting.post import post
from tests.simulation.parts import Api
from tests.simulation.promises.promise import Promise
from tests.simulation.stage.database import Database
from tests.simulation.stage.event_feed import SimulatedEventFeed
from tests.simulation.stage.events import SimulatedEvents
from tests.simulation.stage.feed import SimulatedFeed
from tests.simulation.stage.ledger import SimulatedLedger
from tests.simulation.stage.log import SimulatedCommandLog
from tests.simulation.stage.pages import SimulatedPages
from tests.simulation.stage.receivers import SimulatedSender
from tests.simulation.stage.remote import RemoteReader
from tests.simulation.stage.webhook_tables import SimulatedWebhookIntake, SimulatedWebhookQueue


def _as_it_is(watch: LedgerPositionWatch) -> PositionWatch:
    return watch


def _any_api(api: Api) -> Api:
    return api


def _as_wired(work: Work) -> Work:
    return work


def _sound_rules(_: Clock) -> Post:
    return post


@dataclass(frozen=True, slots=True)
class Doubles:
    """How a world makes the doubles of its processes: sound ones, unless a bug says otherwise."""

    database: type[Database] = Database
    ledger: type[SimulatedLedger] = SimulatedLedger
    reader: type[RemoteReader] = RemoteReader
    command_log: type[SimulatedCommandLog] = SimulatedCommandLog
    feed: type[SimulatedFeed] = SimulatedFeed
    events: type[SimulatedEvents] = SimulatedEvents
    pages: type[SimulatedPages] = SimulatedPages
    event_feed: type[SimulatedEventFeed] = SimulatedEventFeed
    live_events: Callable[[SimulatedEventFeed, StreamLimits], LiveEvents] = EventStreams
    webhook_intake: type[SimulatedWebhookIntake] = SimulatedWebhookIntake
    webhook_queue: type[SimulatedWebhookQueue] = SimulatedWebhookQueue
    webhook_sender: type[SimulatedSender] = SimulatedSender
    rules: Callable[[Clock], Post] = _sound_rules
    watch: Callable[[LedgerPositionWatch], PositionWatch] = _as_it_is
    api: Callable[[Api], Api] = _any_api
    work: Callable[[Work], Work] = _as_wired


SOUND = Doubles()


@dataclass(frozen=True, slots=True)
class Bug:
    """A safeguard that is missing. `promise` is the one whose checker must find it."""

    name: str
    promise: Promise
    doubles: Doubles
