"""The container: the only place that knows which adapter stands behind which port.

Settings arrive as plain values. Nothing is connected when a container is made; the `running_...`
functions enter the parts of a process in order, and leave them in reverse whatever fails.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from dependency_injector import containers, providers
from pydantic import SecretStr

from adapters.asyncapi.document import asyncapi_document
from adapters.background import beside
from adapters.backlog import Backlog
from adapters.backlog_watch import BacklogWatch
from adapters.inbound.cli.command_line import CommandLine
from adapters.inbound.cli.command_line import operate as operate_client
from adapters.inbound.cli.dead_letter_verbs import DeadLetterVerbs
from adapters.inbound.cli.event_verb import EventVerb
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.paths import base_url
from adapters.inbound.cli.receipt_check import proven
from adapters.inbound.cli.top.process import Address, Kind
from adapters.inbound.cli.top.verb import TopVerb
from adapters.inbound.cli.trace_verb import TraceVerb
from adapters.inbound.cli.verify_verb import Step, VerifyVerb
from adapters.inbound.http.app import ApiParts, HealthParts, build_app, build_health_app
from adapters.inbound.http.handlers.webhooks import WebhookUseCases
from adapters.inbound.http.limits import HttpLimits, header_bytes_for
from adapters.inbound.http.server import HttpServer
from adapters.inbound.webhooks.bodies import WebhookBodies
from adapters.inbound.webhooks.courier import Courier, CourierLimits
from adapters.inbound.webhooks.dispatch import Dispatch
from adapters.inbound.webhooks.intake import EventIntake
from adapters.inbound.webhooks.upkeep import Upkeep
from adapters.inbound.worker.dead_letter_report import DeadLetterReport
from adapters.inbound.worker.expiry import HoldExpiry
from adapters.inbound.worker.head_signing import HeadSigning
from adapters.inbound.worker.integrity_report import IntegrityReport
from adapters.inbound.worker.integrity_watch import IntegrityWatch
from adapters.inbound.worker.lag_report import LagReport
from adapters.inbound.worker.page_teller import PageTeller
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.publisher import Telling
from adapters.inbound.worker.restoring import Restoring
from adapters.inbound.worker.retrying import Retries, until_available
from adapters.inbound.worker.signing_report import SigningReport
from adapters.inbound.worker.worker import Work, WorkerLimits
from adapters.limited_log import LimitedCommandLog
from adapters.live_events.limits import StreamLimits
from adapters.live_events.streams import EventStreams
from adapters.metrics.catalogue import CATALOGUE
from adapters.metrics.document import metrics_document
from adapters.metrics.instruments import Metrics
from adapters.observed.command_log import ObservedCommandLog
from adapters.observed.ledger import ObservedLedger
from adapters.observed.live_events import ObservedLiveEvents
from adapters.observed.position_watch import ObservedPositionWatch
from adapters.observed.posting import ObservedPostPage, ObservedPublish
from adapters.observed.retries import RetryCounter
from adapters.observed.traces import TracedCommandLog, TracedPostPage, TracedPublish
from adapters.outbound.calls.sender import CallLimits, HttpWebhookSender
from adapters.outbound.kafka.command_feed import KafkaCommandFeed
from adapters.outbound.kafka.command_log import KafkaCommandLog
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.dependency import KafkaDependency
from adapters.outbound.kafka.event_feed import KafkaEventFeed
from adapters.outbound.kafka.event_schemas import event_schemas
from adapters.outbound.kafka.events import EventTopics, KafkaEvents
from adapters.outbound.kafka.membership import GroupSettings
from adapters.outbound.kafka.page_feed import KafkaPageFeed
from adapters.outbound.kafka.pages import KafkaPageLog
from adapters.outbound.kafka.safeguard import KafkaSafeguard
from adapters.outbound.kafka.topics import KafkaTopics, TopicReport, counterfoil_topics
from adapters.outbound.keys.public_key import by_id
from adapters.outbound.keys.signing_key import new_signer, public_file, read_signer, write_new_key
from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.books_states import MemoryBooksStates
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.dead_letters import MemoryDeadLetters
from adapters.outbound.memory.event_feed import MemoryEventFeed
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.memory.foundation import MemoryDependency, MemorySafeguard
from adapters.outbound.memory.integrity_checks import MemoryIntegrityChecks
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.log import MemoryLog
from adapters.outbound.memory.pages import MemoryPages
from adapters.outbound.memory.partitions import MemoryPartitions
from adapters.outbound.memory.signed_heads import MemorySignedHeads
from adapters.outbound.memory.webhooks.endpoints import MemoryWebhookEndpoints, MemoryWebhookLog
from adapters.outbound.memory.webhooks.intake import (
    MemoryWebhookIntake,
    MemoryWebhookReplays,
    MemoryWebhookUpkeep,
)
from adapters.outbound.memory.webhooks.queue import MemoryWebhookQueue
from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from adapters.outbound.postgres import migrate as migrations
from adapters.outbound.postgres.audit.books_audit import PostgresBooksAudit
from adapters.outbound.postgres.blockers import Blockers
from adapters.outbound.postgres.books_states import PostgresBooksStates
from adapters.outbound.postgres.database import Database, DatabaseLimits
from adapters.outbound.postgres.dead_letters import PostgresDeadLetters
from adapters.outbound.postgres.dependency import PostgresDependency
from adapters.outbound.postgres.digest import PostgresDigest
from adapters.outbound.postgres.integrity_checks import PostgresIntegrityChecks
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.ledger_reader import PostgresLedgerReader
from adapters.outbound.postgres.partitions import PostgresPartitions
from adapters.outbound.postgres.safeguard import PostgresSafeguard
from adapters.outbound.postgres.signed_heads import PostgresSignedHeads
from adapters.outbound.postgres.tls import Tls
from adapters.outbound.postgres.webhooks.endpoints import PostgresWebhookEndpoints
from adapters.outbound.postgres.webhooks.intake import PostgresWebhookIntake
from adapters.outbound.postgres.webhooks.log import PostgresWebhookLog
from adapters.outbound.postgres.webhooks.queue import PostgresWebhookQueue
from adapters.outbound.postgres.webhooks.replays import PostgresWebhookReplays
from adapters.outbound.postgres.webhooks.upkeep import PostgresWebhookUpkeep
from adapters.outbound.system.chance import SystemChance
from adapters.outbound.system.clock import SystemClock
from adapters.outbound.system.currencies import IsoCurrencies
from adapters.outbound.system.ids import SystemIds
from adapters.position_watch import LedgerPositionWatch
from adapters.representations import Representations
from adapters.tracing import Tracing
from core.entities.lag import PartitionLag
from core.entities.log_position import LogPosition
from core.ports.books_audit import BooksAudit
from core.ports.books_states import BooksStates
from core.ports.chance import Chance
from core.ports.clock import Clock
from core.ports.command_feed import CommandFeed
from core.ports.command_log import CommandLog
from core.ports.currencies import Currencies
from core.ports.dead_letters import DeadLetters
from core.ports.dependency import Dependency
from core.ports.event_feed import EventFeed
from core.ports.events import Events
from core.ports.ids import Ids
from core.ports.integrity_checks import IntegrityChecks
from core.ports.keys import Signer
from core.ports.ledger import Ledger
from core.ports.ledger_reader import LedgerReader
from core.ports.live_events import LiveEvents
from core.ports.pages import PageFeed, PageLog
from core.ports.partitions import Partitions
from core.ports.position_watch import PositionWatch
from core.ports.record_log import RecordLog
from core.ports.safeguard import Safeguard
from core.ports.signed_heads import HeadLog, Proofs, SignedHeads
from core.ports.webhooks.endpoints import WebhookEndpoints
from core.ports.webhooks.intake import WebhookIntake
from core.ports.webhooks.log import WebhookLog
from core.ports.webhooks.queue import WebhookQueue
from core.ports.webhooks.replays import WebhookReplays
from core.ports.webhooks.sender import WebhookSender
from core.ports.webhooks.upkeep import WebhookUpkeep
from core.usecases.accepting import NewCommand
from core.usecases.check_integrity import CheckIntegrity
from core.usecases.check_ownership import CheckOwnership
from core.usecases.checks import Checks
from core.usecases.discard_dead_letter import DiscardDeadLetter
from core.usecases.expire_holds import ExpireHolds
from core.usecases.export_statement import ExportStatement
from core.usecases.find_dead_letter import FindDeadLetter
from core.usecases.find_missing_pages import FindMissingPages
from core.usecases.find_published import FindPublished
from core.usecases.find_transactions import FindTransactions
from core.usecases.find_waiting import FindWaiting
from core.usecases.follow_dead_letters import FollowDeadLetters
from core.usecases.follow_events import FollowEvents
from core.usecases.halt_partition import HaltPartition
from core.usecases.list_accounts import ListAccounts
from core.usecases.list_dead_letters import ListDeadLetters
from core.usecases.list_holds import ListHolds
from core.usecases.list_partitions import ListPartitions
from core.usecases.list_transactions import ListTransactions
from core.usecases.measure_lag import MeasureLag
from core.usecases.post_page import PageLimits, PostPage
from core.usecases.publish_outcomes import PublishOutcomes
from core.usecases.read_balance import ReadBalance
from core.usecases.read_balances import ReadBalances
from core.usecases.read_events import ReadEvents
from core.usecases.read_halt import ReadHalt
from core.usecases.read_hold import ReadHold
from core.usecases.read_integrity import ReadIntegrity
from core.usecases.read_past_balances import ReadPastBalances
from core.usecases.read_proof import ReadProof
from core.usecases.read_signed_heads import ReadSignedHeads
from core.usecases.read_statement import ReadStatement
from core.usecases.read_transaction import ReadTransaction
from core.usecases.rebuild_books import RebuildBooks
from core.usecases.record_published import RecordPublished
from core.usecases.replay_books import Kept, ReplayBooks, Replayed
from core.usecases.reposting import Books, Reposting, as_marked
from core.usecases.requeue_dead_letter import RequeueDeadLetter
from core.usecases.resume_partition import ResumePartition
from core.usecases.sign_heads import SignHeads
from core.usecases.submit_batch import SubmitBatch
from core.usecases.submit_command import SubmitCommand
from core.usecases.take_over import TakeOver
from core.usecases.tell_pages import TellPages
from core.usecases.trace_transaction import TraceTransaction
from core.usecases.verify_books import VerifyBooks
from core.usecases.verify_signatures import VerifySignatures
from core.usecases.webhooks.add_endpoint import AddEndpoint
from core.usecases.webhooks.call_endpoint import CallEndpoint
from core.usecases.webhooks.change_endpoint import ChangeEndpoint
from core.usecases.webhooks.fields import WebhookFields
from core.usecases.webhooks.read_deliveries import ReadDeliveries
from core.usecases.webhooks.read_endpoint import ReadEndpoint
from core.usecases.webhooks.remove_endpoint import RemoveEndpoint
from core.usecases.webhooks.replay_events import ReplayEvents
from core.usecases.webhooks.rotate_secret import RotateSecret
from core.usecases.webhooks.work_off_replay import WorkOffReplay

ClientWork = Callable[[CommandLine], Awaitable[None]]
"""What a verb of the command line does with a client."""
DeadLetterWork = Callable[[DeadLetterVerbs], Awaitable[bool]]
"""What a verb does about dead letters: whether all was done."""

# These are entered as contexts, too, so their providers cannot be annotated with their ports.
_fit: tuple[
    type[PositionWatch],
    type[CommandLog],
    type[CommandFeed],
    type[Events],
    type[EventFeed],
    type[PageLog],
    type[PageFeed],
    type[Dependency],
] = (
    LedgerPositionWatch,
    KafkaCommandLog,
    KafkaCommandFeed,
    KafkaEvents,
    KafkaEventFeed,
    KafkaPageLog,
    KafkaPageFeed,
    KafkaDependency,
)
# These stand behind a second port.
_fit_calls: type[WebhookSender] = HttpWebhookSender
_fit_twice: tuple[type[RecordLog], type[RecordLog]] = (KafkaCommandLog, MemoryCommandLog)
_fit_proofs: tuple[type[HeadLog], type[HeadLog], type[Proofs], type[Proofs]] = (
    KafkaPageLog,
    MemoryPages,
    PostgresSignedHeads,
    MemorySignedHeads,
)


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _memory_signer(path: Path | None) -> Signer:
    """Nothing is kept there, so neither is the key."""
    return read_signer(path) or new_signer()


def _sign_heads(
    signer: Signer | None, heads: SignedHeads, log: HeadLog, clock: Clock, ledger_name: str
) -> SignHeads | None:
    return None if signer is None else SignHeads(heads, log, signer, clock, ledger_name)


def _is_on(traces_endpoint: str | None) -> str:
    return "off" if traces_endpoint is None else "on"


def _otel_processor(traces_endpoint: str) -> object:
    """What hands spans to the collector. OpenTelemetry is an extra: where tracing is off, neither
    this nor the next is called.
    """
    from adapters.outbound.otel.exporting import batching  # noqa: PLC0415

    return batching(traces_endpoint)


def _otel_tracing(
    new_processor: Callable[[], Any], sampling_ratio: float, commands_topic: str, events_topic: str
) -> Tracing:
    from adapters.outbound.otel.tracing import OtelTracing  # noqa: PLC0415

    return OtelTracing(new_processor, sampling_ratio, commands_topic, events_topic)


def _chosen(
    profile: providers.ConfigurationOption,
    real: providers.Provider[Any],
    memory: providers.Provider[Any],
) -> providers.Selector[Any]:
    """`real` for production and the local stack, `memory` for a first look and for tests."""
    return providers.Selector(profile, external=real, embedded=real, memory=memory)


class Container(containers.DeclarativeContainer):
    """Every part of every process. Annotations name ports, so the type checker proves the fit."""

    config = providers.Configuration(strict=True)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    ids: providers.Provider[Ids] = providers.Singleton(SystemIds)
    currencies: providers.Provider[Currencies] = providers.Singleton(IsoCurrencies)
    metrics = providers.Singleton(Metrics)
    representations = providers.Singleton(Representations, currencies)

    tracing_choice = providers.Callable(_is_on, config.traces_endpoint)
    new_span_processor = providers.Callable(partial, _otel_processor, config.traces_endpoint)
    otel_tracing: providers.Provider[Tracing] = providers.Singleton(
        _otel_tracing,
        new_processor=new_span_processor,
        sampling_ratio=config.traces_sampling_ratio,
        commands_topic=config.kafka_commands_topic,
        events_topic=config.kafka_transactions_topic,
    )
    tracings = providers.Selector(
        tracing_choice, on=providers.List(otel_tracing), off=providers.List()
    )
    record_headers = providers.Selector(
        tracing_choice, on=otel_tracing.provided.record_headers, off=providers.Object(None)
    )

    memory_books = providers.Singleton(MemoryBooks)
    memory_log = providers.Singleton(MemoryLog, config.partitions)
    memory_command_log: providers.Provider[CommandLog] = providers.Singleton(
        MemoryCommandLog, memory_log, clock, record_headers
    )
    memory_feed: providers.Provider[CommandFeed] = providers.Singleton(
        MemoryCommandFeed, memory_log
    )
    memory_event_log = providers.Singleton(MemoryEventLog, config.partitions, clock)
    memory_events: providers.Provider[Events] = providers.Singleton(
        MemoryEvents, memory_event_log, representations
    )
    memory_event_feed: providers.Provider[EventFeed] = providers.Singleton(
        MemoryEventFeed, memory_event_log
    )
    memory_pages = providers.Singleton(MemoryPages)
    memory_ledger: providers.Provider[Ledger] = providers.Singleton(
        MemoryLedger, memory_books, clock
    )
    memory_reader: providers.Provider[LedgerReader] = providers.Singleton(
        MemoryLedgerReader, memory_books
    )
    memory_partitions: providers.Provider[Partitions] = providers.Singleton(
        MemoryPartitions, memory_books, clock
    )
    memory_dead_letters: providers.Provider[DeadLetters] = providers.Singleton(
        MemoryDeadLetters, memory_books
    )
    memory_safeguard: providers.Provider[Safeguard] = providers.Singleton(MemorySafeguard)
    memory_kafka: providers.Provider[Dependency] = providers.Singleton(MemoryDependency, "kafka")
    memory_postgres: providers.Provider[Dependency] = providers.Singleton(
        MemoryDependency, "postgres"
    )
    memory_log_dependency: providers.Provider[Dependency] = providers.Singleton(
        MemoryDependency, "command_log"
    )

    kafka_connection = providers.Singleton(
        KafkaConnection,
        bootstrap_servers=config.kafka_bootstrap_servers,
        security_protocol=config.kafka_security_protocol,
        ca_file=config.kafka_tls_ca_file,
        certificate_file=config.kafka_tls_certificate_file,
        key_file=config.kafka_tls_key_file,
        sasl_mechanism=config.kafka_sasl_mechanism,
        sasl_username=config.kafka_sasl_username,
        sasl_password=providers.Callable(_revealed, config.kafka_sasl_password),
    )
    kafka_topics = providers.Singleton(KafkaTopics, kafka_connection)
    topic_specs = providers.Singleton(
        counterfoil_topics,
        config.partitions,
        config.kafka_replication_factor,
        commands=config.kafka_commands_topic,
        transactions=config.kafka_transactions_topic,
        dead=config.kafka_dead_topic,
        pages=config.kafka_pages_topic,
    )
    kafka_safeguard = providers.Singleton(
        KafkaSafeguard,
        kafka_topics,
        topic=config.kafka_commands_topic,
        partition_count=config.partitions,
    )
    kafka_command_log = providers.Singleton(
        KafkaCommandLog,
        kafka_connection,
        topic=config.kafka_commands_topic,
        partition_count=config.partitions,
        max_in_flight=config.max_in_flight_commands,
        safeguard=kafka_safeguard,
        further_headers=record_headers,
    )
    kafka_feed = providers.Singleton(
        KafkaCommandFeed,
        kafka_connection,
        providers.Singleton(
            GroupSettings, topic=config.kafka_commands_topic, group_id=config.kafka_group
        ),
    )
    kafka_events = providers.Singleton(
        KafkaEvents,
        kafka_connection,
        topics=providers.Singleton(
            EventTopics,
            transactions=config.kafka_transactions_topic,
            dead=config.kafka_dead_topic,
            partition_count=config.partitions,
        ),
        source=config.event_source,
        representations=representations,
    )
    kafka_event_feed = providers.Singleton(
        KafkaEventFeed,
        kafka_connection,
        topic=config.kafka_transactions_topic,
        partition_count=config.partitions,
    )
    kafka_page_log = providers.Singleton(
        KafkaPageLog,
        kafka_connection,
        topic=config.kafka_pages_topic,
        partition_count=config.partitions,
    )
    kafka_page_feed = providers.Singleton(
        KafkaPageFeed,
        kafka_connection,
        topic=config.kafka_pages_topic,
        partition_count=config.partitions,
    )
    real_kafka = providers.Singleton(
        KafkaDependency,
        kafka_connection,
        topic=config.kafka_commands_topic,
        partition_count=config.partitions,
    )

    database = providers.Singleton(
        Database,
        providers.Callable(_revealed, config.postgres_dsn),
        limits=providers.Singleton(
            DatabaseLimits,
            pool_size=config.postgres_pool_size,
            command_timeout_seconds=config.postgres_command_timeout_seconds,
        ),
        tls=providers.Singleton(Tls, mode=config.postgres_tls, ca_file=config.postgres_tls_ca_file),
    )
    blockers = providers.Singleton(
        Blockers, database, patience_seconds=config.blocker_patience_seconds
    )
    postgres_ledger: providers.Provider[Ledger] = providers.Singleton(
        PostgresLedger, database, clock, blockers
    )
    postgres_reader: providers.Provider[LedgerReader] = providers.Singleton(
        PostgresLedgerReader, database
    )
    postgres_partitions: providers.Provider[Partitions] = providers.Singleton(
        PostgresPartitions, database, clock, blockers
    )
    postgres_dead_letters: providers.Provider[DeadLetters] = providers.Singleton(
        PostgresDeadLetters, database
    )
    postgres_safeguard: providers.Provider[Safeguard] = providers.Singleton(
        PostgresSafeguard, database, clock, config.partitions
    )
    real_postgres: providers.Provider[Dependency] = providers.Singleton(
        PostgresDependency, database
    )

    command_log: providers.Provider[CommandLog] = _chosen(
        config.profile, kafka_command_log, memory_command_log
    )
    record_log: providers.Provider[RecordLog] = _chosen(
        config.profile, kafka_command_log, memory_command_log
    )
    feed: providers.Provider[CommandFeed] = _chosen(config.profile, kafka_feed, memory_feed)
    events: providers.Provider[Events] = _chosen(config.profile, kafka_events, memory_events)
    event_feed: providers.Provider[EventFeed] = _chosen(
        config.profile, kafka_event_feed, memory_event_feed
    )
    page_log: providers.Provider[PageLog] = _chosen(config.profile, kafka_page_log, memory_pages)
    page_feed: providers.Provider[PageFeed] = _chosen(config.profile, kafka_page_feed, memory_pages)
    ledger: providers.Provider[Ledger] = _chosen(config.profile, postgres_ledger, memory_ledger)
    reader: providers.Provider[LedgerReader] = _chosen(
        config.profile, postgres_reader, memory_reader
    )
    partitions: providers.Provider[Partitions] = _chosen(
        config.profile, postgres_partitions, memory_partitions
    )
    dead_letters: providers.Provider[DeadLetters] = _chosen(
        config.profile, postgres_dead_letters, memory_dead_letters
    )
    kafka_dependency: providers.Provider[Dependency] = _chosen(
        config.profile, real_kafka, memory_kafka
    )
    postgres_dependency: providers.Provider[Dependency] = _chosen(
        config.profile, real_postgres, memory_postgres
    )
    log_dependency: providers.Provider[Dependency] = _chosen(
        config.profile, kafka_command_log, memory_log_dependency
    )
    api_connections = _chosen(
        config.profile,
        providers.List(database, real_kafka, kafka_command_log, kafka_event_feed),
        providers.List(),
    )
    processor_connections = _chosen(
        config.profile,
        providers.List(
            *(database, real_kafka, kafka_feed, kafka_events, kafka_command_log),
            *(kafka_page_log, kafka_page_feed),
        ),
        providers.List(),
    )
    operator_connections = _chosen(
        config.profile,
        providers.List(database, kafka_feed, kafka_page_feed),
        providers.List(),
    )
    event_connections = _chosen(config.profile, providers.List(kafka_event_feed), providers.List())
    log_connections = providers.List(kafka_feed, kafka_page_feed)
    books_connections = _chosen(config.profile, providers.List(database), providers.List())
    deciding_connections = _chosen(
        config.profile, providers.List(database, kafka_command_log), providers.List()
    )
    safeguards = _chosen(
        config.profile,
        providers.List(kafka_safeguard, postgres_safeguard),
        providers.List(memory_safeguard),
    )

    accepting_metrics = metrics.provided.accepting
    backlog = providers.Singleton(
        Backlog, partition_count=config.partitions, max_lag_records=config.max_lag_records
    )
    backlog_watch = providers.Singleton(
        BacklogWatch, backlog, command_log, reader, accepting_metrics
    )
    observed_log: providers.Provider[CommandLog] = providers.Singleton(
        ObservedCommandLog,
        providers.Singleton(LimitedCommandLog, command_log, backlog),
        accepting_metrics,
    )
    accepting_log: providers.Provider[CommandLog] = providers.Selector(
        tracing_choice,
        on=providers.Singleton(TracedCommandLog, observed_log, otel_tracing),
        off=observed_log,
    )
    watch = providers.Singleton(LedgerPositionWatch, reader, max_waiters=config.max_waiters)
    observed_watch: providers.Provider[PositionWatch] = providers.Singleton(
        ObservedPositionWatch, watch, accepting_metrics
    )
    checks = providers.Singleton(
        Checks,
        currencies=currencies,
        default_currency=config.default_currency,
        partition_count=config.partitions,
    )
    new_command = providers.Singleton(NewCommand, checks=checks, ids=ids)
    submit_command = providers.Singleton(
        SubmitCommand,
        new_command=new_command,
        log=accepting_log,
        reader=reader,
        watch=observed_watch,
    )
    submit_batch = providers.Singleton(
        SubmitBatch, new_command=new_command, log=accepting_log, reader=reader, watch=observed_watch
    )
    read_transaction = providers.Singleton(
        ReadTransaction, checks=checks, log=command_log, reader=reader, watch=observed_watch
    )
    read_balance = providers.Singleton(
        ReadBalance, checks=checks, reader=reader, watch=observed_watch
    )
    read_statement = providers.Singleton(
        ReadStatement, checks=checks, reader=reader, watch=observed_watch
    )
    read_balances = providers.Singleton(
        ReadBalances, checks=checks, reader=reader, watch=observed_watch
    )
    read_past_balances = providers.Singleton(
        ReadPastBalances,
        checks=checks,
        log=command_log,
        reader=reader,
        watch=observed_watch,
        clock=clock,
    )
    export_statement = providers.Singleton(
        ExportStatement, checks=checks, reader=reader, watch=observed_watch, clock=clock
    )
    find_transactions = providers.Singleton(FindTransactions, checks=checks, reader=reader)
    list_transactions = providers.Singleton(
        ListTransactions, checks=checks, reader=reader, watch=observed_watch
    )
    read_hold = providers.Singleton(
        ReadHold, reader=reader, read_transaction=read_transaction, watch=observed_watch
    )
    list_holds = providers.Singleton(ListHolds, checks=checks, reader=reader, watch=observed_watch)
    list_accounts = providers.Singleton(ListAccounts, checks=checks, reader=reader)
    event_streams = providers.Singleton(
        EventStreams,
        event_feed,
        providers.Singleton(
            StreamLimits,
            max_streams=config.max_event_streams,
            max_catch_ups=config.max_event_catch_ups,
        ),
    )
    live_events: providers.Provider[LiveEvents] = providers.Singleton(
        ObservedLiveEvents, event_streams, metrics.provided.streaming
    )
    follow_events = providers.Singleton(FollowEvents, checks=checks, live_events=live_events)
    event_verb = providers.Factory(
        EventVerb,
        read_events=providers.Singleton(ReadEvents, checks=checks, feed=event_feed),
        output=providers.Factory(Output, as_json=False),
    )
    list_partitions = providers.Singleton(ListPartitions, partitions)
    resume_partition = providers.Singleton(
        ResumePartition, partitions=partitions, feed=feed, pages=page_feed
    )
    discard_dead_letter = providers.Singleton(DiscardDeadLetter, checks=checks, log=command_log)
    requeue_dead_letter = providers.Singleton(
        RequeueDeadLetter, records=record_log, log=command_log, partition_count=config.partitions
    )
    dead_letter_verbs = providers.Factory(
        DeadLetterVerbs,
        list_letters=providers.Singleton(ListDeadLetters, dead_letters),
        find=providers.Singleton(FindDeadLetter, dead_letters),
        requeue_letter=requeue_dead_letter,
        discard_letter=discard_dead_letter,
        follow=providers.Singleton(FollowDeadLetters, letters=dead_letters, watch=watch),
        representations=representations,
        output=providers.Factory(Output, as_json=False),
    )

    measure_lag = providers.Singleton(
        MeasureLag,
        partitions=partitions,
        feed=feed,
        clock=clock,
        partition_count=config.partitions,
    )

    posting_metrics = metrics.provided.posting
    observed_ledger: providers.Provider[Ledger] = providers.Singleton(
        ObservedLedger, ledger, posting_metrics
    )
    retries = providers.Singleton(Retries, providers.Singleton(RetryCounter, posting_metrics))
    observed_publish = providers.Singleton(
        ObservedPublish, providers.Singleton(PublishOutcomes, events), posting_metrics
    )
    publish = providers.Selector(
        tracing_choice,
        on=providers.Singleton(TracedPublish, observed_publish, otel_tracing),
        off=observed_publish,
    )
    tell_pages = providers.Singleton(
        PageTeller, providers.Singleton(TellPages, ledger=observed_ledger, pages=page_log)
    )
    take_over = providers.Singleton(
        TakeOver, ledger=observed_ledger, feed=feed, tell_pages=tell_pages, publish=publish
    )
    observed_post_page = providers.Singleton(
        ObservedPostPage,
        providers.Singleton(
            PostPage,
            ledger=observed_ledger,
            limits=providers.Singleton(
                PageLimits,
                max_records=config.max_page_records,
                max_entries=config.max_page_entries,
                max_condemned_in_a_row=config.max_condemned_in_a_row,
            ),
            partition_count=config.partitions,
        ),
        posting_metrics,
        clock,
    )
    post_page = providers.Selector(
        tracing_choice,
        on=providers.Singleton(TracedPostPage, observed_post_page, otel_tracing),
        off=observed_post_page,
    )
    restore = providers.Singleton(
        Restoring,
        find_missing=providers.Singleton(
            FindMissingPages,
            ledger=observed_ledger,
            partitions=partitions,
            pages=page_feed,
            partition_count=config.partitions,
        ),
        reposting=providers.Factory(
            Reposting,
            books=providers.Singleton(Books, observed_ledger, partitions),
            feed=feed,
            partition_count=config.partitions,
            told=providers.Object(as_marked),
        ).provider,
    )
    work = providers.Singleton(
        Work,
        feed=feed,
        restore=restore,
        take_over=take_over,
        post_page=post_page,
        check_ownership=providers.Singleton(CheckOwnership, observed_ledger),
        read_halt=providers.Singleton(ReadHalt, observed_ledger),
        halt_partition=providers.Singleton(HaltPartition, observed_ledger),
        telling=providers.Singleton(
            Telling,
            tell_pages=tell_pages,
            publish=publish,
            record_published=providers.Singleton(RecordPublished, observed_ledger),
            retries=retries,
        ),
        limits=providers.Singleton(
            WorkerLimits,
            max_page_records=config.max_page_records,
            max_page_bytes=config.max_page_bytes,
            drain_seconds=config.drain_seconds,
        ),
        retries=retries,
    )
    pool = providers.Singleton(WorkerPool, work)
    hold_expiry = providers.Singleton(
        HoldExpiry,
        pool,
        providers.Singleton(ExpireHolds, ledger=ledger, log=command_log, clock=clock),
    )
    lag_report = providers.Singleton(
        LagReport, pool=pool, feed=feed, reader=reader, clock=clock, metrics=posting_metrics
    )

    external_signer: providers.Provider[Signer | None] = providers.Singleton(
        read_signer, config.signing_key_file
    )
    memory_signer: providers.Provider[Signer | None] = providers.Singleton(
        _memory_signer, config.signing_key_file
    )
    signer: providers.Provider[Signer | None] = _chosen(
        config.profile, external_signer, memory_signer
    )
    memory_signed_heads: providers.Provider[SignedHeads] = providers.Singleton(
        MemorySignedHeads, memory_books
    )
    postgres_signed_heads: providers.Provider[SignedHeads] = providers.Singleton(
        PostgresSignedHeads, database
    )
    signed_heads = _chosen(config.profile, postgres_signed_heads, memory_signed_heads)
    sign_heads = providers.Singleton(
        _sign_heads,
        signer=signer,
        heads=signed_heads,
        log=page_log,
        clock=clock,
        ledger_name=config.event_source,
    )
    head_signing = providers.Singleton(
        HeadSigning,
        pool=pool,
        sign_heads=sign_heads,
        interval_seconds=config.signing_interval_seconds,
        report=providers.Singleton(SigningReport, clock, metrics.provided.posting),
    )
    read_signed_heads = providers.Singleton(ReadSignedHeads, checks=checks, proofs=signed_heads)
    read_proof = providers.Singleton(
        ReadProof,
        checks=checks,
        read_transaction=read_transaction,
        proofs=signed_heads,
        clock=clock,
    )

    memory_audit: providers.Provider[BooksAudit] = providers.Singleton(
        MemoryBooksAudit, memory_books
    )
    postgres_audit: providers.Provider[BooksAudit] = providers.Singleton(
        PostgresBooksAudit, database
    )
    audit: providers.Provider[BooksAudit] = _chosen(config.profile, postgres_audit, memory_audit)
    memory_integrity_checks: providers.Provider[IntegrityChecks] = providers.Singleton(
        MemoryIntegrityChecks
    )
    postgres_integrity_checks: providers.Provider[IntegrityChecks] = providers.Singleton(
        PostgresIntegrityChecks, database
    )
    integrity_checks: providers.Provider[IntegrityChecks] = _chosen(
        config.profile, postgres_integrity_checks, memory_integrity_checks
    )
    integrity_watch = providers.Singleton(
        IntegrityWatch,
        pool=pool,
        check=providers.Singleton(
            CheckIntegrity,
            audit=audit,
            checks=integrity_checks,
            clock=clock,
            partition_count=config.partitions,
        ),
        report=providers.Singleton(IntegrityReport, metrics.provided.integrity, clock),
        rows_per_second=config.integrity_rows_per_second,
    )
    read_integrity = providers.Singleton(
        ReadIntegrity, checks=integrity_checks, clock=clock, partition_count=config.partitions
    )
    books_states: providers.Provider[BooksStates] = providers.Singleton(
        PostgresBooksStates, database
    )
    verify_books = providers.Singleton(VerifyBooks, audit)
    replay_books = providers.Factory(
        ReplayBooks,
        kept=providers.Factory(Kept, ledger, books_states),
        replayed=providers.Factory(
            Replayed,
            providers.Factory(Books, memory_ledger, memory_partitions),
            providers.Factory(MemoryBooksStates, memory_books),
        ),
        feed=feed,
        pages=page_feed,
        partition_count=config.partitions,
    )
    rebuild_books = providers.Factory(
        RebuildBooks,
        books=providers.Factory(Books, postgres_ledger, postgres_partitions),
        feed=feed,
        pages=page_feed,
        partition_count=config.partitions,
    )
    verify_verb = providers.Factory(
        VerifyVerb,
        steps=providers.List(providers.Factory(Step, "books", verify_books)),
        representations=representations,
        output=providers.Factory(Output, as_json=False),
    )
    dead_letter_report = providers.Singleton(
        DeadLetterReport, pool=pool, letters=dead_letters, metrics=posting_metrics
    )

    chance: providers.Provider[Chance] = providers.Singleton(SystemChance)
    memory_webhooks = providers.Singleton(MemoryWebhookStore)
    memory_webhook_endpoints: providers.Provider[WebhookEndpoints] = providers.Singleton(
        MemoryWebhookEndpoints, memory_webhooks
    )
    memory_webhook_log: providers.Provider[WebhookLog] = providers.Singleton(
        MemoryWebhookLog, memory_webhooks
    )
    memory_webhook_queue: providers.Provider[WebhookQueue] = providers.Singleton(
        MemoryWebhookQueue, memory_webhooks
    )
    memory_webhook_intake: providers.Provider[WebhookIntake] = providers.Singleton(
        MemoryWebhookIntake, memory_webhooks
    )
    memory_webhook_replays: providers.Provider[WebhookReplays] = providers.Singleton(
        MemoryWebhookReplays, memory_webhooks
    )
    memory_webhook_upkeep: providers.Provider[WebhookUpkeep] = providers.Singleton(
        MemoryWebhookUpkeep, memory_webhooks
    )
    postgres_webhook_endpoints: providers.Provider[WebhookEndpoints] = providers.Singleton(
        PostgresWebhookEndpoints, database
    )
    postgres_webhook_log: providers.Provider[WebhookLog] = providers.Singleton(
        PostgresWebhookLog, database
    )
    postgres_webhook_queue: providers.Provider[WebhookQueue] = providers.Singleton(
        PostgresWebhookQueue, database
    )
    postgres_webhook_intake: providers.Provider[WebhookIntake] = providers.Singleton(
        PostgresWebhookIntake, database
    )
    postgres_webhook_replays: providers.Provider[WebhookReplays] = providers.Singleton(
        PostgresWebhookReplays, database
    )
    postgres_webhook_upkeep: providers.Provider[WebhookUpkeep] = providers.Singleton(
        PostgresWebhookUpkeep, database
    )
    webhook_endpoints: providers.Provider[WebhookEndpoints] = _chosen(
        config.profile, postgres_webhook_endpoints, memory_webhook_endpoints
    )
    webhook_log: providers.Provider[WebhookLog] = _chosen(
        config.profile, postgres_webhook_log, memory_webhook_log
    )
    webhook_queue: providers.Provider[WebhookQueue] = _chosen(
        config.profile, postgres_webhook_queue, memory_webhook_queue
    )
    webhook_intake: providers.Provider[WebhookIntake] = _chosen(
        config.profile, postgres_webhook_intake, memory_webhook_intake
    )
    webhook_replays: providers.Provider[WebhookReplays] = _chosen(
        config.profile, postgres_webhook_replays, memory_webhook_replays
    )
    webhook_upkeep: providers.Provider[WebhookUpkeep] = _chosen(
        config.profile, postgres_webhook_upkeep, memory_webhook_upkeep
    )
    webhooks_connections = _chosen(
        config.profile,
        providers.List(database, real_kafka, kafka_event_feed),
        providers.List(),
    )
    trace_connections = _chosen(
        config.profile, providers.List(database, kafka_feed, kafka_event_feed), providers.List()
    )
    trace_verb = providers.Factory(
        TraceVerb,
        trace=providers.Singleton(
            TraceTransaction,
            reader=reader,
            letters=dead_letters,
            find_waiting=providers.Singleton(FindWaiting, feed),
            find_published=providers.Singleton(FindPublished, event_feed),
            endpoints=webhook_endpoints,
            deliveries=webhook_log,
            partition_count=config.partitions,
        ),
        representations=representations,
        output=providers.Factory(Output, as_json=False),
    )
    webhook_fields = providers.Singleton(
        WebhookFields, allow_loopback=config.webhooks_allow_loopback
    )
    read_endpoint = providers.Singleton(ReadEndpoint, webhook_endpoints)
    webhook_usecases = providers.Singleton(
        WebhookUseCases,
        add=providers.Singleton(
            AddEndpoint,
            fields=webhook_fields,
            endpoints=webhook_endpoints,
            ids=ids,
            clock=clock,
            chance=chance,
            max_endpoints=config.webhooks_max_endpoints,
        ),
        read=read_endpoint,
        change=providers.Singleton(
            ChangeEndpoint,
            checks=checks,
            fields=webhook_fields,
            endpoints=webhook_endpoints,
            clock=clock,
        ),
        remove=providers.Singleton(RemoveEndpoint, webhook_endpoints),
        rotate=providers.Singleton(
            RotateSecret,
            fields=webhook_fields,
            endpoints=webhook_endpoints,
            clock=clock,
            chance=chance,
        ),
        call=providers.Singleton(
            CallEndpoint, read=read_endpoint, endpoints=webhook_endpoints, ids=ids, clock=clock
        ),
        replay=providers.Singleton(
            ReplayEvents,
            read=read_endpoint,
            reader=reader,
            replays=webhook_replays,
            clock=clock,
        ),
        read_deliveries=providers.Singleton(
            ReadDeliveries, checks=checks, read=read_endpoint, log=webhook_log
        ),
    )
    webhook_metrics = metrics.provided.webhooks
    webhook_sender = providers.Singleton(
        HttpWebhookSender,
        providers.Singleton(
            CallLimits,
            total_seconds=config.webhooks_call_seconds,
            allow_loopback=config.webhooks_allow_loopback,
        ),
    )
    webhook_dispatch = providers.Singleton(
        Dispatch,
        queue=webhook_queue,
        courier=providers.Singleton(
            Courier,
            queue=webhook_queue,
            bodies=providers.Singleton(WebhookBodies, reader, representations),
            sender=webhook_sender,
            clock=clock,
            chance=chance,
            metrics=webhook_metrics,
            limits=providers.Singleton(
                CourierLimits,
                in_flight=config.webhooks_in_flight,
                call_seconds=config.webhooks_call_seconds,
            ),
        ),
        clock=clock,
        drain_seconds=config.drain_seconds,
    )
    event_intake = providers.Singleton(
        EventIntake,
        feed=event_feed,
        intake=webhook_intake,
        endpoints=webhook_endpoints,
        clock=clock,
        metrics=webhook_metrics,
        arrived=webhook_dispatch.provided.arrived,
    )
    webhook_care = providers.Singleton(
        Upkeep,
        upkeep=webhook_upkeep,
        work_off_replay=providers.Singleton(
            WorkOffReplay,
            replays=webhook_replays,
            list_transactions=list_transactions,
            clock=clock,
        ),
        arrived=webhook_dispatch.provided.arrived,
        clock=clock,
        metrics=webhook_metrics,
        kept_days=config.webhooks_kept_days,
    )

    http_limits = providers.Singleton(
        HttpLimits,
        max_header_bytes=providers.Callable(header_bytes_for, config.partitions),
        stop_seconds=config.drain_seconds,
    )
    api_health = providers.Singleton(
        HealthParts,
        dependencies=providers.List(kafka_dependency, log_dependency, postgres_dependency),
        required=frozenset({"kafka", "command_log"}),
        metrics=metrics,
    )
    api_app = providers.Singleton(
        build_app,
        providers.Singleton(
            ApiParts,
            checks=checks,
            submit_command=submit_command,
            submit_batch=submit_batch,
            read_transaction=read_transaction,
            find_transactions=find_transactions,
            list_transactions=list_transactions,
            read_balance=read_balance,
            read_balances=read_balances,
            read_past_balances=read_past_balances,
            read_statement=read_statement,
            export_statement=export_statement,
            read_hold=read_hold,
            list_holds=list_holds,
            list_accounts=list_accounts,
            read_integrity=read_integrity,
            read_signed_heads=read_signed_heads,
            read_proof=read_proof,
            webhooks=webhook_usecases,
            follow_events=follow_events,
            representations=representations,
            health=api_health,
            limits=http_limits,
            describe_topics=providers.Callable(
                asyncapi_document,
                config.kafka_commands_topic,
                config.kafka_transactions_topic,
                config.kafka_dead_topic,
                config.kafka_pages_topic,
            ).provider,
            tracings=tracings,
            release_waiters=providers.List(watch.provided.release, event_streams.provided.release),
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
            dependencies=providers.List(kafka_dependency, postgres_dependency, pool),
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
    webhooks_server = providers.Singleton(
        HttpServer,
        app=providers.Singleton(
            build_health_app,
            providers.Singleton(
                HealthParts,
                dependencies=providers.List(kafka_dependency, postgres_dependency, event_intake),
                required=frozenset({"kafka", "postgres", "intake"}),
                metrics=metrics,
            ),
        ),
        host=config.webhooks_http_host,
        port=config.webhooks_http_port,
        metrics=metrics.provided.http,
        limits=http_limits,
    )


def make_container(settings: Mapping[str, object]) -> Container:
    """A container of its own for these settings."""
    container = Container()
    container.config.from_dict(dict(settings))
    return container


def log_processors(container: Container) -> Sequence[structlog.typing.Processor]:
    """What adds to each log event."""
    return [one.add_trace_id for one in container.tracings()]


@asynccontextmanager
async def running_api(container: Container) -> AsyncIterator[None]:
    """The API, accepting requests while the context lasts."""
    async with _connected(container.tracings()), _accepting(container):
        yield


@asynccontextmanager
async def _accepting(container: Container) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for connection in container.api_connections():
            await stack.enter_async_context(connection)
        await stack.enter_async_context(container.watch())
        await stack.enter_async_context(beside(container.backlog_watch().run(), "backlog-watch"))
        await stack.enter_async_context(container.api_server())
        yield


@asynccontextmanager
async def running_processor(container: Container) -> AsyncIterator[None]:
    """The processor, posting while the context lasts.

    Raises `NotPermittedError` on a foundation that would lose data, and `UnusableKeyError`.
    """
    # A key that cannot be used is found out before anything is waited for.
    container.signer()
    async with AsyncExitStack() as stack:
        for connection in (*container.tracings(), *container.processor_connections()):
            await stack.enter_async_context(connection)
        await stack.enter_async_context(container.processor_server())
        for safeguard in container.safeguards():
            await until_available(safeguard.verify)
        await stack.enter_async_context(_posting(container))
        yield


@asynccontextmanager
async def running_webhooks(container: Container) -> AsyncIterator[None]:
    """The webhooks, telling endpoints while the context lasts."""
    async with AsyncExitStack() as stack:
        for connection in container.webhooks_connections():
            await stack.enter_async_context(connection)
        await stack.enter_async_context(container.webhooks_server())
        await stack.enter_async_context(_telling(container))
        yield


@asynccontextmanager
async def _telling(container: Container) -> AsyncIterator[None]:
    dispatch, care = container.webhook_dispatch(), container.webhook_care()
    async with (
        container.webhook_sender(),
        beside(dispatch.run(), "webhook-dispatch", dispatch.drain_seconds),
        beside(care.look_after(), "webhook-upkeep"),
        beside(care.replay(), "webhook-replay"),
        beside(container.event_intake().run(), "webhook-intake"),
    ):
        yield


@asynccontextmanager
async def running_demo(container: Container) -> AsyncIterator[None]:
    """API, worker pool and webhooks in one process."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_connected(container.tracings()))
        await stack.enter_async_context(_posting(container))
        await stack.enter_async_context(_telling(container))
        await stack.enter_async_context(_accepting(container))
        yield


@asynccontextmanager
async def _posting(container: Container) -> AsyncIterator[None]:
    async with (
        beside(container.lag_report().run(), "lag-report"),
        beside(container.dead_letter_report().run(), "dead-letter-report"),
        beside(container.hold_expiry().run(), "hold-expiry"),
        beside(container.integrity_watch().run(), "integrity-watch"),
        beside(container.head_signing().run(), "head-signing"),
        container.feed().membership(container.pool()),
    ):
        yield


async def list_partitions(container: Container) -> Sequence[LogPosition]:
    """Every partition's position."""
    async with _connected(container.operator_connections()):
        return await container.list_partitions()()


async def resume_partition(
    container: Container, partition: int, at_offset: int, reason: str
) -> LogPosition:
    """End a halt. Raises `CannotResumeError`."""
    async with _connected(container.operator_connections()):
        return await container.resume_partition()(partition, at_offset, reason)


async def verify(container: Container, *, keys: Sequence[str], replay: bool, as_json: bool) -> bool:
    """Check all of the books, signatures against these public keys, with `replay` against the log,
    and print what is off; whether nothing is.

    Raises `UnusableKeyError`, `UnavailableError`, `HaltError`, `EventsLostError`.
    """
    signatures = VerifySignatures(container.signed_heads(), by_id(keys))
    output = Output(as_json)
    async with _connected(container.operator_connections()):
        verb: VerifyVerb = container.verify_verb(output=output)
        verb = replace(verb, steps=[*verb.steps, Step("signatures", lambda: [signatures()])])
        if replay:
            replaying = Step("replay", lambda: [container.replay_books()()])
            verb = replace(verb, steps=[*verb.steps, replaying])
        return await verb()


class Rebuilt(NamedTuple):
    """What was posted into new books, and the hash of each of their tables."""

    pages: int
    transactions: int
    entries: int
    digest: Mapping[str, bytes]


async def rebuild_books(container: Container, told: Callable[[], None]) -> Rebuilt:
    """Make the books anew in the container's database, which is empty, as its owner; `told` is
    called after each page.

    Raises `DifferenceError`, `HaltError`, `EventsLostError`, `UnavailableError`.
    """
    database = container.database()
    pages = transactions = entries = 0
    async with _connected([database, *container.log_connections()]):
        await migrations.migrate(database)
        async for _, page in container.rebuild_books()():
            pages += 1
            transactions += len(page.transactions)
            entries += sum(len(one.entries) for one in page.transactions)
            told()
        return Rebuilt(pages, transactions, entries, await PostgresDigest(database)())


async def digest(container: Container) -> Mapping[str, bytes]:
    """The hash of each table of the books. Raises `UnavailableError`."""
    database = container.database()
    async with _connected([database]):
        return await PostgresDigest(database)()


def make_signing_key(path: Path) -> tuple[str, str, Path]:
    """A new key in a new file; its id, its public half in base64, and where that is in PEM.

    Raises `UnusableKeyError`.
    """
    public = write_new_key(path).public
    return public.key_id, public.text, public_file(path)


def verify_receipt(content: bytes, keys: Sequence[str]) -> Sequence[str]:
    """What a receipt proves to whoever trusts these public keys, each PEM or base64.

    Raises `NotProvenError`, `UnusableKeyError`.
    """
    return proven(content, by_id(keys))


async def measure_lag(container: Container) -> Sequence[PartitionLag]:
    """How far posting is behind accepting, for each partition."""
    async with _connected(container.operator_connections()):
        return await container.measure_lag()()


async def work_on_dead_letters(
    container: Container, *, as_json: bool, decides: bool, work: DeadLetterWork
) -> bool:
    """Do what a verb does, and with `decides` let it write to the command log; whether all was
    done. Raises `UnavailableError`.
    """
    connections = container.deciding_connections() if decides else container.books_connections()
    async with _connected(connections), container.watch():
        return await work(container.dead_letter_verbs(output=Output(as_json)))


async def show_events(
    container: Container,
    *,
    as_json: bool,
    since: str | None,
    last: int,
    user_id: str | None,
    follow: bool,
) -> None:
    """Print outcome events.

    Raises `InvalidFieldError`, `EventsUnavailableError`, `EventsLostError`.
    """
    async with _connected(container.event_connections()):
        verb = container.event_verb(output=Output(as_json))
        await verb.show(since=since, last=last, user_id=user_id, follow=follow)


async def trace_transaction(container: Container, transaction_id: UUID, *, as_json: bool) -> bool:
    """Print its way; False where nothing is known of it. Raises `UnavailableError`, `HaltError`."""
    async with _connected(container.trace_connections()):
        return await container.trace_verb(output=Output(as_json)).show(transaction_id)


@asynccontextmanager
async def _connected(
    connections: Sequence[AbstractAsyncContextManager[object]],
) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for connection in connections:
            await stack.enter_async_context(connection)
        yield


async def migrate(container: Container) -> str:
    """Bring the database's tables up to date, as its owner; the revision that they are at."""
    return await migrations.migrate(container.database())


async def create_topics(container: Container) -> Sequence[TopicReport]:
    """Create the topics that are missing; what is there, and how it differs from what should."""
    return await container.kafka_topics().ensure(container.topic_specs())


def describe_topics(
    commands: str, transactions: str, dead: str, pages: str
) -> Mapping[str, object]:
    """The AsyncAPI document of topics that are named so."""
    return asyncapi_document(commands, transactions, dead, pages)


def describe_events() -> Mapping[str, Mapping[str, object]]:
    """The JSON Schemas of outcome events, by the names of their files."""
    return event_schemas()


def describe_metrics() -> str:
    """The catalogue of metrics, in Markdown."""
    return metrics_document(CATALOGUE)


def service_url(text: str) -> str:
    """The address of a running service. Raises `ValueError` with what an address must be."""
    return base_url(text)


async def show_top(
    apis: Sequence[str],
    processors: Sequence[str],
    webhooks: Sequence[str],
    *,
    seconds: float,
    once: bool,
    as_json: bool,
) -> None:
    """Print what the processes at these addresses expose, until cancelled or `once`."""
    kinds = ((Kind.API, apis), (Kind.PROCESSOR, processors), (Kind.WEBHOOKS, webhooks))
    addresses = [Address(kind, url) for kind, urls in kinds for url in urls]
    verb = TopVerb(addresses, seconds, SystemClock(), Output(as_json))
    await verb.show(once=once)


async def operate(url: str, *, as_json: bool, work: ClientWork) -> int:
    """The exit code of `work`, which is given a client of the running service at `url`.

    It needs no settings: they are the service's.
    """
    ids: Ids = SystemIds()
    # The default currency is the service's; only what is written out is checked on this side.
    checks = Checks(currencies=IsoCurrencies(), default_currency="", partition_count=1)
    return await operate_client(
        url, Output(as_json), checks, lambda: f"cli-{ids.new_transaction_id(0)}", work
    )
