"""`POST /deposit` and `POST /withdraw`."""

from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web
from structlog.contextvars import bind_contextvars

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.body_bytes import body_bytes
from adapters.inbound.http.idempotency_key import IDEMPOTENCY_KEY, idempotency_key
from adapters.inbound.http.json_body import json_object
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.prefer import PREFER, PREFERENCE_APPLIED, preferred_wait
from adapters.inbound.http.problems import Problem, problem_of
from adapters.inbound.http.query import NO_PARAMETERS, query_of
from adapters.inbound.http.request_id import REQUEST_ID
from adapters.metrics import HttpMetrics
from adapters.representations import Json, Representations, time_text
from core.entities.command import ANONYMOUS_CLIENT, CommandType
from core.entities.receipt import Accepted, Receipt
from core.entities.transaction import RejectionCode, Transaction
from core.usecases.drafts import CommandDraft
from core.usecases.submit_command import SubmitCommand

IDEMPOTENCY_REPLAYED: Final = "Idempotency-Replayed"
_FIELDS: Final = frozenset({"user_id", "amount", "currency", "reference"})
_PENDING: Final = "pending"
_REASONS: Final = {
    RejectionCode.ACCOUNT_NOT_FOUND: "There is no such account to withdraw from.",
    RejectionCode.INSUFFICIENT_FUNDS: "The account has less available than that.",
    RejectionCode.BALANCE_LIMIT_EXCEEDED: "The balance would be larger than a balance can be.",
}


@dataclass(frozen=True, slots=True)
class CommandHandlers:
    """Accepts commands. A command's type is its path."""

    submit_command: SubmitCommand
    representations: Representations
    metrics: HttpMetrics
    limits: HttpLimits

    async def deposit(self, request: web.Request) -> web.Response:
        """Accept a deposit."""
        return await self._counted(request, CommandType.DEPOSIT)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Accept a withdrawal."""
        return await self._counted(request, CommandType.WITHDRAW)

    async def _counted(self, request: web.Request, command_type: CommandType) -> web.Response:
        try:
            return await self._submit(request, command_type)
        except Exception as error:
            problem = problem_of(error)
            code = "internal_error" if problem is None else problem.code
            self.metrics.commands_refused.labels(command_type, code).inc()
            raise

    async def _submit(self, request: web.Request, command_type: CommandType) -> web.Response:
        query_of(request, NO_PARAMETERS)
        draft = await self._draft(request, command_type)
        wait = preferred_wait(request.headers.getall(PREFER, ()))
        accepted = await self.submit_command(draft, wait or 0)
        bind_contextvars(transaction_id=str(accepted.receipt.transaction_id))
        replayed = "true" if accepted.replayed else "false"
        self.metrics.commands_accepted.labels(command_type, replayed).inc()
        if wait is None or accepted.transaction is None:
            return json_answer(_receipt(accepted), 202, _headers(accepted, wait))
        return self._outcome(request, accepted, accepted.transaction, wait)

    async def _draft(self, request: web.Request, command_type: CommandType) -> CommandDraft:
        body = json_object(await body_bytes(request, self.limits))
        body.refuse_unknown(_FIELDS)
        return CommandDraft(
            type=command_type,
            user_id=body.text("user_id"),
            amount=body.decimal_text("amount"),
            currency=body.optional_text("currency"),
            reference=body.optional_text("reference"),
            client=ANONYMOUS_CLIENT,
            idempotency_key=idempotency_key(request.headers.getall(IDEMPOTENCY_KEY, ())),
            request_id=request[REQUEST_ID],
        )

    def _outcome(
        self, request: web.Request, accepted: Accepted, transaction: Transaction, wait: int
    ) -> web.Response:
        body = self.representations.transaction(transaction)
        headers = _headers(accepted, wait)
        if transaction.rejection is None:
            return json_answer(body, 201, headers)
        problem = Problem(
            status=422,
            code=transaction.rejection.code.value,
            detail=_REASONS[transaction.rejection.code],
            members=self.representations.rejection_figures(transaction)
            | {"currency": transaction.command.currency, "transaction": body},
            headers=headers,
        )
        return problem.answer(request[REQUEST_ID])


def _receipt(accepted: Accepted) -> Json:
    receipt, transaction, _ = accepted
    return {
        "transaction_id": str(receipt.transaction_id),
        "status": _PENDING if transaction is None else transaction.status.value,
        "position": str(receipt.position),
        "accepted_at": time_text(receipt.accepted_at),
    }


def _headers(accepted: Accepted, wait: int | None) -> dict[str, str]:
    headers: dict[str, str] = {hdrs.LOCATION: _location(accepted.receipt)}
    if accepted.replayed:
        headers[IDEMPOTENCY_REPLAYED] = "true"
    if wait is not None:
        headers[PREFERENCE_APPLIED] = f"wait={wait}"
    return headers


def _location(receipt: Receipt) -> str:
    return f"/transactions/{receipt.transaction_id}?position={receipt.position}"
