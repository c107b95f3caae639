"""What every `CommandLog` promises."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from adapters.tracing import TRACEPARENT
from core.entities.record import Record
from core.ports.command_log import Appended
from infra.local.kafka import LocalKafka
from tests.builders import PARTITIONS, deposit, partition_for
from tests.contracts.logs_under_test import LOGS, LogUnderTest
from tests.reading import reading


@pytest.fixture(params=LOGS)
async def under_test(
    request: pytest.FixtureRequest, kafka: LocalKafka
) -> AsyncIterator[LogUnderTest]:
    async with LOGS[request.param](kafka) as one:
        yield one


async def test_a_command_lies_where_and_since_when_its_receipt_says(
    under_test: LogUnderTest,
) -> None:
    command = deposit("alice", reference="Grüße", idempotency_key="key-1")
    position, appended_at = await under_test.log.append(command)
    record = await under_test.feed.record_at(position.partition, position.offset)
    assert isinstance(record, Record)
    assert record.content == command
    assert record.position == position
    assert record.recorded_at == appended_at


async def test_headers_beside_its_own_are_kept_and_change_no_command(
    under_test: LogUnderTest,
) -> None:
    command = deposit("alice")
    (bare,) = await under_test.log.append_all([command])
    under_test.further.append((TRACEPARENT, b"00-trace"))
    (appended,) = await under_test.log.append_all([command])
    assert isinstance(bare, Appended)
    assert isinstance(appended, Appended)
    without = await under_test.feed.record_at(*bare.position)
    record = await under_test.feed.record_at(*appended.position)
    assert record is not None
    assert without is not None
    assert list(record.headers) == [*without.headers, (TRACEPARENT, b"00-trace")]
    assert record.content == without.content == command


async def test_a_record_is_written_as_it_is_wherever_it_is_told_to_go(
    under_test: LogUnderTest,
) -> None:
    headers = [("b", b"\xff\0"), ("a", b""), ("a", b"twice")]
    for partition, key, value in ((5, b"key", b"\xff"), (3, None, None), (5, b"", b"")):
        position, appended_at = await under_test.log.append_record(partition, key, value, headers)
        record = await under_test.feed.record_at(partition, position.offset)
        assert isinstance(record, Record)
        assert (record.position.partition, record.recorded_at) == (partition, appended_at)
        assert (record.key, record.value, list(record.headers)) == (key, value, headers)


async def test_the_time_of_appending_is_in_utc_and_in_whole_milliseconds(
    under_test: LogUnderTest,
) -> None:
    _, appended_at = await under_test.log.append(deposit())
    assert appended_at.tzinfo is UTC
    assert appended_at.microsecond % 1000 == 0


async def test_a_command_goes_to_the_partition_of_its_users_shard(
    under_test: LogUnderTest,
) -> None:
    for user_id in (f"user-{number}" for number in range(30)):
        position, _ = await under_test.log.append(deposit(user_id))
        assert position.partition == partition_for(user_id)


async def test_one_users_commands_keep_the_order_in_which_they_were_given(
    under_test: LogUnderTest,
) -> None:
    commands = [deposit("alice", amount) for amount in range(1, 2_001)]
    appended = await asyncio.gather(*map(under_test.log.append, commands))
    offsets = [one.position.offset for one in appended]
    assert all(before < after for before, after in pairwise(offsets))
    read: list[Record] = []
    async with reading(under_test.feed, partition_for("alice"), offsets[0]) as reader:
        while len(read) < len(commands):
            read += await reader.read(500, 1_000_000)
    assert [record.content for record in read] == commands


async def test_a_command_given_twice_lies_there_twice(under_test: LogUnderTest) -> None:
    command = deposit()
    first = await under_test.log.append(command)
    second = await under_test.log.append(command)
    assert second.position.offset == first.position.offset + 1


async def test_the_end_is_after_the_last_record(under_test: LogUnderTest) -> None:
    partition = partition_for("alice")
    assert await under_test.log.end(partition) == 0
    position, _ = await under_test.log.append(deposit("alice"))
    assert await under_test.log.end(partition) == position.offset + 1


async def test_the_ends_of_all_partitions_can_be_asked_for_at_once(
    under_test: LogUnderTest,
) -> None:
    position, _ = await under_test.log.append(deposit("alice"))
    everywhere = list(range(PARTITIONS)) * 5
    ends = await asyncio.gather(*map(under_test.log.end, everywhere))
    assert ends == [int(partition == position.partition) for partition in everywhere]


async def test_callers_who_give_up_do_not_harm_the_others(under_test: LogUnderTest) -> None:
    calls = [
        asyncio.create_task(under_test.log.append(deposit("alice", amount)))
        for amount in range(1, 101)
    ]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    appended = await asyncio.gather(*calls[1::2])
    again = await under_test.log.append(deposit("alice"))
    offsets = [one.position.offset for one in (*appended, again)]
    assert all(before < after for before, after in pairwise(offsets))


async def test_where_the_records_after_a_time_begin_is_known(under_test: LogUnderTest) -> None:
    first = await under_test.log.append(deposit("alice"))
    partition = first.position.partition
    before = first.appended_at - timedelta(milliseconds=1)

    topic_id, earlier = await under_test.log.offsets_after(before)
    _, later = await under_test.log.offsets_after(first.appended_at)

    assert topic_id == (await under_test.feed.extent(partition)).topic_id
    assert earlier.keys() == set(range(PARTITIONS))
    assert earlier[partition] == first.position.offset
    assert later[partition] == first.position.offset + 1 == await under_test.log.end(partition)
    assert {one for number, one in earlier.items() if number != partition} == {0}


@pytest.mark.parametrize("year", [1, 1969])
async def test_after_a_time_before_the_epoch_all_records_come(
    under_test: LogUnderTest, year: int
) -> None:
    await under_test.log.append(deposit("alice"))
    last_of_year = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert set((await under_test.log.offsets_after(last_of_year)).offsets.values()) == {0}
