"""The two HTTP applications: the API, and the health of a process that has no API."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from aiohttp import web
from msgspec.json import encode

from adapters.inbound.http.api_handlers import ApiHandlers
from adapters.inbound.http.export_slots import ExportSlots
from adapters.inbound.http.handlers.accounts import AccountHandlers
from adapters.inbound.http.handlers.balances import BalanceHandlers
from adapters.inbound.http.handlers.batches import BatchHandlers
from adapters.inbound.http.handlers.commands import CommandHandlers
from adapters.inbound.http.handlers.descriptions import DescriptionHandlers
from adapters.inbound.http.handlers.events import EventHandlers
from adapters.inbound.http.handlers.health import HealthHandlers
from adapters.inbound.http.handlers.holds import HoldHandlers
from adapters.inbound.http.handlers.integrity import IntegrityHandlers
from adapters.inbound.http.handlers.proofs import ProofHandlers
from adapters.inbound.http.handlers.statements import StatementHandlers
from adapters.inbound.http.handlers.transactions import TransactionHandlers
from adapters.inbound.http.handlers.webhooks import WebhookHandlers, WebhookUseCases
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.middleware import observing
from adapters.inbound.http.openapi.document import openapi_bytes
from adapters.inbound.http.operations.all import API
from adapters.inbound.http.operations.health import HEALTH
from adapters.inbound.http.routes import routes
from adapters.inbound.http.tracing import traced
from adapters.metrics.instruments import Metrics
from adapters.representations import Representations
from adapters.statements.registry import statement_formats
from adapters.tracing import Tracing
from core.ports.dependency import Dependency
from core.usecases.checks import Checks
from core.usecases.export_statement import ExportStatement
from core.usecases.find_transactions import FindTransactions
from core.usecases.follow_events import FollowEvents
from core.usecases.list_accounts import ListAccounts
from core.usecases.list_holds import ListHolds
from core.usecases.list_transactions import ListTransactions
from core.usecases.read_balance import ReadBalance
from core.usecases.read_balances import ReadBalances
from core.usecases.read_hold import ReadHold
from core.usecases.read_integrity import ReadIntegrity
from core.usecases.read_past_balances import ReadPastBalances
from core.usecases.read_proof import ReadProof
from core.usecases.read_signed_heads import ReadSignedHeads
from core.usecases.read_statement import ReadStatement
from core.usecases.read_transaction import ReadTransaction
from core.usecases.submit_batch import SubmitBatch
from core.usecases.submit_command import SubmitCommand


@dataclass(frozen=True, slots=True)
class HealthParts:
    """What is reported of a process. It is ready while the `required` dependencies are there."""

    dependencies: Sequence[Dependency]
    required: frozenset[str]
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class ApiParts:
    """What the API is made of."""

    checks: Checks
    submit_command: SubmitCommand
    submit_batch: SubmitBatch
    read_transaction: ReadTransaction
    find_transactions: FindTransactions
    list_transactions: ListTransactions
    read_balance: ReadBalance
    read_balances: ReadBalances
    read_past_balances: ReadPastBalances
    read_statement: ReadStatement
    export_statement: ExportStatement
    read_hold: ReadHold
    list_holds: ListHolds
    list_accounts: ListAccounts
    read_integrity: ReadIntegrity
    read_signed_heads: ReadSignedHeads
    read_proof: ReadProof
    webhooks: WebhookUseCases
    follow_events: FollowEvents
    representations: Representations
    health: HealthParts
    limits: HttpLimits
    describe_topics: Callable[[], Mapping[str, object]]
    """The AsyncAPI document of the topics that this deployment uses."""
    tracings: Sequence[Tracing] = ()
    """One, or none where tracing is off."""
    release_waiters: Sequence[Callable[[], None]] = ()
    """Called when the server stops accepting: whoever waits for an outcome gets a receipt now, and
    streams end.
    """


def build_app(parts: ApiParts) -> web.Application:
    """The API, with its own health and metrics."""
    app = build_health_app(parts.health)
    app.middlewares[:0] = [traced(one) for one in parts.tracings]
    app.on_shutdown.append(_calling(parts.release_waiters))
    shapes, metrics, limits = parts.representations, parts.health.metrics.http, parts.limits
    slots = ExportSlots(limits)
    handlers = ApiHandlers(
        commands=CommandHandlers(parts.submit_command, shapes, metrics, limits),
        batches=BatchHandlers(parts.submit_batch, parts.checks, shapes, metrics, limits),
        transactions=TransactionHandlers(
            parts.read_transaction, parts.find_transactions, parts.list_transactions, shapes
        ),
        balances=BalanceHandlers(
            parts.read_balance, parts.read_balances, parts.read_past_balances, shapes
        ),
        statements=StatementHandlers(
            parts.read_statement,
            parts.export_statement,
            shapes,
            statement_formats(shapes),
            slots,
        ),
        holds=HoldHandlers(parts.read_hold, parts.list_holds, shapes),
        accounts=AccountHandlers(parts.read_balance, parts.list_accounts, shapes),
        webhooks=WebhookHandlers(parts.webhooks, limits),
        events=EventHandlers(parts.follow_events, limits),
        descriptions=DescriptionHandlers(
            openapi_bytes, cache(lambda: encode(parts.describe_topics()))
        ),
        integrity=IntegrityHandlers(parts.read_integrity, shapes),
        proofs=ProofHandlers(parts.read_proof, parts.read_signed_heads, slots),
    )
    app.add_routes(routes(API, handlers))
    return app


def build_health_app(parts: HealthParts) -> web.Application:
    """`/livez`, `/readyz` and `/metrics`, and nothing else."""
    app = web.Application(middlewares=[observing(parts.metrics.http)])
    health = HealthHandlers(parts.dependencies, parts.required, parts.metrics.registry)
    app.add_routes(routes(HEALTH, health))
    return app


def _calling(
    releases: Sequence[Callable[[], None]],
) -> Callable[[web.Application], Awaitable[None]]:
    async def on_shutdown(_: web.Application) -> None:
        for release in releases:
            release()

    return on_shutdown
