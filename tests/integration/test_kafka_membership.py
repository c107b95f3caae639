"""Members of the group that are slow, paused or at odds with the group."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.structs import TopicPartition

from adapters.outbound.kafka.command_feed import KafkaCommandFeed
from adapters.outbound.kafka.owner_calls import OwnerCalls
from infra.local.kafka import LocalKafka
from tests.builders import PARTITIONS, partition_for
from tests.contracts.test_command_feed import ALL, Owner
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, fresh_topics

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def topics(kafka: LocalKafka) -> AsyncIterator[KafkaLog]:
    async with fresh_topics(kafka.bootstrap_servers) as log:
        log.group = replace(log.group, session_timeout_seconds=6, heartbeat_seconds=2)
        yield log


@asynccontextmanager
async def other_process(topics: KafkaLog) -> AsyncIterator[asyncio.subprocess.Process]:
    member = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests/integration/paused_member.py"),
        topics.connection.bootstrap_servers,
        topics.commands,
        topics.group.group_id,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield member
    finally:
        member.kill()
        await member.wait()


async def _says(member: asyncio.subprocess.Process, *wanted: int) -> None:
    assert member.stdout is not None
    said: list[int] = []
    async with asyncio.timeout(60):
        while tuple(said[-len(wanted) :]) != wanted:
            said.append(int(await member.stdout.readline()))


async def test_a_member_that_was_paused_gives_up_what_it_had_and_joins_again(
    topics: KafkaLog,
) -> None:
    owner = Owner()
    async with other_process(topics) as member:
        await _says(member, PARTITIONS)
        async with topics.feed() as feed, feed.membership(owner):
            await eventually(lambda: len(owner.owned) == PARTITIONS // 2)
            member.send_signal(signal.SIGSTOP)
            await eventually(lambda: owner.owned == ALL)
            member.send_signal(signal.SIGCONT)
            await eventually(lambda: len(owner.owned) == PARTITIONS // 2)
            await _says(member, 0, PARTITIONS // 2, 0, PARTITIONS // 2)
        await _says(member, PARTITIONS)


async def test_a_member_that_dies_is_replaced(topics: KafkaLog) -> None:
    owner = Owner()
    async with topics.feed() as feed, feed.membership(owner):
        async with other_process(topics) as member:
            await _says(member, PARTITIONS // 2)
        await eventually(lambda: owner.owned == ALL)


async def test_the_groups_offset_follows_what_is_advised(topics: KafkaLog) -> None:
    owner = Owner()
    place = TopicPartition(topics.commands, partition_for("alice"))
    async with topics.feed() as feed, feed.membership(owner), topics.admin() as admin:
        await eventually(lambda: owner.owned == ALL)
        await feed.advise(place.partition, 41)
        await feed.advise(place.partition, 42)

        async def followed() -> bool:
            offsets = await admin.list_consumer_group_offsets(topics.group.group_id)
            return place in offsets and offsets[place].offset == 42

        await eventually(followed)


async def test_a_member_that_the_group_does_not_know_joins_anew(
    topics: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Owner()
    monkeypatch.setattr("adapters.outbound.kafka.membership.POLL_SECONDS", 0.02)
    async with topics.feed() as feed, feed.membership(owner):
        await eventually(lambda: owner.owned == ALL)
        assert isinstance(feed, KafkaCommandFeed)
        told = len(owner.told)
        with monkeypatch.context() as misled:
            misled.setattr(feed._queries, "group_client_ids", _nobody)
            await eventually(lambda: ("revoked", ALL) in owner.told[told:])
        await eventually(lambda: owner.owned == ALL)


async def _nobody(group_id: str) -> frozenset[str]:
    return frozenset()


class SlowOwner(Owner):
    """Drains until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.drained = asyncio.Event()

    async def revoked(self, partitions: frozenset[int]) -> None:
        await self.drained.wait()
        await super().revoked(partitions)


async def test_a_drain_that_takes_too_long_is_left_behind_and_what_follows_waits_for_it() -> None:
    owner = SlowOwner()
    calls = OwnerCalls(owner, drain_seconds=0.05)
    await calls.assign(frozenset({1, 2}))
    await calls.revoke_all()
    await calls.assign(frozenset({2}))
    await asyncio.sleep(0)
    assert owner.told == [("assigned", frozenset({1, 2}))]
    owner.drained.set()
    await eventually(lambda: len(owner.told) == 3)
    assert owner.told[1:] == [
        ("revoked", frozenset({1, 2})),
        ("assigned", frozenset({2})),
    ]


class RaisingOwner(Owner):
    """Breaks its promise."""

    async def assigned(self, partitions: frozenset[int]) -> None:
        await super().assigned(partitions)
        raise ValueError("a bug")


async def test_an_owner_that_raises_is_told_what_follows_all_the_same() -> None:
    owner = RaisingOwner()
    calls = OwnerCalls(owner, drain_seconds=5)
    await calls.assign(frozenset({1}))
    await calls.revoke_all()
    assert owner.owned == frozenset()
    assert [what for what, _ in owner.told] == ["assigned", "revoked"]
