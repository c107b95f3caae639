"""The container: the only place that knows which adapter stands behind which port.

Settings arrive as plain values. Nothing is connected when a container is made; the `running_...`
functions enter the parts of a process in order, and leave them in reverse whatever fails.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from dependency_injector import containers, providers

from adapters.inbound.http.app import ApiParts, HealthParts, build_app, build_health_app
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.server import HttpServer
from adapters.inbound.worker.lag_report import LagReport
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.publisher import Telling
from adapters.inbound.worker.retrying import until_available
from adapters.inbound.worker.worker import Work, WorkerLimits
from adapters.metrics import Metrics
from adapters.observed import ObservedPostPage, ObservedPublish
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.memory.foundation import MemoryDependency, MemorySafeguard
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.log import MemoryLog
from adapters.outbound.memory.partitions import MemoryPartitions
from adapters.outbound.system.clock import SystemClock
from adapters.outbound.system.currencies import IsoCurrencies
from adapters.outbound.system.ids import SystemIds
from adapters.position_watch import LedgerPositionWatch
from adapters.representations import Representations
from core.entities.log_position import LogPosition
from core.ports.clock import Clock
from core.ports.command_feed import CommandFeed
from core.ports.command_log import CommandLog
from core.ports.currencies import Currencies
from core.ports.dependency import Dependency
from core.ports.events import Events
from core.ports.ids import Ids
from core.ports.ledger import Ledger
from core.ports.ledger_reader import LedgerReader
from core.ports.partitions import Partitions
from core.ports.position_watch import PositionWatch
from core.ports.safeguard import Safeguard
from core.usecases.drafts import Checks
from core.usecases.list_partitions import ListPartitions
from core.usecases.post_page import PageLimits, PostPage
from core.usecases.publish_outcomes import PublishOutcomes
from core.usecases.read_balance import ReadBalance
from core.usecases.read_halt import ReadHalt
from core.usecases.read_statement import ReadStatement
from core.usecases.read_transaction import ReadTransaction
from core.usecases.record_published import RecordPublished
from core.usecases.resume_partition import ResumePartition
from core.usecases.submit_command import SubmitCommand
from core.usecases.take_over import TakeOver


# The container enters it as a context, too, so its provider cannot be annotated with the port.
_watch_fits: type[PositionWatch] = LedgerPositionWatch


class Container(containers.DeclarativeContainer):
    """Every part of every process. Annotations name ports, so the type checker proves the fit."""

    config = providers.Configuration(strict=True)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    ids: providers.Provider[Ids] = providers.Singleton(SystemIds)
    currencies: providers.Provider[Currencies] = providers.Singleton(IsoCurrencies)
    metrics = providers.Singleton(Metrics)

    memory_books = providers.Singleton(MemoryBooks)
    memory_log = providers.Singleton(MemoryLog, config.partitions)
    memory_command_log: providers.Provider[CommandLog] = providers.Singleton(
        MemoryCommandLog, memory_log, clock
    )
    memory_feed: providers.Provider[CommandFeed] = providers.Singleton(
        MemoryCommandFeed, memory_log
    )
    memory_events: providers.Provider[Events] = providers.Singleton(MemoryEvents)
    memory_ledger: providers.Provider[Ledger] = providers.Singleton(
        MemoryLedger, memory_books, clock
    )
    memory_reader: providers.Provider[LedgerReader] = providers.Singleton(
        MemoryLedgerReader, memory_books
    )
    memory_partitions: providers.Provider[Partitions] = providers.Singleton(
        MemoryPartitions, memory_books, clock
    )
    memory_safeguard: providers.Provider[Safeguard] = providers.Singleton(MemorySafeguard)
    memory_kafka: providers.Provider[Dependency] = providers.Singleton(MemoryDependency, "kafka")
    memory_postgres: providers.Provider[Dependency] = providers.Singleton(
        MemoryDependency, "postgres"
    )
    command_log: providers.Provider[CommandLog] = memory_command_log
    feed: providers.Provider[CommandFeed] = memory_feed
    events: providers.Provider[Events] = memory_events
    ledger: providers.Provider[Ledger] = memory_ledger
    reader: providers.Provider[LedgerReader] = memory_reader
    partitions: providers.Provider[Partitions] = memory_partitions
    kafka_dependency = memory_kafka
    postgres_dependency = memory_postgres
    api_connections = providers.List()
    processor_connections = providers.List()
    safeguards = providers.List(memory_safeguard)

    watch = providers.Singleton(LedgerPositionWatch, reader, max_waiters=config.max_waiters)
    checks = providers.Singleton(
        Checks,
        currencies=currencies,
        default_currency=config.default_currency,
        partition_count=config.partitions,
    )
    submit_command = providers.Singleton(
        SubmitCommand, checks=checks, ids=ids, log=command_log, reader=reader, watch=watch
    )
    read_transaction = providers.Singleton(
        ReadTransaction, checks=checks, log=command_log, reader=reader, watch=watch
    )
    read_balance = providers.Singleton(ReadBalance, checks=checks, reader=reader, watch=watch)
    read_statement = providers.Singleton(ReadStatement, checks=checks, reader=reader, watch=watch)
    list_partitions = providers.Singleton(ListPartitions, partitions)
    resume_partition = providers.Singleton(ResumePartition, partitions=partitions, feed=feed)

    posting_metrics = metrics.provided.posting
    publish = providers.Singleton(
        ObservedPublish, providers.Singleton(PublishOutcomes, events), posting_metrics
    )
    take_over = providers.Singleton(TakeOver, ledger=ledger, feed=feed, publish=publish)
    post_page = providers.Singleton(
        ObservedPostPage,
        providers.Singleton(
            PostPage,
            ledger=ledger,
            limits=providers.Singleton(
                PageLimits,
                max_records=config.max_page_records,
                max_entries=config.max_page_entries,
                max_condemned_in_a_row=config.max_condemned_in_a_row,
            ),
        ),
        posting_metrics,
    )
    work = providers.Singleton(
        Work,
        feed=feed,
        take_over=take_over,
        post_page=post_page,
        read_halt=providers.Singleton(ReadHalt, ledger),
        telling=providers.Singleton(
            Telling,
            publish=publish,
            record_published=providers.Singleton(RecordPublished, ledger),
        ),
        limits=providers.Singleton(
            WorkerLimits,
            max_page_records=config.max_page_records,
            max_page_bytes=config.max_page_bytes,
            drain_seconds=config.drain_seconds,
        ),
    )
    pool = providers.Singleton(WorkerPool, work)
    lag_report = providers.Singleton(
        LagReport, pool=pool, feed=feed, clock=clock, metrics=posting_metrics
    )

    http_limits = providers.Singleton(HttpLimits, stop_seconds=config.drain_seconds)
    representations = providers.Singleton(Representations, currencies)
    api_health = providers.Singleton(
        HealthParts,
        dependencies=providers.List(kafka_dependency, postgres_dependency),
        required=frozenset({"kafka"}),
        metrics=metrics,
    )
    api_app = providers.Singleton(
        build_app,
        providers.Singleton(
            ApiParts,
            submit_command=submit_command,
            read_transaction=read_transaction,
            read_balance=read_balance,
            read_statement=read_statement,
            representations=representations,
            health=api_health,
            limits=http_limits,
        ),
    )
    api_server = providers.Singleton(
        HttpServer,
        app=api_app,
        host=config.http_host,
        port=config.http_port,
        metrics=metrics.provided.http,
        limits=http_limits,
    )
    processor_app = providers.Singleton(
        build_health_app,
        providers.Singleton(
            HealthParts,
            dependencies=providers.List(kafka_dependency, postgres_dependency),
            required=frozenset({"kafka", "postgres"}),
            metrics=metrics,
        ),
    )
    processor_server = providers.Singleton(
        HttpServer,
        app=processor_app,
        host=config.processor_http_host,
        port=config.processor_http_port,
        metrics=metrics.provided.http,
        limits=http_limits,
    )


def make_container(settings: Mapping[str, object]) -> Container:
    """A container of its own for these settings."""
    container = Container()
    container.config.from_dict(dict(settings))
    return container


@asynccontextmanager
async def running_api(container: Container) -> AsyncIterator[None]:
    """The API, accepting requests while the context lasts."""
    async with AsyncExitStack() as stack:
        for connection in container.api_connections():
            await stack.enter_async_context(connection)
        await stack.enter_async_context(container.watch())
        await stack.enter_async_context(container.api_server())
        yield


@asynccontextmanager
async def running_processor(container: Container) -> AsyncIterator[None]:
    """The processor, posting while the context lasts.

    Raises `NotPermittedError` on a foundation that would lose data.
    """
    async with AsyncExitStack() as stack:
        for connection in container.processor_connections():
            await stack.enter_async_context(connection)
        await stack.enter_async_context(container.processor_server())
        for safeguard in container.safeguards():
            await until_available(safeguard.verify)
        await stack.enter_async_context(_posting(container))
        yield


@asynccontextmanager
async def running_demo(container: Container) -> AsyncIterator[None]:
    """API and worker pool in one process."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_posting(container))
        await stack.enter_async_context(running_api(container))
        yield


@asynccontextmanager
async def _posting(container: Container) -> AsyncIterator[None]:
    report = asyncio.create_task(container.lag_report().run(), name="lag-report")
    try:
        async with container.feed().membership(container.pool()):
            yield
    finally:
        report.cancel()
        await asyncio.gather(report, return_exceptions=True)


async def list_partitions(container: Container) -> Sequence[LogPosition]:
    """Every partition's position."""
    async with _connected(container):
        return await container.list_partitions()()


async def resume_partition(
    container: Container, partition: int, at_offset: int, reason: str
) -> LogPosition:
    """End a halt. Raises `CannotResumeError`."""
    async with _connected(container):
        return await container.resume_partition()(partition, at_offset, reason)


@asynccontextmanager
async def _connected(container: Container) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for connection in container.processor_connections():
            await stack.enter_async_context(connection)
        yield


async def migrate(container: Container) -> str:
    """Bring the database's tables up to date; the revision they are at."""
    raise NotImplementedError


async def create_topics(container: Container) -> Sequence[str]:
    """Create the topics that are missing; a line for each that says what is there."""
    raise NotImplementedError
