"""Which path answers which method, and with what."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from adapters.inbound.http.handlers.accounts import AccountHandlers
from adapters.inbound.http.handlers.balances import BalanceHandlers
from adapters.inbound.http.handlers.batches import BatchHandlers
from adapters.inbound.http.handlers.commands import CommandHandlers
from adapters.inbound.http.handlers.health import HealthHandlers
from adapters.inbound.http.handlers.holds import HoldHandlers
from adapters.inbound.http.handlers.statements import StatementHandlers
from adapters.inbound.http.handlers.transactions import TransactionHandlers
from core.entities.orders import CommandType

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class ApiHandlers:
    """What answers the product's own routes."""

    commands: CommandHandlers
    transactions: TransactionHandlers
    balances: BalanceHandlers
    statements: StatementHandlers
    holds: HoldHandlers
    accounts: AccountHandlers
    batches: BatchHandlers


def api_routes(handlers: ApiHandlers) -> Iterator[web.RouteDef]:
    """The product's own routes. Whatever takes GET takes HEAD."""
    accepting = handlers.commands.accepting
    yield web.post("/deposit", accepting(CommandType.DEPOSIT))
    yield web.post("/withdraw", accepting(CommandType.WITHDRAW))
    yield web.post("/transfer", accepting(CommandType.TRANSFER))
    yield web.post("/hold", accepting(CommandType.HOLD))
    yield web.post("/hold/{hold_id:[^/]*}/capture", accepting(CommandType.CAPTURE, "hold_id"))
    yield web.post("/hold/{hold_id:[^/]*}/void", accepting(CommandType.VOID, "hold_id"))
    yield web.post(
        "/transactions/{transaction_id:[^/]*}/reverse",
        accepting(CommandType.REVERSE, "transaction_id"),
    )
    yield web.patch("/accounts/{user_id:[^/]*}", accepting(CommandType.ACCOUNT, "user_id"))
    yield web.post("/batch", handlers.batches.batch)
    # A braced parameter takes anything, so that the use case, not the router, refuses an id.
    yield web.get("/transactions/{transaction_id:[^/]*}", handlers.transactions.transaction)
    yield web.get("/transactions", handlers.transactions.transactions)
    yield web.get("/hold/{hold_id:[^/]*}", handlers.holds.hold)
    yield web.get("/holds/{user_id:[^/]*}", handlers.holds.holds)
    yield web.get("/accounts", handlers.accounts.accounts)
    yield web.get("/accounts/{user_id:[^/]*}", handlers.accounts.account)
    yield web.get("/balance/{user_id:[^/]*}", handlers.balances.balance)
    yield web.get("/statement/{user_id:[^/]*}", handlers.statements.statement)


def health_routes(health: HealthHandlers, registry: CollectorRegistry) -> Iterator[web.RouteDef]:
    """What every process answers to those who look after it."""
    yield web.get("/livez", health.live)
    yield web.get("/readyz", health.ready)
    yield web.get("/metrics", make_aiohttp_handler(registry))
