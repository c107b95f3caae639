"""`counterfoil trace`: one transaction's way."""

from dataclasses import dataclass
from uuid import UUID

from adapters.inbound.cli.columns import TRACE
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.trace_steps import steps_of
from adapters.inbound.cli.trace_views import object_of
from adapters.representations import Representations
from core.usecases.trace_transaction import NotTracedError, TraceTransaction


@dataclass(frozen=True, slots=True)
class TraceVerb:
    """Prints it: a line for each step, or all of it as one JSON object."""

    trace: TraceTransaction
    representations: Representations
    output: Output

    async def show(self, transaction_id: UUID) -> bool:
        """Whether there was anything to print; if not, a sentence on standard error says so.

        Raises `LedgerUnavailableError`, `LogUnavailableError`, `HaltError`.
        """
        try:
            trace = await self.trace(transaction_id)
        except NotTracedError as error:
            self.output.failure(str(error))
            return False
        if self.output.as_json:
            self.output.json(object_of(trace, self.representations))
            return True
        self.output.heading(f"{trace.transaction_id} is {trace.state.replace('_', ' ')}")
        self.output.many(TRACE, steps_of(trace))
        return True
