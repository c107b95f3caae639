"""Whoever is cut off and comes back, wherever, misses nothing and gets nothing twice."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from itertools import cycle

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.background import beside
from core.entities.event_filter import EventFilter
from core.entities.outcome_event import OutcomeEvent
from core.errors import StreamOverError
from tests.staged_feed import StagedFeed
from tests.unit.live_events.following import DEADLINE_SECONDS, SMALL, Client, streams_of

PARTITIONS = 3
USERS = ("alice", "bob")
COUNTED = 60
"""Events that must have been seen."""


class Script:
    """What the chance of one example decides, again and again."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = cycle(numbers)

    def up_to(self, most: int) -> int:
        return next(self._numbers) % (most + 1)


@given(
    st.lists(st.integers(0, 1_000), min_size=5, max_size=60),
    st.sampled_from([None, "alice"]),
    st.booleans(),
)
# What fails waits for what does not come: to shrink it would take long.
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
async def test_nothing_is_missed_and_nothing_comes_twice(
    numbers: list[int], user_id: str | None, lasts: bool
) -> None:
    script = Script(numbers)
    feed = StagedFeed(PARTITIONS)
    feed.max_run = 1 + script.up_to(3)
    feed.pauses = [script.up_to(6) for _ in range(200)]
    processes = [streams_of(feed), streams_of(feed)]
    client = Client(EventFilter(user_id))
    told: list[OutcomeEvent] = []
    async with AsyncExitStack() as stack, asyncio.timeout(DEADLINE_SECONDS):
        for process in processes if lasts else []:
            # Somebody else keeps the tail of each process running.
            await stack.enter_async_context(process.stream(EventFilter("nobody"), None))
        async with client.connected(processes[0]):
            pass
        async with beside(_tell(feed, Script(numbers[1:]), told), "telling"):
            while not (len(told) >= COUNTED and client.saw(_wanted(told[:COUNTED], user_id))):
                # A stream whose client is too slow ends by itself.
                with suppress(StreamOverError):
                    async with client.connected(processes[script.up_to(1)]) as stream:
                        for _ in range(script.up_to(3)):
                            await client.look(stream)
                        await client.look(stream, cut_after=1 + script.up_to(2))
    counted = _wanted(told[:COUNTED], user_id)
    seen = [one for one in client.seen if one in counted]
    assert sorted(seen, key=_id) == sorted(counted, key=_id)
    for partition in range(PARTITIONS):
        offsets = [one.position.offset for one in client.seen if one.position[0] == partition]
        assert offsets == sorted(set(offsets))
    assert feed.open_readers == 0


async def _tell(feed: StagedFeed, script: Script, told: list[OutcomeEvent]) -> None:
    """Tell until nobody wants to know any more: whoever looks on never waits in vain."""
    while True:
        for _ in range(script.up_to(4)):
            await asyncio.sleep(0)
        if script.up_to(9) == 0:
            feed.tell_what_nobody_can_read(script.up_to(PARTITIONS - 1))
        told.append(feed.tell(script.up_to(PARTITIONS - 1), USERS[: script.up_to(2)]))
        if len(told) >= COUNTED:
            feed.tell(0, ("alice",))
        await asyncio.sleep(0)


def _wanted(told: Sequence[OutcomeEvent], user_id: str | None) -> Sequence[OutcomeEvent]:
    return [one for one in told if user_id is None or user_id in one.users]


def _id(event: OutcomeEvent) -> int:
    return event.event_id.int


def test_the_history_fits_into_a_queue() -> None:
    assert SMALL.history_events <= SMALL.queue_events
