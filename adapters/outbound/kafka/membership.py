"""Membership of a consumer group, apart from all reading."""

import asyncio
import secrets
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, NoReturn

import stamina
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import NoOffsetForPartitionError
from aiokafka.structs import TopicPartition

from adapters.background import beside
from adapters.outbound.kafka.closing import close_within
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.consumers import started, stop
from adapters.outbound.kafka.errors import LogErrors
from adapters.outbound.kafka.owner_calls import OwnerCalls
from adapters.outbound.kafka.queries import TopicQueries
from core.errors import LogUnavailableError

LOG: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)

REQUEST_TIMEOUT_MS: Final = 5_000
POLL_SECONDS: Final = 1.0
POLL_TIMEOUT_SECONDS: Final = 5.0
COMMIT_TIMEOUT_SECONDS: Final = 2.0
POLLS_PER_COMMIT: Final = 3
ROLL_CALL_SECONDS: Final = 5.0
MAX_ROLL_CALLS_MISSED: Final = 3
REJOIN_MAX_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """Who gets partitions, and how soon a silent member loses them.

    `drain_seconds` is how long a rebalance waits for this member's work in hand; others wait for
    it as long.
    """

    topic: str
    group_id: str
    session_timeout_seconds: float = 10.0
    heartbeat_seconds: float = 3.0
    drain_seconds: float = 20.0

    @property
    def rebalance_timeout_seconds(self) -> float:
        """How long the group waits for a member to join again: its drain, and some more."""
        return self.drain_seconds + self.session_timeout_seconds

    @property
    def longest_rebalance_seconds(self) -> float:
        """How long a rebalance can take: one member to be missed, and another to be waited for.

        A consumer that speaks of one for longer has lost its way, and posts nothing meanwhile.
        """
        return self.rebalance_timeout_seconds + self.session_timeout_seconds


class Membership:
    """One member of the group. Its consumer never fetches; it only polls, to be seen alive.

    A member that Kafka lost, or that lost Kafka for good, gives up its partitions and joins anew.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        settings: GroupSettings,
        queries: TopicQueries,
        calls: OwnerCalls,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._queries = queries
        self._calls = calls
        self._advised: dict[int, int] = {}

    def lasting(self) -> AbstractAsyncContextManager[None]:
        """Be a member, as soon as Kafka is there, while the context lasts."""
        leaving_seconds = self._settings.drain_seconds + CLOSE_SECONDS
        return beside(self._remain(), "membership", leaving_seconds)

    def advise(self, partition: int, next_offset: int) -> None:
        """Commit this offset some time soon."""
        self._advised[partition] = next_offset

    async def _remain(self) -> NoReturn:
        while True:
            try:
                await self._be_member(f"member-{secrets.token_hex(4)}")
            except LogUnavailableError as error:
                LOG.warning("kafka.membership_lost", reason=str(error))
            except Exception:
                # A bug, ours or aiokafka's, is no reason to leave the partitions to nobody.
                LOG.exception("kafka.membership_failed")
                await asyncio.sleep(REJOIN_MAX_SECONDS)

    async def _be_member(self, purpose: str) -> NoReturn:
        consumer, listener = await self._join(purpose)
        try:
            await self._watch(consumer, f"{self._connection.client_id}-{purpose}")
        finally:
            listener.is_retired = True
            await self._leave(consumer)

    async def _leave(self, consumer: AIOKafkaConsumer) -> None:
        """First the work, then the place: whoever comes after us need not fence us off."""
        try:
            await self._calls.revoke_all()
        except asyncio.CancelledError:
            # Told to stop while it already left: the work in hand is as dear as before.
            await self._calls.revoke_all()
            raise
        finally:
            await close_within(stop(consumer), CLOSE_SECONDS)

    async def _join(self, purpose: str) -> "tuple[AIOKafkaConsumer, _Listener]":
        async for attempt in stamina.retry_context(
            on=LogUnavailableError, attempts=None, timeout=None, wait_max=REJOIN_MAX_SECONDS
        ):
            with attempt:
                consumer = await started(self._new_consumer(purpose))
                # Subscribing before the start would make the start wait for the whole group.
                listener = _Listener(consumer, self._calls)
                consumer.subscribe([self._settings.topic], listener=listener)
                return consumer, listener
        raise AssertionError("stamina gave up, though told not to")

    def _new_consumer(self, purpose: str) -> AIOKafkaConsumer:
        settings = self._settings
        return AIOKafkaConsumer(
            **self._connection.arguments(purpose, REQUEST_TIMEOUT_MS),
            group_id=settings.group_id,
            auto_offset_reset="none",
            enable_auto_commit=False,
            session_timeout_ms=int(settings.session_timeout_seconds * 1_000),
            heartbeat_interval_ms=int(settings.heartbeat_seconds * 1_000),
            rebalance_timeout_ms=int(settings.rebalance_timeout_seconds * 1_000),
        )

    async def _watch(self, consumer: AIOKafkaConsumer, client_id: str) -> NoReturn:
        """Raises `LogUnavailableError` when this consumer is not to be a member again."""
        missed = polls = 0
        polled_at = called_at = time.monotonic()
        while missed < MAX_ROLL_CALLS_MISSED:
            await asyncio.sleep(POLL_SECONDS)
            if await self._poll(consumer):
                polled_at = time.monotonic()
                polls += 1
                if polls % POLLS_PER_COMMIT == 0:
                    await self._commit(consumer)
            elif time.monotonic() - polled_at > self._settings.longest_rebalance_seconds:
                raise LogUnavailableError("a rebalance does not end", may_have_been_accepted=False)
            if time.monotonic() - called_at > ROLL_CALL_SECONDS:
                missed = 0 if await self._is_on_the_roll(client_id) else missed + 1
                called_at = time.monotonic()
        raise LogUnavailableError(
            "the group does not know this member", may_have_been_accepted=False
        )

    async def _poll(self, consumer: AIOKafkaConsumer) -> bool:
        """False during a rebalance. Raises what the consumer's own tasks died of.

        Unless polled, the consumer would leave the group for idleness.
        """
        with LogErrors("being a member of the group"):
            try:
                async with asyncio.timeout(POLL_TIMEOUT_SECONDS):
                    await consumer.getmany(timeout_ms=0)
            except TimeoutError:
                return False
            except NoOffsetForPartitionError:
                # It looked for an offset before the listener told it that it needs none.
                LOG.debug("kafka.member_has_no_offset")
            return True

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        advised, self._advised = self._advised, {}
        offsets = {
            TopicPartition(self._settings.topic, partition): offset
            for partition, offset in advised.items()
            if partition in self._calls.held
        }
        if not offsets:
            return
        try:
            with LogErrors("committing the group's offsets"):
                async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                    await consumer.commit(offsets)
        except LogUnavailableError as error:
            LOG.debug("kafka.advice_not_committed", reason=str(error))

    async def _is_on_the_roll(self, client_id: str) -> bool:
        """Unknown counts as yes: while Kafka is away nobody is on any roll."""
        try:
            return client_id in await self._queries.group_client_ids(self._settings.group_id)
        except LogUnavailableError:
            return True


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """aiokafka swallows what a listener raises, and waits for it as long as it takes.

    Retired, it listens no more: a rebalance may go on in a consumer that stops, and what that one
    is given nobody would take back; what it is to give up may be its successor's by then.
    """

    def __init__(self, consumer: AIOKafkaConsumer, calls: OwnerCalls) -> None:
        self.is_retired = False
        self._consumer = consumer
        self._calls = calls

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        if self.is_retired:
            return
        # The group takes all partitions back before it shares them out anew.
        await self._calls.revoke_all()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        if self.is_retired:
            return
        for place in assigned:
            # With a position and paused, the consumer has nothing to look up or to fetch.
            self._consumer.seek(place, 0)
            self._consumer.pause(place)
        await self._calls.assign(frozenset(place.partition for place in assigned))
