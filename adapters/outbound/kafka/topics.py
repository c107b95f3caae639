"""Counterfoil's topics: how they are to be, made so, and compared with how they are."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import stamina
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaConnectionError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from adapters.outbound.kafka.closing import close_within, opened
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import LogErrors
from core.errors import LogUnavailableError

COMMANDS_TOPIC: Final = "counterfoil.commands"
TRANSACTIONS_TOPIC: Final = "counterfoil.transactions"
DEAD_TOPIC: Final = "counterfoil.dead"
PAGES_TOPIC: Final = "counterfoil.pages"

REQUEST_TIMEOUT_MS: Final = 15_000
READY_SECONDS: Final = 10.0
ADMIN_SECONDS: Final = 20.0
CLOSE_SECONDS: Final = 2.0
UNLIMITED: Final = "-1"
MAX_MESSAGE_BYTES: Final = 1024 * 1024
# A dead letter is a record of the log, however large, and the reason besides.
MAX_DEAD_MESSAGE_BYTES: Final = 2 * MAX_MESSAGE_BYTES
_DAY_MS: Final = 24 * 60 * 60 * 1000
TRANSACTIONS_RETENTION_MS: Final = 30 * _DAY_MS
DEAD_RETENTION_MS: Final = 365 * _DAY_MS


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is to be. `settings` are Kafka's own names and texts."""

    name: str
    partition_count: int
    replication_factor: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicState:
    """How a topic is: its numbers and all of its settings."""

    name: str
    partition_count: int
    replication_factor: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicReport:
    """What became of a spec: created, or there already and different in what is listed."""

    name: str
    created: bool
    differences: Sequence[str]


def counterfoil_topics(
    partition_count: int,
    replication_factor: int,
    *,
    commands: str = COMMANDS_TOPIC,
    transactions: str = TRANSACTIONS_TOPIC,
    dead: str = DEAD_TOPIC,
    pages: str = PAGES_TOPIC,
) -> Sequence[TopicSpec]:
    """The four topics. The command log and the pages keep everything: a replay reads both."""
    common = {
        "cleanup.policy": "delete",
        "min.insync.replicas": "2" if replication_factor >= 3 else "1",
        "unclean.leader.election.enable": "false",
        "retention.bytes": UNLIMITED,
    }
    own_settings = {
        commands: {
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": UNLIMITED,
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        },
        transactions: {
            "retention.ms": str(TRANSACTIONS_RETENTION_MS),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        },
        dead: {
            "retention.ms": str(DEAD_RETENTION_MS),
            "max.message.bytes": str(MAX_DEAD_MESSAGE_BYTES),
        },
        pages: {
            "retention.ms": UNLIMITED,
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        },
    }
    return [
        TopicSpec(name, partition_count, replication_factor, common | own)
        for name, own in own_settings.items()
    ]


class KafkaTopics:
    """Makes topics and looks at them. Changes none that is there already.

    Every method raises `LogUnavailableError`.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection

    async def ensure(self, specs: Sequence[TopicSpec]) -> Sequence[TopicReport]:
        """Create what is missing, and tell of each topic how it differs from its spec.

        Brokers that have just started answer before they can create anything: tries again for
        `READY_SECONDS`.
        """
        async for attempt in stamina.retry_context(
            on=LogUnavailableError, attempts=None, timeout=READY_SECONDS, wait_max=1.0
        ):
            with attempt:
                return await self._ensure(specs)
        raise AssertionError("stamina ended without a result")

    async def _ensure(self, specs: Sequence[TopicSpec]) -> Sequence[TopicReport]:
        async with self._admin("creating topics") as admin:
            return [await _ensured(admin, spec) for spec in specs]

    async def state(self, name: str) -> TopicState | None:
        """The topic as it is; None if there is none."""
        async with self._admin(f"looking at topic {name}") as admin:
            return await _state(admin, name)

    @asynccontextmanager
    async def _admin(self, doing: str) -> AsyncIterator[AIOKafkaAdminClient]:
        with LogErrors(doing):
            admin = AIOKafkaAdminClient(**self._connection.arguments("admin", REQUEST_TIMEOUT_MS))
            deadline = asyncio.get_running_loop().time() + ADMIN_SECONDS
            async with asyncio.timeout_at(deadline):
                await opened(admin.start(), admin.close)
            try:
                async with asyncio.timeout_at(deadline):
                    yield admin
            finally:
                await close_within(admin.close(), CLOSE_SECONDS)


async def _ensured(admin: AIOKafkaAdminClient, spec: TopicSpec) -> TopicReport:
    created = await _create(admin, spec)
    if created:
        return TopicReport(spec.name, created=True, differences=())
    state = await _state(admin, spec.name)
    differences = () if state is None else differences_of(spec, state)
    return TopicReport(spec.name, created=False, differences=differences)


async def _create(admin: AIOKafkaAdminClient, spec: TopicSpec) -> bool:
    """False if the topic is there already."""
    topic = NewTopic(
        spec.name,
        spec.partition_count,
        spec.replication_factor,
        topic_configs=dict(spec.settings),
    )
    try:
        answer = await admin.create_topics([topic])
    except AttributeError as error:
        # aiokafka looks for a controller in what a broker says that has only just started.
        raise KafkaConnectionError("no controller is known yet") from error
    _, error_code, detail = answer.topic_errors[0]
    try:
        _raise_for(error_code, detail)
    except TopicAlreadyExistsError:
        return False
    return True


async def _state(admin: AIOKafkaAdminClient, name: str) -> TopicState | None:
    topic = (await admin.describe_topics([name]))[0]
    try:
        _raise_for(topic["error_code"], name)
        settings = await _settings(admin, name)
    except UnknownTopicOrPartitionError:
        return None
    partitions = topic["partitions"]
    return TopicState(
        name=name,
        partition_count=len(partitions),
        replication_factor=min(len(partition["replicas"]) for partition in partitions),
        settings=settings,
    )


async def _settings(admin: AIOKafkaAdminClient, name: str) -> Mapping[str, str]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    error_code, detail, _, _, entries = answers[0].resources[0]
    _raise_for(error_code, detail)
    return {setting: value for setting, value, *_ in entries}


def _raise_for(error_code: int, detail: str | None) -> None:
    if error_code != 0:
        raise for_code(error_code)(detail)


def differences_of(spec: TopicSpec, state: TopicState) -> Sequence[str]:
    """What is not as it is to be, a text each."""
    wanted = {
        "partitions": str(spec.partition_count),
        "replication factor": str(spec.replication_factor),
    } | dict(spec.settings)
    found = {
        "partitions": str(state.partition_count),
        "replication factor": str(state.replication_factor),
    } | dict(state.settings)
    return [
        f"{name} is {found.get(name)}, not {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
