"""The commands: a path for each, which accepts it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from structlog.contextvars import bind_contextvars

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.body_bytes import body_bytes
from adapters.inbound.http.command_answers import told
from adapters.inbound.http.idempotency_key import IDEMPOTENCY_KEY, idempotency_key
from adapters.inbound.http.json_body import JsonObject, json_object
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.order_bodies import command_draft, order_draft
from adapters.inbound.http.prefer import PREFER, preferred_wait
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.problems import Problem, problem_of
from adapters.inbound.http.query import query_of
from adapters.inbound.http.request_id import REQUEST_ID
from adapters.metrics.instruments import HttpMetrics
from adapters.representations import Representations
from core.entities.orders import CommandType
from core.usecases.drafts import CommandDraft
from core.usecases.submit_command import SubmitCommand


@dataclass(frozen=True, slots=True)
class CommandHandlers:
    """Accepts commands. A command's type is its path."""

    submit_command: SubmitCommand
    representations: Representations
    metrics: HttpMetrics
    limits: HttpLimits

    def accepting(
        self, type_: CommandType, named_by: str | None = None
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """What accepts commands of this type; `named_by` is the part of the path that says of
        what. Such a command says enough without a body.
        """

        async def accept(request: web.Request) -> web.Response:
            named = None if named_by is None else request.match_info[named_by]
            return await self._counted(request, type_, named)

        return accept

    async def _counted(
        self, request: web.Request, type_: CommandType, named: str | None
    ) -> web.Response:
        try:
            return await self._submit(request, type_, named)
        except Exception as error:
            problem = problem_of(error)
            code = ProblemCode.INTERNAL_ERROR if problem is None else problem.code
            self.metrics.commands_refused.labels(type_, code).inc()
            raise

    async def _submit(
        self, request: web.Request, type_: CommandType, named: str | None
    ) -> web.Response:
        query_of(request)
        draft = await self._draft(request, type_, named)
        wait = preferred_wait(request.headers.getall(PREFER, ()))
        accepted = await self.submit_command(draft, wait or 0)
        bind_contextvars(transaction_id=str(accepted.receipt.transaction_id))
        replayed = "true" if accepted.replayed else "false"
        self.metrics.commands_accepted.labels(type_, replayed).inc()
        outcome = told(accepted, wait, self.representations)
        if isinstance(outcome, Problem):
            return outcome.answer(request[REQUEST_ID])
        return json_answer(outcome.body, outcome.status, outcome.headers)

    async def _body(self, request: web.Request) -> bytes:
        return await body_bytes(request, self.limits.max_body_bytes, self.limits.body_seconds)

    async def _draft(
        self, request: web.Request, type_: CommandType, named: str | None
    ) -> CommandDraft:
        if named is not None and not request.body_exists:
            body = JsonObject({})
        else:
            body = json_object(await self._body(request))
        key = idempotency_key(request.headers.getall(IDEMPOTENCY_KEY, ()))
        return command_draft(order_draft(type_, body, named), body, key, request[REQUEST_ID])
