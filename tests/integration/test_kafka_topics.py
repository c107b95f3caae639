"""The topics as they are made, and those that are refused."""

from dataclasses import replace

import pytest

from adapters.outbound.kafka.dependency import KafkaDependency
from adapters.outbound.kafka.safeguard import SHORTEST_RETENTION_HOURS, faults_of
from adapters.outbound.kafka.topics import TopicState, counterfoil_topics
from core.errors import NotPermittedError
from infra.local.kafka import LocalKafka
from tests.builders import PARTITIONS
from tests.kafka_log import KafkaLog, fresh_topics

SOUND = TopicState(
    name="commands",
    partition_count=PARTITIONS,
    replication_factor=3,
    settings=counterfoil_topics(PARTITIONS, 3)[0].settings,
)


async def test_topics_are_made_once_and_then_found_as_they_are_to_be(kafka: LocalKafka) -> None:
    topics = KafkaLog(kafka.bootstrap_servers)
    first = await topics.topics.ensure(topics.specs)
    again = await topics.topics.ensure(topics.specs)
    assert [(one.name, one.created) for one in first] == [(one.name, True) for one in topics.specs]
    assert len(topics.specs) == 4
    assert [(one.created, list(one.differences)) for one in again] == [(False, [])] * 4
    await topics.delete()


async def test_a_topic_that_is_there_is_left_alone_and_its_differences_told(
    kafka: LocalKafka,
) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        commands = topics.specs[0]
        other = replace(
            commands,
            partition_count=PARTITIONS + 1,
            settings=dict(commands.settings) | {"retention.ms": "1000"},
        )
        (report,) = await topics.topics.ensure([other])
        assert list(report.differences) == [
            f"partitions is {PARTITIONS}, not {PARTITIONS + 1}",
            "retention.ms is -1, not 1000",
        ]
        state = await topics.topics.state(topics.commands)
        assert state is not None
        assert state.partition_count == PARTITIONS
        assert state.settings["message.timestamp.type"] == "LogAppendTime"


async def test_the_topics_that_are_made_are_permitted(kafka: LocalKafka) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        await topics.safeguard().verify()


async def test_a_missing_topic_is_refused_with_the_command_that_makes_it(
    kafka: LocalKafka,
) -> None:
    topics = KafkaLog(kafka.bootstrap_servers)
    with pytest.raises(NotPermittedError, match="run counterfoil topics"):
        await topics.safeguard().verify()


async def test_every_setting_that_would_lose_data_is_named(kafka: LocalKafka) -> None:
    topics = KafkaLog(kafka.bootstrap_servers)
    bad = replace(
        topics.specs[0],
        settings={
            "cleanup.policy": "compact,delete",
            "message.timestamp.type": "CreateTime",
            "unclean.leader.election.enable": "true",
        },
    )
    await topics.topics.ensure([bad, *topics.specs[1:]])
    with pytest.raises(NotPermittedError) as refused:
        await topics.safeguard(PARTITIONS + 1).verify()
    for name in (
        "cleanup.policy",
        "message.timestamp.type",
        "unclean.leader.election.enable",
        f"{PARTITIONS} partitions, and {PARTITIONS + 1}",
    ):
        assert name in str(refused.value)
    await topics.delete()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("cleanup.policy", "compact"),
        ("message.timestamp.type", "CreateTime"),
        ("unclean.leader.election.enable", "true"),
        ("min.insync.replicas", "1"),
        ("retention.bytes", "1000000000"),
        ("retention.ms", str(SHORTEST_RETENTION_HOURS * 3_600_000 - 1)),
    ],
)
def test_one_bad_setting_is_one_fault(setting: str, value: str) -> None:
    assert list(faults_of(SOUND, PARTITIONS)) == []
    (fault,) = faults_of(
        replace(SOUND, settings=dict(SOUND.settings) | {setting: value}), PARTITIONS
    )
    assert setting in fault


def test_commands_may_be_deleted_after_a_week() -> None:
    kept = {"retention.ms": str(SHORTEST_RETENTION_HOURS * 3_600_000)}
    state = replace(SOUND, settings=dict(SOUND.settings) | kept)
    assert list(faults_of(state, PARTITIONS)) == []


def test_a_single_replica_needs_no_second_one_in_sync() -> None:
    (commands, *_) = counterfoil_topics(PARTITIONS, 1)
    state = replace(SOUND, replication_factor=1, settings=commands.settings)
    assert list(faults_of(state, PARTITIONS)) == []


async def test_a_topic_that_does_not_fit_is_trouble(kafka: LocalKafka) -> None:
    async with fresh_topics(kafka.bootstrap_servers) as topics:
        for partitions, is_trouble in ((PARTITIONS, False), (PARTITIONS + 1, True)):
            async with KafkaDependency(topics.connection, topics.commands, partitions) as health:
                assert (await health.trouble() is not None) is is_trouble
    async with KafkaDependency(topics.connection, topics.commands, PARTITIONS) as health:
        assert "Unknown" in (await health.trouble() or "")
