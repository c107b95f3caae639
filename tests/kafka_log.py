"""Fresh topics on a real Kafka, and what befalls a log there."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import for_code
from aiokafka.structs import TopicPartition

from adapters.outbound.kafka.command_feed import KafkaCommandFeed
from adapters.outbound.kafka.command_log import KafkaCommandLog
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.event_feed import KafkaEventFeed
from adapters.outbound.kafka.events import EventTopics, KafkaEvents
from adapters.outbound.kafka.membership import GroupSettings
from adapters.outbound.kafka.page_feed import KafkaPageFeed
from adapters.outbound.kafka.pages import KafkaPageLog
from adapters.outbound.kafka.safeguard import KafkaSafeguard
from adapters.outbound.kafka.topics import KafkaTopics, TopicSpec, counterfoil_topics
from adapters.tracing import RecordHeaders
from core.entities.position import Position
from core.entities.record import Headers
from core.errors import LogUnavailableError
from tests.builders import PARTITIONS, REPRESENTATIONS
from tests.eventually import eventually

NullableHeaders = list[tuple[str, bytes | None]]


class KafkaLog:
    """The four topics under names of their own."""

    def __init__(self, bootstrap_servers: str) -> None:
        name = secrets.token_hex(4)
        self.connection = KafkaConnection(bootstrap_servers)
        self.topics = KafkaTopics(self.connection)
        self.commands = f"commands-{name}"
        self.transactions = f"transactions-{name}"
        self.dead = f"dead-{name}"
        self.pages = f"pages-{name}"
        self.group = GroupSettings(self.commands, f"group-{name}")

    @property
    def specs(self) -> list[TopicSpec]:
        """How they are to be."""
        return list(
            counterfoil_topics(
                PARTITIONS,
                1,
                commands=self.commands,
                transactions=self.transactions,
                dead=self.dead,
                pages=self.pages,
            )
        )

    def safeguard(self, partition_count: int = PARTITIONS) -> KafkaSafeguard:
        """What permits the command topic, or does not."""
        return KafkaSafeguard(self.topics, self.commands, partition_count)

    def command_log(
        self, max_in_flight: int = 5_000, further_headers: RecordHeaders | None = None
    ) -> KafkaCommandLog:
        """The appending side."""
        return KafkaCommandLog(
            self.connection,
            self.commands,
            PARTITIONS,
            max_in_flight,
            self.safeguard(),
            further_headers=further_headers,
        )

    def feed(self) -> KafkaCommandFeed:
        """The reading side."""
        return KafkaCommandFeed(self.connection, self.group)

    def events(self) -> KafkaEvents:
        """What tells outcomes."""
        topics = EventTopics(self.transactions, self.dead, PARTITIONS)
        return KafkaEvents(self.connection, topics, "tests", REPRESENTATIONS)

    def event_feed(self) -> KafkaEventFeed:
        """What reads them."""
        return KafkaEventFeed(self.connection, self.transactions, PARTITIONS)

    def page_log(self) -> KafkaPageLog:
        """What tells pages."""
        return KafkaPageLog(self.connection, self.pages, PARTITIONS)

    def page_feed(self) -> KafkaPageFeed:
        """What reads them."""
        return KafkaPageFeed(self.connection, self.pages, PARTITIONS)

    async def create(self) -> None:
        """Make the topics, and return when the broker knows them."""
        await self.topics.ensure(self.specs)
        async with self.feed() as feed:

            async def led() -> bool:
                try:
                    for partition in range(PARTITIONS):
                        await feed.extent(partition)
                except LogUnavailableError:
                    return False
                return True

            await eventually(led)

    async def delete(self) -> None:
        """Delete them, with all they hold."""
        async with self.admin() as admin:
            answer = await admin.delete_topics([spec.name for spec in self.specs])
            _raise_for(answer.topic_error_codes)

            async def gone() -> bool:
                return await self.topics.state(self.commands) is None

            await eventually(gone)

    async def recreate(self) -> None:
        """Delete them and make them again."""
        await self.delete()
        await self.create()

    async def set(self, setting: str, value: str) -> None:
        """Give the command topic another setting, and return when the broker knows it."""
        settings = dict(self.specs[0].settings) | {setting: value}
        resource = ConfigResource(ConfigResourceType.TOPIC, self.commands, settings)
        async with self.admin() as admin:
            await admin.alter_configs([resource])

        async def is_known() -> bool:
            state = await self.topics.state(self.commands)
            return state is not None and state.settings[setting] == value

        await eventually(is_known)

    async def delete_before(self, partition: int, offset: int, *, topic: str | None = None) -> None:
        """Do as retention does, to the command topic unless told otherwise."""
        place = TopicPartition(topic or self.commands, partition)
        async with self.admin() as admin:
            await admin.delete_records({place: RecordsToDelete(offset)})

    async def put(
        self,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: NullableHeaders,
        *,
        topic: str | None = None,
    ) -> Position:
        """Write a record as it is, whether it can be read or not, to the command topic unless told
        otherwise.
        """
        producer = AIOKafkaProducer(bootstrap_servers=self.connection.bootstrap_servers, acks="all")
        await producer.start()
        try:
            batch = producer.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=headers)
            sent = await producer.send_batch(batch, topic or self.commands, partition=partition)
            return Position(partition, (await sent).offset)
        finally:
            await producer.stop()

    async def read_all(self, topic: str, partition: int, count: int) -> "list[KafkaRecord]":
        """The first `count` records of a partition."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.connection.bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            found: list[KafkaRecord] = []
            # A first poll in any case: stopping a consumer that never ran raises CancelledError.
            await consumer.getmany(place, timeout_ms=1)
            consumer.seek(place, 0)
            while len(found) < count:
                polled = await consumer.getmany(place, timeout_ms=1_000)
                found.extend(
                    KafkaRecord(one.key, one.value, tuple(one.headers), one.partition)
                    for one in polled.get(place, ())
                )
            return found
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def copied_commands(self, changed: Callable[[bytes], bytes]) -> AsyncIterator[str]:
        """A topic that has the records of the command topic at their offsets, with their times, and
        their values `changed`; gone afterwards.
        """
        topic = f"{self.commands}-copy"
        settings = {**self.specs[0].settings, "message.timestamp.type": "CreateTime"}
        await self.topics.ensure([replace(self.specs[0], name=topic, settings=settings)])
        try:
            await self._copy_commands(topic, changed)
            yield topic
        finally:
            async with self.admin() as admin:
                await admin.delete_topics([topic])

    async def _copy_commands(self, topic: str, changed: Callable[[bytes], bytes]) -> None:
        servers = self.connection.bootstrap_servers
        async with (
            AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest") as consumer,
            AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer,
        ):
            places = [TopicPartition(self.commands, number) for number in range(PARTITIONS)]
            consumer.assign(places)
            # A first poll in any case: stopping a consumer that never ran raises CancelledError.
            await consumer.getmany(timeout_ms=1)
            ends = await consumer.end_offsets(places)
            for place in places:
                batch = producer.create_batch()
                await consumer.seek_to_beginning(place)
                while await consumer.position(place) < ends[place]:
                    for one in (await consumer.getmany(place, timeout_ms=100)).get(place, ()):
                        batch.append(
                            timestamp=one.timestamp,
                            key=one.key,
                            value=changed(one.value),
                            headers=[*one.headers],
                        )
                if batch.record_count():
                    await (await producer.send_batch(batch, topic, partition=place.partition))

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """A client that may do anything."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.connection.bootstrap_servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


class KafkaRecord:
    """A record as any consumer sees it."""

    def __init__(
        self, key: bytes | None, value: bytes | None, headers: Headers, partition: int
    ) -> None:
        self.key = key
        self.value = value
        self.headers = dict(headers)
        self.partition = partition


@asynccontextmanager
async def fresh_topics(bootstrap_servers: str) -> AsyncIterator[KafkaLog]:
    """Topics that no other test knows, gone afterwards."""
    log = KafkaLog(bootstrap_servers)
    await log.create()
    yield log
    await log.delete()


async def connected(log: KafkaCommandLog) -> None:
    """Return once the command log takes commands: it connects by itself, in the background."""
    await eventually(lambda: log.is_connected)


def _raise_for(answers: list[tuple[str, int]]) -> None:
    for topic, error_code in answers:
        if error_code != 0:
            raise for_code(error_code)(topic)
