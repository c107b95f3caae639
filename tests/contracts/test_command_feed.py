"""What every `CommandFeed` promises."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.outbound.kafka import topic_identity
from core.entities.command import Command
from core.entities.record import Record, Undecodable, record_hash
from core.errors import HaltError, LogUnavailableError
from core.ports.command_feed import RecordReader
from infra.local.kafka import LocalKafka
from tests.builders import PARTITIONS, deposit, partition_for
from tests.contracts.logs_under_test import LOGS, LogUnderTest
from tests.eventually import eventually
from tests.reading import reading

ALL = frozenset(range(PARTITIONS))
ALICE = partition_for("alice")
PLENTY = 1_000_000


class Owner:
    """Remembers what it was given, and what it was told in which order."""

    def __init__(self) -> None:
        self.owned: frozenset[int] = frozenset()
        self.told: list[tuple[str, frozenset[int]]] = []

    async def assigned(self, partitions: frozenset[int]) -> None:
        self.told.append(("assigned", partitions))
        self.owned |= partitions

    async def revoked(self, partitions: frozenset[int]) -> None:
        self.told.append(("revoked", partitions))
        self.owned -= partitions


@pytest.fixture(params=LOGS)
async def under_test(
    request: pytest.FixtureRequest, kafka: LocalKafka
) -> AsyncIterator[LogUnderTest]:
    async with LOGS[request.param](kafka) as one:
        yield one


async def _append(under_test: LogUnderTest, count: int) -> list[Command]:
    commands = [deposit("alice", amount) for amount in range(1, count + 1)]
    await asyncio.gather(*map(under_test.log.append, commands))
    return commands


async def _read(reader: RecordReader, count: int, max_records: int = 100) -> Sequence[Record]:
    records: list[Record] = []
    while len(records) < count:
        records += await reader.read(max_records, PLENTY)
    return records


async def test_records_come_in_order_each_once_from_the_wanted_offset_on(
    under_test: LogUnderTest,
) -> None:
    commands = await _append(under_test, 1_000)
    async with reading(under_test.feed, ALICE, 250) as reader:
        records = await _read(reader, 750)
    assert [record.content for record in records] == commands[250:]
    assert [record.position.offset for record in records] == list(range(250, 1_000))


async def test_a_read_waits_until_there_is_a_record(under_test: LogUnderTest) -> None:
    async with reading(under_test.feed, ALICE, 0) as reader:
        task = asyncio.create_task(reader.read(10, PLENTY))
        (command,) = await _append(under_test, 1)
        (record,) = await task
    assert record.content == command


async def test_a_read_brings_no_more_records_than_wanted_and_the_next_goes_on_there(
    under_test: LogUnderTest,
) -> None:
    commands = await _append(under_test, 10)
    async with reading(under_test.feed, ALICE, 0) as reader:
        first = await reader.read(3, PLENTY)
        assert [record.content for record in first] == commands[:3]
        rest = await _read(reader, 7)
    assert [record.content for record in rest] == commands[3:]


async def test_a_read_brings_no_more_bytes_than_wanted_but_at_least_one_record(
    under_test: LogUnderTest,
) -> None:
    for size in (100, 100, 5_000, 100):
        await under_test.put(ALICE, b"k", b"x" * size, [])
    async with reading(under_test.feed, ALICE, 0) as reader:
        sizes: list[list[int]] = []
        while sum(len(page) for page in sizes) < 4:
            sizes.append([record.size_bytes for record in await reader.read(100, 250)])
    assert sizes == [[101, 101], [5_001], [101]]


async def test_a_read_that_is_cancelled_loses_nothing(under_test: LogUnderTest) -> None:
    records: list[Record] = []
    async with reading(under_test.feed, ALICE, 0) as reader:
        for number in range(20):
            task = asyncio.create_task(reader.read(10, PLENTY))
            appending = asyncio.create_task(under_test.log.append(deposit("alice", number + 1)))
            # Each time a little later: before the record is there, while it comes, after.
            for _ in range(number):
                await asyncio.sleep(0.0005)
            task.cancel()
            (result,) = await asyncio.gather(task, return_exceptions=True)
            records += [] if isinstance(result, BaseException) else result
            await appending
        records += await _read(reader, 20 - len(records)) if len(records) < 20 else []
    assert [record.position.offset for record in records] == list(range(20))


async def test_a_record_that_was_deleted_before_it_was_read_halts(
    under_test: LogUnderTest,
) -> None:
    await _append(under_test, 10)
    await under_test.delete_before(ALICE, 5)
    async with reading(under_test.feed, ALICE, 4) as reader:
        with pytest.raises(HaltError, match="offset 4 "):
            await reader.read(10, PLENTY)
    async with reading(under_test.feed, ALICE, 5) as reader:
        assert (await reader.read(1, PLENTY))[0].position.offset == 5


async def test_what_cannot_be_read_comes_as_it_is(under_test: LogUnderTest) -> None:
    await under_test.put(ALICE, None, b"\xff{", [("transaction_id", b"no"), ("empty", None)])
    await under_test.put(ALICE, None, None, [])
    await _append(under_test, 1)
    async with reading(under_test.feed, ALICE, 0) as reader:
        broken, empty, sound = await _read(reader, 3)
    assert isinstance(broken.content, Undecodable)
    assert (broken.key, broken.value) == (None, b"\xff{")
    assert broken.headers == (("transaction_id", b"no"), ("empty", b""))
    assert isinstance(empty.content, Undecodable)
    assert (empty.key, empty.value, empty.headers) == (None, None, ())
    assert isinstance(sound.content, Command)


async def test_the_extent_tells_where_a_partition_starts_and_ends(
    under_test: LogUnderTest,
) -> None:
    assert (await under_test.feed.extent(ALICE))[1:] == (0, 0)
    await _append(under_test, 10)
    await under_test.delete_before(ALICE, 4)
    assert (await under_test.feed.extent(ALICE))[1:] == (4, 10)


async def test_a_topic_created_again_has_another_id_and_all_its_partitions_the_same(
    under_test: LogUnderTest,
) -> None:
    before = {(await under_test.feed.extent(partition)).topic_id for partition in ALL}
    await under_test.recreate()
    after = {(await under_test.feed.extent(partition)).topic_id for partition in ALL}
    assert len(before) == len(after) == 1
    assert before != after


async def test_a_reader_never_goes_on_in_another_log_of_the_same_name(
    under_test: LogUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_identity, "IDENTITY_SECONDS", 0.0)
    await _append(under_test, 2)
    async with reading(under_test.feed, ALICE, 0) as reader:
        await _read(reader, 1)
        await under_test.recreate()
        await _append(under_test, 5)
        with pytest.raises((LogUnavailableError, HaltError)):
            await _read(reader, 1)


async def test_a_single_record_can_be_looked_at_again(under_test: LogUnderTest) -> None:
    await _append(under_test, 10)
    await under_test.delete_before(ALICE, 4)
    async with reading(under_test.feed, ALICE, 4) as reader:
        records = await _read(reader, 6)
    for record in records:
        again = await under_test.feed.record_at(*record.position)
        assert again == record
        assert record_hash(again) == record_hash(record)
    assert await under_test.feed.record_at(ALICE, 3) is None
    assert await under_test.feed.record_at(ALICE, 10) is None


async def test_a_member_by_itself_owns_everything_until_it_leaves(
    under_test: LogUnderTest,
) -> None:
    owner = Owner()
    async with under_test.feed.membership(owner):
        await eventually(lambda: owner.owned == ALL)
        await under_test.feed.advise(0, 1)
    assert owner.owned == frozenset()


async def test_members_share_the_partitions_evenly_and_take_over_from_who_leaves(
    under_test: LogUnderTest,
) -> None:
    first, second = Owner(), Owner()
    async with under_test.another_feed() as other_feed, under_test.feed.membership(first):
        await eventually(lambda: first.owned == ALL)
        async with other_feed.membership(second):
            await eventually(lambda: len(first.owned) == len(second.owned) == PARTITIONS // 2)
            assert first.owned | second.owned == ALL
        assert second.owned == frozenset()
        await eventually(lambda: first.owned == ALL)


async def test_a_member_is_only_given_what_it_does_not_have_and_only_loses_what_it_has(
    under_test: LogUnderTest,
) -> None:
    first, second = Owner(), Owner()
    async with under_test.another_feed() as other_feed, under_test.feed.membership(first):
        await eventually(lambda: first.owned == ALL)
        async with other_feed.membership(second):
            await eventually(lambda: len(second.owned) == PARTITIONS // 2)
    for owner in (first, second):
        held: frozenset[int] = frozenset()
        for what, partitions in owner.told:
            assert partitions
            assert partitions.isdisjoint(held) if what == "assigned" else partitions <= held
            held = held ^ partitions
        assert held == frozenset()
