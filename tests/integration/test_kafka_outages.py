"""Kafka is killed, hangs, or was never there; nothing hangs with it, and all heals by itself."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from adapters.outbound.kafka.dependency import KafkaDependency
from core.entities.command import Command
from core.entities.page import LedgerState, Outcomes
from core.errors import EventsUnavailableError, LogUnavailableError
from core.ports.command_feed import RecordReader
from core.ports.command_log import Appended, CommandLog
from core.posting.post import post
from tests.builders import PARTITIONS, deposit, logged, partition_for
from tests.contracts.test_command_feed import ALL, Owner
from tests.eventually import eventually
from tests.integration.broker import Broker
from tests.kafka_log import KafkaLog, connected
from tests.reading import reading
from tests.servers import scratch_folder

ALICE = partition_for("alice")
PLENTY = 1_000_000
ANSWER_SECONDS = 2.5
"""What "within about two seconds" means on a machine that has much to do."""


@pytest.fixture(scope="module")
async def broker() -> AsyncIterator[Broker]:
    """Every test leaves it as it was: running."""
    with scratch_folder() as folder:
        one = Broker(folder)
        await one.prepare()
        await one.start()
        try:
            yield one
        finally:
            await one.stop()


@pytest.fixture
async def topics(broker: Broker) -> KafkaLog:
    log = KafkaLog(broker.bootstrap_servers)
    await log.create()
    return log


class Load:
    """Users who deposit one after the other, for as long as the context lasts."""

    def __init__(self, log: CommandLog) -> None:
        self._log = log
        self._users: list[asyncio.Task[None]] = []
        self.confirmed: list[tuple[Command, Appended]] = []
        self.certain_refusals = 0
        self.uncertain_refusals = 0

    async def __aenter__(self) -> "Load":
        self._users = [asyncio.create_task(self._use(f"user-{number}")) for number in range(20)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for user in self._users:
            user.cancel()
        results = await asyncio.gather(*self._users, return_exceptions=True)
        # A user who got no answer in time has ended with a TimeoutError.
        assert {type(result) for result in results} == {asyncio.CancelledError}

    async def _use(self, user_id: str) -> None:
        for amount in count(1):
            command = deposit(user_id, amount)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self.confirmed.append((command, await self._log.append(command)))
            except LogUnavailableError as error:
                self.uncertain_refusals += error.may_have_been_accepted
                self.certain_refusals += not error.may_have_been_accepted
                await asyncio.sleep(0.05)

    async def goes_on(self) -> None:
        """Return when more was confirmed than before."""
        enough = len(self.confirmed) + 200
        await eventually(lambda: len(self.confirmed) >= enough)

    async def is_refused(self) -> None:
        """Return when commands are refused at once, since it is known that Kafka is away."""
        enough = self.certain_refusals + 20
        await eventually(lambda: self.certain_refusals >= enough)


async def _all_confirmed_are_in_the_log(topics: KafkaLog, load: Load) -> None:
    places = {appended.position: command for command, appended in load.confirmed}
    assert len(places) == len(load.confirmed)
    async with topics.feed() as feed:
        for partition in {position.partition for position in places}:
            extent = await feed.extent(partition)
            async with reading(feed, partition, 0) as reader:
                offset = 0
                while offset < extent.end_offset:
                    for record in await reader.read(1_000, PLENTY):
                        command = places.pop(record.position, record.content)
                        assert record.content == command
                        offset = record.position.offset + 1
    assert places == {}


async def test_a_killed_broker_costs_no_confirmed_command_and_its_return_is_enough(
    broker: Broker, topics: KafkaLog
) -> None:
    async with topics.command_log() as log, Load(log) as load:
        await load.goes_on()
        await broker.kill()
        await load.is_refused()
        await broker.start()
        await load.goes_on()
    await _all_confirmed_are_in_the_log(topics, load)


async def test_a_broker_that_hangs_is_answered_for_in_time_and_its_return_is_enough(
    broker: Broker, topics: KafkaLog
) -> None:
    async with topics.command_log() as log, Load(log) as load:
        await load.goes_on()
        broker.pause()
        try:
            await load.is_refused()
            assert load.uncertain_refusals > 0
            with pytest.raises(LogUnavailableError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await log.end(ALICE)
        finally:
            broker.resume()
        await load.goes_on()
        await log.end(ALICE)
    await _all_confirmed_are_in_the_log(topics, load)


async def test_kafka_may_come_after_whoever_needs_it(broker: Broker, topics: KafkaLog) -> None:
    await broker.kill()
    health = KafkaDependency(topics.connection, topics.commands, PARTITIONS)
    async with topics.command_log() as log, health:
        with pytest.raises(LogUnavailableError) as refused:
            await log.append(deposit())
        assert not refused.value.may_have_been_accepted
        assert await health.trouble() is not None
        await broker.start()
        await connected(log)
        await log.append(deposit())
        assert await health.trouble() is None


@pytest.mark.parametrize("hangs", [False, True], ids=["gone", "hanging"])
async def test_leaving_takes_no_broker(broker: Broker, topics: KafkaLog, hangs: bool) -> None:
    owner = Owner()
    async with asyncio.timeout(60):
        try:
            async with topics.command_log() as log, topics.feed() as feed:
                await connected(log)
                async with feed.membership(owner), feed.reader(ALICE, 0, "of whatever topic"):
                    await eventually(lambda: owner.owned == ALL)
                    if hangs:
                        broker.pause()
                    else:
                        await broker.kill()
                    unanswered = asyncio.create_task(log.append(deposit()))
                    await asyncio.sleep(0)
            with pytest.raises(LogUnavailableError):
                await unanswered
            assert owner.owned == frozenset()
        finally:
            if hangs:
                broker.resume()
            else:
                await broker.start()


async def _read_one(reader: RecordReader) -> Command:
    (record,) = await reader.read(1, PLENTY)
    assert isinstance(record.content, Command)
    return record.content


async def test_a_reader_goes_on_or_says_that_it_does_not(broker: Broker, topics: KafkaLog) -> None:
    first, second = deposit("alice", 1), deposit("alice", 2)
    async with topics.command_log() as log, topics.feed() as feed:
        await connected(log)
        await log.append(first)
        async with reading(feed, ALICE, 0) as reader:
            assert await _read_one(reader) == first
            broker.pause()
            try:
                with pytest.raises(LogUnavailableError):
                    await reader.read(1, PLENTY)
                with pytest.raises(LogUnavailableError):
                    await feed.extent(ALICE)
            finally:
                broker.resume()
            await eventually(lambda: log.is_connected)
            await log.append(second)
            assert await _read_one_once_it_can(reader) == second


async def _read_one_once_it_can(reader: RecordReader) -> Command:
    """Each of the reader's clients finds out by itself that the broker is back."""
    read: list[Command] = []

    async def goes_on() -> bool:
        try:
            read.append(await _read_one(reader))
        except LogUnavailableError:
            return False
        return True

    await eventually(goes_on)
    (one,) = read
    return one


async def test_a_reader_does_not_start_while_kafka_is_away(
    broker: Broker, topics: KafkaLog
) -> None:
    async with topics.feed() as feed:
        await broker.kill()
        try:
            with pytest.raises(LogUnavailableError):
                async with feed.reader(ALICE, 0, "of whatever topic"):
                    pass
        finally:
            await broker.start()

        async def starts() -> bool:
            try:
                async with feed.reader(ALICE, 0, "of whatever topic"):
                    return True
            except LogUnavailableError:
                return False

        await eventually(starts)


async def test_a_member_gets_its_partitions_again_after_kafka_was_away(
    broker: Broker, topics: KafkaLog
) -> None:
    owner = Owner()
    async with topics.feed() as feed, feed.membership(owner):
        await eventually(lambda: owner.owned == ALL)
        told = len(owner.told)
        await broker.kill()
        await broker.start()
        # Partitions may stay where they are, or be taken back and given again.
        async with topics.feed() as other_feed, other_feed.membership(Owner()):
            await eventually(lambda: len(owner.owned) == PARTITIONS // 2, 90)
        await eventually(lambda: owner.owned == ALL, 90)
        assert len(owner.told) > told


async def test_outcomes_are_told_again_as_soon_as_kafka_is_back(
    broker: Broker, topics: KafkaLog
) -> None:
    outcomes = Outcomes(post([logged(deposit())], LedgerState({}, {})).transactions, ())
    async with topics.events() as events:
        await eventually(lambda: events.is_connected)
        await broker.kill()
        try:
            with pytest.raises(EventsUnavailableError):
                await events.publish(ALICE, outcomes)
        finally:
            await broker.start()

        async def told() -> bool:
            try:
                await events.publish(ALICE, outcomes)
            except EventsUnavailableError:
                return False
            return True

        await eventually(told)
    assert await topics.read_all(topics.transactions, ALICE, 1)
