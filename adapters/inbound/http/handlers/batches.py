"""`POST /batch`."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from adapters.inbound.http.answers import JSON, json_answer
from adapters.inbound.http.batch_body import NDJSON, OWN_KEY, Item, item_draft, items_of
from adapters.inbound.http.body_bytes import body_bytes
from adapters.inbound.http.command_answers import IDEMPOTENCY_REPLAYED, told
from adapters.inbound.http.idempotency_key import IDEMPOTENCY_KEY, idempotency_key
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.prefer import PREFER, PREFERENCE_APPLIED, preferred_wait
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.problems import (
    INTERNAL,
    Problem,
    ProblemError,
    invalid_field,
    problem_of,
)
from adapters.inbound.http.query import query_of
from adapters.inbound.http.request_id import REQUEST_ID
from adapters.metrics.catalogue import BATCH
from adapters.metrics.instruments import HttpMetrics
from adapters.representations import Json, Representations
from core.entities.receipt import Accepted
from core.errors import PipelineFullError
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks
from core.usecases.drafts import CommandDraft
from core.usecases.submit_batch import Answer, SubmitBatch


@dataclass(frozen=True, slots=True)
class BatchHandlers:
    """Accepts many commands at once; each has an answer of its own."""

    submit_batch: SubmitBatch
    checks: Checks
    representations: Representations
    metrics: HttpMetrics
    limits: HttpLimits

    async def batch(self, request: web.Request) -> web.Response:
        """Accept the commands, in their order."""
        query_of(request)
        wait = preferred_wait(request.headers.getall(PREFER, ()))
        drafts = await self._drafts(request)
        wanted = [one for one in drafts if isinstance(one, CommandDraft)]
        answers = iter(await self._submit(wanted, wait or 0))
        results = [
            self._result(request, next(answers), wait)
            if isinstance(one, CommandDraft)
            else self._refused(request, one.problem)
            for one in drafts
        ]
        headers = {} if wait is None else {PREFERENCE_APPLIED: f"wait={wait}"}
        return json_answer({"results": results}, 202 if wait is None else 200, headers)

    async def _submit(self, wanted: Sequence[CommandDraft], wait_seconds: int) -> Sequence[Answer]:
        try:
            return await self.submit_batch(wanted, wait_seconds)
        except PipelineFullError:
            self.metrics.commands_refused.labels(BATCH, ProblemCode.PIPELINE_FULL).inc()
            raise

    async def _drafts(self, request: web.Request) -> Sequence[CommandDraft | ProblemError]:
        body = await body_bytes(
            request, self.limits.max_batch_bytes, self.limits.body_seconds, (JSON, NDJSON)
        )
        is_ndjson = request.headers.get(hdrs.CONTENT_TYPE, "").lower().startswith(NDJSON)
        key = idempotency_key(request.headers.getall(IDEMPOTENCY_KEY, ()))
        key = self.checks.idempotency_key(key)
        request_id = request[REQUEST_ID]
        return [
            self._draft(item, number, key, request_id)
            for number, item in enumerate(items_of(body, are_lines=is_ndjson))
        ]

    def _draft(
        self, item: Item, number: int, key: str | None, request_id: str
    ) -> CommandDraft | ProblemError:
        if isinstance(item, ProblemError):
            return item
        try:
            self.checks.idempotency_key(item.optional_text(OWN_KEY), OWN_KEY)
            return item_draft(item, number, key, request_id)
        except ProblemError as error:
            return error
        except InvalidFieldError as error:
            return ProblemError(invalid_field(error.field, error.reason))

    def _result(self, request: web.Request, answer: Answer, wait: int | None) -> Json:
        if not isinstance(answer, Accepted):
            return self._refused(request, problem_of(answer) or INTERNAL)
        replayed = "true" if answer.replayed else "false"
        self.metrics.commands_accepted.labels(BATCH, replayed).inc()
        outcome = told(answer, wait, self.representations)
        if isinstance(outcome, Problem):
            result = {"http_status": outcome.status, "body": outcome.body(request[REQUEST_ID])}
        else:
            result = {"http_status": outcome.status, "body": outcome.body}
        if IDEMPOTENCY_REPLAYED in outcome.headers:
            result["idempotency_replayed"] = True
        return result

    def _refused(self, request: web.Request, problem: Problem) -> Json:
        self.metrics.commands_refused.labels(BATCH, problem.code).inc()
        return {"http_status": problem.status, "body": problem.body(request[REQUEST_ID])}
