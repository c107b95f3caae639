"""A member whose consumer has lost its way joins again with another one."""

import asyncio
from collections.abc import Collection

import pytest

from adapters import background
from adapters.outbound.kafka import membership as membership_module
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.membership import GroupSettings, Membership
from adapters.outbound.kafka.owner_calls import OwnerCalls
from adapters.outbound.kafka.queries import TopicQueries
from core.errors import LogUnavailableError
from tests.eventually import eventually

SETTINGS = GroupSettings("commands", "processors", 0.02, 0.01, 0.02)


class Consumer:
    """Polls at once, or for ever."""

    def __init__(self, *, polls: bool) -> None:
        self.polls = polls
        self.stopped = False

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

    async def _join(self, purpose: str) -> Consumer:
        if not self.waiting:
            await asyncio.Event().wait()
        return self.waiting.pop(0)


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
