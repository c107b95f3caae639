"""Who answers: what operations are declared to be handled by."""

from dataclasses import dataclass

from adapters.inbound.http.handlers.accounts import AccountHandlers
from adapters.inbound.http.handlers.balances import BalanceHandlers
from adapters.inbound.http.handlers.batches import BatchHandlers
from adapters.inbound.http.handlers.commands import CommandHandlers
from adapters.inbound.http.handlers.descriptions import DescriptionHandlers
from adapters.inbound.http.handlers.events import EventHandlers
from adapters.inbound.http.handlers.holds import HoldHandlers
from adapters.inbound.http.handlers.integrity import IntegrityHandlers
from adapters.inbound.http.handlers.proofs import ProofHandlers
from adapters.inbound.http.handlers.statements import StatementHandlers
from adapters.inbound.http.handlers.transactions import TransactionHandlers
from adapters.inbound.http.handlers.webhooks import WebhookHandlers
from adapters.inbound.http.operation import Operation


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
    webhooks: WebhookHandlers
    events: EventHandlers
    descriptions: DescriptionHandlers
    integrity: IntegrityHandlers
    proofs: ProofHandlers


ApiOperation = Operation[ApiHandlers]
