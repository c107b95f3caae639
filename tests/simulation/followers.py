"""Followers of the live stream: cut off time and again, they come back where they were."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark
from core.entities.outcome_event import OutcomeEvent
from core.errors import StreamOverError, UnavailableError
from core.ports.live_events import EventStream
from core.refusals import TooManyStreamsError
from core.usecases.follow_events import EventsDraft
from tests.simulation.clients import ApiHost
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine
from tests.simulation.stage.connection import Connection

MARK_SECONDS: Final = 1.0
"""Of quiet, after which the server says where the stream stands."""
SILENCE_SECONDS: Final = 3.0
"""After which a follower takes its connection for dead."""
RETRY_SECONDS: Final = 1.0
_SLOW_SECONDS: Final = 2.0


class Frame(NamedTuple):
    """An event with its id, or an id alone."""

    bookmark: FeedBookmark
    event: OutcomeEvent | None = None


@dataclass(slots=True)
class Follower:
    """Follows until it is cancelled. `begins_at` is the first id that it ever got."""

    machine: Machine
    hosts: Sequence[ApiHost]
    wanted: EventFilter
    begins_at: FeedBookmark | None = field(default=None, init=False)
    bookmark: FeedBookmark | None = field(default=None, init=False)
    events: list[OutcomeEvent] = field(default_factory=list, init=False)

    async def run(self) -> None:
        """Come back whenever the stream is over, by any process."""
        while True:
            connection = Connection[Frame](self.machine)
            host = self.machine.chance.one_of(self.hosts)
            serving = partial(_serve, host, self._draft(), connection)
            answer = self.machine.begin(host.process, serving)
            with suppress(ConnectionError):
                await self._take_all(connection)
            connection.cut()
            if answer.done():
                # Whatever it was refused for, that was no reason to refuse it.
                answer.result()
            await asyncio.sleep(self.machine.chance.between(0, RETRY_SECONDS))

    def _draft(self) -> EventsDraft:
        bookmark = None if self.bookmark is None else str(self.bookmark)
        return EventsDraft(user_id=self.wanted.user_id, bookmark=bookmark)

    async def _take_all(self, connection: Connection[Frame]) -> None:
        chance, strikes = self.machine.chance, self.machine.weather.strikes
        while True:
            frames = await connection.take(SILENCE_SECONDS)
            is_cut = strikes(Fault.STREAM_CUT)
            for frame in frames[: chance.count(0, len(frames)) if is_cut else len(frames)]:
                self._take(frame)
            if is_cut:
                return
            if strikes(Fault.STREAM_SLOW):
                await asyncio.sleep(chance.between(0, _SLOW_SECONDS))

    def _take(self, frame: Frame) -> None:
        self.begins_at = self.begins_at or frame.bookmark
        self.bookmark = frame.bookmark
        if frame.event is not None:
            self.events.append(frame.event)


async def _serve(host: ApiHost, draft: EventsDraft, connection: Connection[Frame]) -> None:
    """What an API process does with a follower, as its HTTP side does it."""
    try:
        async with host.api.follow_events(draft) as stream:
            connection.when_lost(stream.close)
            await _send(stream, connection)
    except (UnavailableError, TooManyStreamsError, ConnectionError):
        # It comes again.
        pass
    finally:
        connection.end()


async def _send(stream: EventStream, connection: Connection[Frame]) -> None:
    await connection.write(Frame(stream.bookmark))
    while True:
        try:
            async with asyncio.timeout(MARK_SECONDS):
                events = await stream.next()
        except TimeoutError:
            await connection.write(Frame(stream.bookmark))
        except StreamOverError:
            return
        else:
            for one in events:
                await connection.write(Frame(one.bookmark, one.event))
