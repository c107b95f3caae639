"""A producer that connects by itself, for as long as it takes, and anew when Kafka was lost."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NoReturn, Self

import stamina
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from adapters.background import end
from adapters.outbound.kafka.closing import close_in_background, close_within, opened
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.errors import LogErrors
from adapters.outbound.kafka.sentences import wrong_partition_count
from core.errors import LogUnavailableError, NotPermittedError
from core.ports.safeguard import Safeguard

LOG: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)

CONNECT_SECONDS: Final = 5.0
RECONNECT_MAX_SECONDS: Final = 1.0
LOOK_EVERY_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 4.0
"""Long enough for one broker of several to hang, and the next to answer."""
MAX_FRUITLESS_LOOKS: Final = 3
LOOKS_PER_VERIFICATION: Final = 12
"""A setting is spoilt seldom, and asking for it takes a connection of its own."""
CLOSE_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class ProducerSettings:
    """What differs from producer to producer.

    A record that a broker did not confirm within `request_timeout_ms` has failed. One batch per
    partition is in flight, so that small ones would each cost a round trip. Nothing is written to
    topics that `safeguard` does not permit.
    """

    purpose: str
    topics: Collection[str]
    partition_count: int
    request_timeout_ms: int
    max_batch_bytes: int
    safeguard: Safeguard | None = None


class ProducerLink:
    """Keeps an `AIOKafkaProducer` connected in the background, from `async with` on.

    Not idempotent on purpose: with idempotence one over-size record fails every later send to its
    partition, and `stop` hangs while the brokers are away.
    """

    def __init__(self, connection: KafkaConnection, settings: ProducerSettings) -> None:
        self._connection = connection
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._trouble = "not connected to Kafka yet"
        self._failed = asyncio.Event()
        self._has_succeeded = False
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeping = asyncio.create_task(
            self._keep_connected(), name=f"producer-{self._settings.purpose}"
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Flush what is in flight, for at most `CLOSE_SECONDS`."""
        if self._keeping is not None:
            await end(self._keeping)
        producer, self._producer = self._producer, None
        self._trouble = "closed"
        if producer is not None:
            await close_within(producer.stop(), CLOSE_SECONDS)

    @property
    def is_connected(self) -> bool:
        """Whether there is a producer."""
        return self._producer is not None

    @property
    def trouble(self) -> str | None:
        """Why there is none."""
        return None if self.is_connected else self._trouble

    def producer(self) -> AIOKafkaProducer:
        """The connected producer; `LogUnavailableError` at once while there is none."""
        if self._producer is None:
            raise LogUnavailableError(self._trouble, may_have_been_accepted=False)
        return self._producer

    def succeeded(self) -> None:
        """A broker confirmed a record."""
        self._has_succeeded = True

    def failed(self) -> None:
        """A record was not confirmed: look at once whether Kafka is still there."""
        self._failed.set()

    async def _keep_connected(self) -> NoReturn:
        while True:
            try:
                await self._be_connected()
            except Exception:
                # A bug, ours or aiokafka's, is no reason to stay away for ever.
                LOG.exception("kafka.producer_link_failed", purpose=self._settings.purpose)
                await asyncio.sleep(RECONNECT_MAX_SECONDS)

    async def _be_connected(self) -> None:
        """Connect; return when the connection is lost."""
        producer = self._producer = await self._connect()
        LOG.info("kafka.producer_connected", purpose=self._settings.purpose)
        self._trouble = "the connection to Kafka was lost"
        try:
            self._trouble = await self._lost(producer)
        except Exception:
            self._retire(producer)
            raise
        # Cancelled, it stays: whoever leaves flushes it, and waits for that.
        LOG.warning("kafka.producer_lost", reason=self._trouble)
        self._retire(producer)

    def _retire(self, producer: AIOKafkaProducer) -> None:
        self._producer = None
        close_in_background(producer.stop())

    async def _connect(self) -> AIOKafkaProducer:
        async for attempt in stamina.retry_context(
            on=LogUnavailableError,
            attempts=None,
            timeout=None,
            wait_max=RECONNECT_MAX_SECONDS,
            wait_jitter=RECONNECT_MAX_SECONDS / 4,
        ):
            with attempt:
                try:
                    return await self._try_to_connect()
                except LogUnavailableError as error:
                    self._trouble = str(error)
                    raise
        raise AssertionError("stamina gave up, though told not to")

    async def _try_to_connect(self) -> AIOKafkaProducer:
        with LogErrors("connecting to Kafka"):
            producer = self._new_producer()
            deadline = asyncio.get_running_loop().time() + CONNECT_SECONDS
            async with asyncio.timeout_at(deadline):
                await opened(producer.start(), producer.stop)
            try:
                async with asyncio.timeout_at(deadline):
                    for topic in self._settings.topics:
                        await producer.partitions_for(topic)
                self._check_partition_counts(producer)
                await self._ensure_permitted()
            except BaseException:
                close_in_background(producer.stop())
                raise
            return producer

    def _new_producer(self) -> AIOKafkaProducer:
        settings = self._settings
        return AIOKafkaProducer(
            **self._connection.arguments(settings.purpose, settings.request_timeout_ms),
            acks="all",
            enable_idempotence=False,
            max_batch_size=settings.max_batch_bytes,
            linger_ms=0,
        )

    async def _ensure_permitted(self) -> None:
        """At each connection: what is wrong may be mended while we wait."""
        # Several brokers may be asked, and one of them hang: less than its own deadlines together.
        async with asyncio.timeout(CONNECT_SECONDS):
            reason = await self._forbidden()
        if reason is not None:
            raise LogUnavailableError(reason, may_have_been_accepted=False)

    async def _forbidden(self) -> str | None:
        """Why nothing may be written. Raises `LogUnavailableError` when that cannot be known."""
        if self._settings.safeguard is None:
            return None
        try:
            await self._settings.safeguard.verify()
        except NotPermittedError as error:
            return str(error)
        return None

    async def _spoilt(self) -> str | None:
        """The same, of a producer that works: not to know it is no reason to give that up."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._forbidden()
        except (LogUnavailableError, TimeoutError):
            return None

    def _check_partition_counts(self, producer: AIOKafkaProducer) -> None:
        """A command must not go where the settings do not expect its user."""
        for topic in self._settings.topics:
            found = len(producer.client.cluster.partitions_for_topic(topic) or ())
            if found != self._settings.partition_count:
                raise LogUnavailableError(
                    wrong_partition_count(topic, self._settings.partition_count, found),
                    may_have_been_accepted=False,
                )

    async def _lost(self, producer: AIOKafkaProducer) -> str:
        """Return, with the reason, when nothing is to be expected of `producer` any more, or when
        nothing may be written with it.
        """
        looks = fruitless_looks = 0
        while fruitless_looks < MAX_FRUITLESS_LOOKS:
            looks += 1
            self._has_succeeded = False
            has_failed = await self._fails_within(LOOK_EVERY_SECONDS)
            try:
                await self._look(producer)
            except LogUnavailableError as error:
                return str(error)
            reason = await self._spoilt() if looks % LOOKS_PER_VERIFICATION == 0 else None
            if reason is not None:
                return reason
            fruitless = has_failed and not self._has_succeeded
            fruitless_looks = fruitless_looks + 1 if fruitless else 0
        return "Kafka answers, but confirms nothing"

    async def _fails_within(self, seconds: float) -> bool:
        self._failed.clear()
        try:
            async with asyncio.timeout(seconds):
                return await self._failed.wait()
        except TimeoutError:
            return False

    async def _look(self, producer: AIOKafkaProducer) -> None:
        """Raise `LogUnavailableError` unless a broker tells of the topics what it told before."""
        with LogErrors("looking for Kafka"):
            async with asyncio.timeout(LOOK_SECONDS):
                if not await producer.client.force_metadata_update():
                    raise KafkaConnectionError("no broker answers")
        self._check_partition_counts(producer)
