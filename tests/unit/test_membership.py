"""A member whose consumer has lost its way joins again with another one."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

import pytest
from aiokafka import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from adapters import background
from adapters.outbound.kafka import membership as membership_module
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.membership import GroupSettings, Membership
from adapters.outbound.kafka.owner_calls import OwnerCalls
from adapters.outbound.kafka.queries import TopicQueries
from core.errors import LogUnavailableError
from tests.eventually import eventually

SETTINGS = GroupSettings("commands", "processors", 0.02, 0.01, 0.02)
PLACE: Final = {TopicPartition(SETTINGS.topic, 1)}


class Consumer:
    """Polls at once, or for ever. Its group shares out partitions when a test says so."""

    def __init__(self, *, polls: bool) -> None:
        self.polls = polls
        self.stopped = False
        self.listener: ConsumerRebalanceListener = None

    async def start(self) -> None:
        """Kafka is there."""

    def subscribe(self, topics: Sequence[str], listener: ConsumerRebalanceListener) -> None:
        assert topics == [SETTINGS.topic]
        self.listener = listener

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Nothing is ever read."""

    def pause(self, place: TopicPartition) -> None:
        """Nothing is ever read."""

    async def getmany(self, timeout_ms: int) -> None:
        assert timeout_ms == 0
        if not self.polls:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        self.stopped = True


class Queries(TopicQueries):
    """A group that may know nobody, and a Kafka that may be away."""

    def __init__(self) -> None:
        super().__init__(KafkaConnection("127.0.0.1:1"), "commands", "test")
        self.on_the_roll: Collection[str] = ()
        self.is_away = False

    async def group_client_ids(self, group_id: str) -> Collection[str]:
        if self.is_away:
            raise LogUnavailableError("away", may_have_been_accepted=False)
        return self.on_the_roll


class Owner:
    """Wants nothing."""

    async def assigned(self, partitions: frozenset[int]) -> None: ...

    async def revoked(self, partitions: frozenset[int]) -> None: ...


class RecordingOwner(Owner):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def assigned(self, partitions: frozenset[int]) -> None:
        self.told.append(f"assigned {sorted(partitions)}")

    async def revoked(self, partitions: frozenset[int]) -> None:
        self.told.append(f"revoked {sorted(partitions)}")


class RebalancingConsumer(Consumer):
    """Its group shares out partitions once more while it stops."""

    async def stop(self) -> None:
        places = {TopicPartition(SETTINGS.topic, 7)}
        await self.listener.on_partitions_assigned(places)
        await self.listener.on_partitions_revoked(places)
        await super().stop()


class SlowOwner(Owner):
    """Has work in hand until it is let go."""

    def __init__(self) -> None:
        self.revoking = asyncio.Event()
        self.drained = asyncio.Event()

    async def revoked(self, partitions: frozenset[int]) -> None:
        self.revoking.set()
        await self.drained.wait()


class Member(Membership):
    """One whose consumers come from a list."""

    def __init__(
        self, queries: Queries, *consumers: Consumer, calls: OwnerCalls | None = None
    ) -> None:
        super().__init__(
            KafkaConnection("127.0.0.1:1"), SETTINGS, queries, calls or OwnerCalls(Owner(), 1.0)
        )
        self.waiting = list(consumers)

    def _new_consumer(self, purpose: str) -> Consumer:
        return self.waiting.pop(0) if self.waiting else Consumer(polls=True)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership_module, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(membership_module, "POLL_TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(membership_module, "ROLL_CALL_SECONDS", 0.01)


async def test_a_rebalance_that_does_not_end_is_left() -> None:
    queries = Queries()
    queries.is_away = True
    stuck, sound = Consumer(polls=False), Consumer(polls=True)
    member = Member(queries, stuck, sound)
    async with member.lasting():
        await eventually(lambda: stuck.stopped)
        await eventually(lambda: not member.waiting)
    assert sound.stopped


@pytest.mark.parametrize("polls", [True, False])
async def test_a_member_that_the_group_does_not_know_joins_again(
    monkeypatch: pytest.MonkeyPatch, *, polls: bool
) -> None:
    monkeypatch.setattr(GroupSettings, "longest_rebalance_seconds", 3_600.0)
    lost = Consumer(polls=polls)
    async with Member(Queries(), lost).lasting():
        await eventually(lambda: lost.stopped)


async def test_a_member_stays_while_kafka_is_away() -> None:
    queries = Queries()
    queries.is_away = True
    sound = Consumer(polls=True)
    async with Member(queries, sound).lasting():
        with pytest.raises(AssertionError):
            await eventually(lambda: sound.stopped, 0.2)


async def test_who_leaves_is_given_nothing_more() -> None:
    owner, consumer = RecordingOwner(), RebalancingConsumer(polls=True)
    async with Member(Queries(), consumer, calls=OwnerCalls(owner, 1.0)).lasting():
        await eventually(lambda: consumer.listener is not None)
        await consumer.listener.on_partitions_assigned(PLACE)
        await eventually(lambda: owner.told != [])
    assert consumer.stopped
    assert owner.told == ["assigned [1]", "revoked [1]"]


async def test_who_is_given_something_while_it_leaves_does_not_take_it() -> None:
    class SlowRecorder(RecordingOwner):
        revoking, drained = asyncio.Event(), asyncio.Event()

        async def revoked(self, partitions: frozenset[int]) -> None:
            self.revoking.set()
            await self.drained.wait()
            await super().revoked(partitions)

    owner, consumer = SlowRecorder(), Consumer(polls=True)

    async def come_and_go() -> None:
        async with Member(Queries(), consumer, calls=OwnerCalls(owner, 60.0)).lasting():
            await eventually(lambda: consumer.listener is not None)
            await consumer.listener.on_partitions_assigned(PLACE)
            await eventually(lambda: owner.told != [])

    leaving = asyncio.create_task(come_and_go())
    await owner.revoking.wait()
    await consumer.listener.on_partitions_assigned({TopicPartition(SETTINGS.topic, 7)})
    owner.drained.set()
    await leaving
    assert owner.told == ["assigned [1]", "revoked [1]"]


class Rebalanced(Consumer):
    """Stops when the rebalance that it is in has ended."""

    rebalance: "asyncio.Task[None] | None" = None

    async def stop(self) -> None:
        if self.rebalance is not None:
            await self.rebalance
        await super().stop()


@pytest.mark.parametrize("is_lost", [False, True])
async def test_who_stops_in_the_middle_of_a_drain_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, *, is_lost: bool
) -> None:
    """Of a rebalance, or of a membership that was lost."""
    monkeypatch.setattr(membership_module, "CLOSE_SECONDS", 0.01)
    owner, consumer, queries = SlowOwner(), Rebalanced(polls=True), Queries()
    queries.is_away = not is_lost
    calls = OwnerCalls(owner, drain_seconds=60.0)

    async def come_and_go() -> None:
        async with Member(queries, consumer, calls=calls).lasting():
            await eventually(lambda: consumer.listener is not None)
            await consumer.listener.on_partitions_assigned(PLACE)
            if not is_lost:
                revoking = consumer.listener.on_partitions_revoked(PLACE)
                consumer.rebalance = asyncio.create_task(revoking)
            await owner.revoking.wait()

    leaving = asyncio.create_task(come_and_go())
    await asyncio.wait({leaving}, timeout=0.3)
    assert owner.revoking.is_set()
    assert not leaving.done()
    owner.drained.set()
    await leaving
    assert consumer.stopped


async def test_a_consumer_that_was_given_up_takes_nothing_from_its_successor() -> None:
    owner, stuck, sound = RecordingOwner(), RebalancingConsumer(polls=False), Consumer(polls=True)
    queries = Queries()
    queries.is_away = True
    async with Member(queries, stuck, sound, calls=OwnerCalls(owner, 1.0)).lasting():
        await eventually(lambda: sound.listener is not None)
        await sound.listener.on_partitions_assigned(PLACE)
        await stuck.listener.on_partitions_revoked(PLACE)
        await eventually(lambda: owner.told != [])
        assert owner.told == ["assigned [1]"]


async def test_who_leaves_finishes_the_work_in_hand_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "CANCEL_AGAIN_SECONDS", 0.001)
    owner, consumer = SlowOwner(), Consumer(polls=True)
    calls = OwnerCalls(owner, drain_seconds=3_600.0)
    await calls.assign(frozenset({1}))

    async def leave_when_joined(member: Member) -> None:
        async with member.lasting():
            await eventually(lambda: not member.waiting)

    leaving = asyncio.create_task(leave_when_joined(Member(Queries(), consumer, calls=calls)))
    await owner.revoking.wait()
    await asyncio.wait({leaving}, timeout=0.05)
    assert not leaving.done()
    assert not consumer.stopped
    owner.drained.set()
    await leaving
    assert consumer.stopped
