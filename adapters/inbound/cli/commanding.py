"""Commands, each under an idempotency key, so that trying again is safe."""

import asyncio
from dataclasses import dataclass

from adapters.inbound.cli.answers import Answer
from adapters.inbound.cli.exchange import Request
from adapters.inbound.cli.failures import (
    CliFailure,
    NotUnderstoodError,
    OutcomeUnknownError,
    RefusedError,
)
from adapters.inbound.cli.retrying import TransientError, attempts
from adapters.inbound.cli.safe_text import safe_text
from adapters.inbound.cli.service import Service


@dataclass(slots=True)
class _Tries:
    """What the tries so far leave open."""

    may_be_in: bool = False
    transaction_id: str | None = None

    def add(self, error: TransientError) -> None:
        """Remember a try that failed."""
        problem = error.failed.problem
        self.may_be_in |= error.failed.may_have_been_accepted
        if problem is not None and problem.transaction_id is not None:
            self.transaction_id = problem.transaction_id


@dataclass(frozen=True, slots=True)
class Commanding:
    """Gives the service a command, until it is sure what became of it or patience is over."""

    service: Service

    async def __call__(self, request: Request) -> Answer:
        """The answer: a transaction, or a receipt. The request has a key.

        Raises `RefusedError`, `UnreachableError`, and `OutcomeUnknownError` where it may have been
        accepted; that one names the key.
        """
        tries = _Tries()
        try:
            return await self._persistently(request, tries)
        except asyncio.CancelledError:
            raise _unknown(request, tries, "interrupted") from None
        except TransientError as error:
            if tries.may_be_in:
                raise _unknown(request, tries, error.failed.reason) from error
            raise self.service.unreachable(error) from error
        except (NotUnderstoodError, RefusedError) as error:
            if isinstance(error, RefusedError) and error.problem.status < 500:
                raise
            raise _unknown(request, tries, str(error)) from error

    async def _persistently(self, request: Request, tries: _Tries) -> Answer:
        async for attempt in attempts(self.service.patience):
            with attempt:
                try:
                    return await self.service.once(request)
                except TransientError as error:
                    tries.add(error)
                    raise
        raise AssertionError("stamina ended without a result")


def _unknown(request: Request, tries: _Tries, reason: str) -> CliFailure:
    told = f"The command may have been accepted ({safe_text(reason)})."
    again = f"give the same command again with --key {request.key}: it is done once"
    if tries.transaction_id is None:
        look = f"counterfoil transactions --key {request.key}"
    else:
        look = f"counterfoil transaction {safe_text(tries.transaction_id)}"
    return OutcomeUnknownError(f"{told} To find out: {look}; or {again}.")
