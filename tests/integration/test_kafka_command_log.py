"""What a Kafka topic can be like, and what the command log makes of it."""

import asyncio
from dataclasses import replace

import pytest

from adapters.outbound.kafka import producer_link
from adapters.outbound.kafka.command_log import MAX_RECORD_BYTES, KafkaCommandLog
from adapters.outbound.kafka.lane import ANSWER_SECONDS
from core.errors import BrokenInvariantError, LogUnavailableError, PipelineFullError
from infra.local.kafka import LocalKafka
from tests.builders import PARTITIONS, deposit, partition_for
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, connected, fresh_topics


async def test_a_topic_with_another_number_of_partitions_is_not_written_to(
    kafka: LocalKafka,
) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        log = KafkaCommandLog(
            topics.connection, topics.commands, PARTITIONS - 1, 10, topics.safeguard(PARTITIONS - 1)
        )
        async with log:

            async def says_so() -> bool:
                with pytest.raises(LogUnavailableError) as refused:
                    await log.append(deposit())
                assert not refused.value.may_have_been_accepted
                return f"{PARTITIONS} partitions, and {PARTITIONS - 1}" in str(refused.value)

            await eventually(says_so)
        async with topics.feed() as feed:
            ends = [(await feed.extent(number)).end_offset for number in range(PARTITIONS)]
            assert ends == [0] * PARTITIONS


async def test_a_missing_topic_is_waited_for(kafka: LocalKafka) -> None:
    topics = KafkaLog(kafka.bootstrap_servers)
    async with topics.command_log() as log:
        with pytest.raises(LogUnavailableError) as refused:
            await log.append(deposit())
        assert not refused.value.may_have_been_accepted
        await topics.create()
        await connected(log)
        await log.append(deposit())
    await topics.delete()


async def test_a_topic_that_would_lose_commands_is_not_written_to_until_it_is_mended(
    kafka: LocalKafka,
) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        await topics.set("cleanup.policy", "compact")
        async with topics.command_log() as log:

            async def says_so() -> bool:
                return "cleanup.policy" in (await log.trouble() or "")

            await eventually(says_so)
            with pytest.raises(LogUnavailableError, match=r"cleanup\.policy") as refused:
                await log.append(deposit())
            assert not refused.value.may_have_been_accepted
            await topics.set("cleanup.policy", "delete")
            await connected(log)
            assert await log.trouble() is None
            await log.append(deposit())


async def test_a_topic_that_is_spoilt_while_it_is_written_to_is_left_until_it_is_mended(
    kafka: LocalKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producer_link, "LOOK_EVERY_SECONDS", 0.05)
    async with fresh_topics(kafka.bootstrap_servers) as topics, topics.command_log() as log:
        await connected(log)
        await log.append(deposit())
        await topics.set("retention.ms", "60000")

        async def says_so() -> bool:
            return "retention.ms 60000" in (await log.trouble() or "")

        await eventually(says_so)
        with pytest.raises(LogUnavailableError, match=r"retention\.ms") as refused:
            await log.append(deposit())
        assert not refused.value.may_have_been_accepted
        await topics.set("retention.ms", "-1")
        await connected(log)
        await log.append(deposit())


async def test_a_record_that_the_broker_finds_too_large_does_not_poison_what_follows(
    kafka: LocalKafka,
) -> None:
    topics = KafkaLog(kafka.bootstrap_servers)
    spec = topics.specs[0]
    small = replace(spec, settings=dict(spec.settings) | {"max.message.bytes": "2000"})
    await topics.topics.ensure([small, *topics.specs[1:]])
    async with topics.command_log() as log:
        await connected(log)
        for _ in range(3):
            with pytest.raises(LogUnavailableError) as refused:
                await log.append(deposit("alice", reference="x" * 4_000))
            assert not refused.value.may_have_been_accepted
            await log.append(deposit("alice"))
        assert await log.end(partition_for("alice")) == 3
        assert log.is_connected
    await topics.delete()


async def test_a_record_beyond_all_limits_is_a_bug_and_harms_nobody_else(
    kafka: LocalKafka,
) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics, topics.command_log() as log:
        await connected(log)
        beside = asyncio.create_task(log.append(deposit("alice")))
        with pytest.raises(BrokenInvariantError):
            await log.append(deposit("alice", reference="x" * MAX_RECORD_BYTES))
        await beside
        await log.append(deposit("alice", reference="x" * 100_000))


async def test_beyond_the_limit_of_waiting_commands_one_is_refused_at_once(
    kafka: LocalKafka,
) -> None:
    async with (
        fresh_topics(kafka.bootstrap_servers) as topics,
        topics.command_log(max_in_flight=10) as log,
    ):
        await connected(log)
        waiting = [asyncio.create_task(log.append(deposit())) for _ in range(10)]
        await asyncio.sleep(0)
        for more in (log.append(deposit()), log.append_all([deposit("bob"), deposit("bob")])):
            with pytest.raises(PipelineFullError, match="the pipeline is full") as refused:
                await more
            assert not refused.value.may_have_been_accepted
            assert 1 <= refused.value.retry_after_seconds <= ANSWER_SECONDS + 1
        await asyncio.gather(*waiting)
        await log.append(deposit())
        assert await log.end(partition_for("bob")) == 0


async def test_many_commands_are_taken_together_where_one_would_be(kafka: LocalKafka) -> None:
    async with (
        fresh_topics(kafka.bootstrap_servers) as topics,
        topics.command_log(max_in_flight=10) as log,
    ):
        await connected(log)
        waiting = [asyncio.create_task(log.append(deposit())) for _ in range(9)]
        await asyncio.sleep(0)
        appended = await log.append_all([deposit("bob") for _ in range(50)])
        assert not any(isinstance(one, LogUnavailableError) for one in appended)
        await asyncio.gather(*waiting)


async def test_leaving_lets_what_is_in_flight_arrive(kafka: LocalKafka) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        async with topics.command_log() as log:
            await connected(log)
            waiting = [asyncio.create_task(log.append(deposit("alice"))) for _ in range(500)]
            await asyncio.sleep(0)
        appended = await asyncio.gather(*waiting)
        assert [one.position.offset for one in appended] == list(range(500))
        with pytest.raises(LogUnavailableError):
            await log.append(deposit())
