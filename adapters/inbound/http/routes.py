"""Which path answers which method, and with what."""

from collections.abc import Awaitable, Callable, Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from adapters.inbound.http.handlers.balances import BalanceHandlers
from adapters.inbound.http.handlers.commands import CommandHandlers
from adapters.inbound.http.handlers.health import HealthHandlers
from adapters.inbound.http.handlers.statements import StatementHandlers
from adapters.inbound.http.handlers.transactions import TransactionHandlers

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def api_routes(
    commands: CommandHandlers,
    transactions: TransactionHandlers,
    balances: BalanceHandlers,
    statements: StatementHandlers,
) -> Iterator[web.RouteDef]:
    """The product's own routes. Whatever takes GET takes HEAD."""
    yield web.post("/deposit", commands.deposit)
    yield web.post("/withdraw", commands.withdraw)
    # A braced parameter takes anything, so that the use case, not the router, refuses an id.
    yield web.get("/transactions/{transaction_id:[^/]*}", transactions.transaction)
    yield web.get("/balance/{user_id:[^/]*}", balances.balance)
    yield web.get("/statement/{user_id:[^/]*}", statements.statement)


def health_routes(health: HealthHandlers, registry: CollectorRegistry) -> Iterator[web.RouteDef]:
    """What every process answers to those who look after it."""
    yield web.get("/livez", health.live)
    yield web.get("/readyz", health.ready)
    yield web.get("/metrics", make_aiohttp_handler(registry))
