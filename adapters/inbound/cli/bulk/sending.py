"""Batches: sent until every row of them is decided."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.inbound.cli.answers import Answer, JsonObject, Problem, objects_in
from adapters.inbound.cli.bulk.outcomes import Fate, Outcome
from adapters.inbound.cli.bulk.row_keys import KeyedRow
from adapters.inbound.cli.exchange import Request
from adapters.inbound.cli.failures import NotUnderstoodError
from adapters.inbound.cli.paths import path
from adapters.inbound.cli.retrying import Failed, TransientError, attempts
from adapters.inbound.cli.service import Service

MAX_BATCH_ROWS: Final = 500
MAX_BATCH_BYTES: Final = 768 * 1024
"""Below what the API takes."""
WAIT_SECONDS: Final = 30
_NDJSON: Final = "application/x-ndjson"

Line = tuple[KeyedRow, bytes]


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends rows in their order. A batch is decided before the next one is sent."""

    service: Service

    async def __call__(self, rows: Sequence[KeyedRow], decided: Callable[[Outcome], None]) -> None:
        """Hands `decided` each row as soon as its fate is known.

        Raises `CliFailure` where that cannot be known in time; what was handed over stays true.
        """
        for batch in _batches(rows):
            try:
                await self._until_decided(batch, decided)
            except TransientError as error:
                raise self.service.unreachable(error) from error

    async def _until_decided(
        self, batch: Sequence[Line], decided: Callable[[Outcome], None]
    ) -> None:
        left = batch
        async for attempt in attempts(self.service.patience):
            with attempt:
                answer = await self.service.once(_request(left))
                left = _undecided(left, answer, decided)
                if left:
                    raise TransientError(_still_open(len(left)))


def _request(batch: Sequence[Line]) -> Request:
    return Request(
        "POST",
        path("batch"),
        b"".join(line for _, line in batch),
        content_type=_NDJSON,
        wait_seconds=WAIT_SECONDS,
    )


def _undecided(
    batch: Sequence[Line], answer: Answer, decided: Callable[[Outcome], None]
) -> Sequence[Line]:
    """The rows that have to be sent again; `decided` is given the others."""
    results = objects_in(answer.body, "results")
    if results is None or len(results) != len(batch):
        raise NotUnderstoodError("The answer to a batch has not a result for each of its rows.")
    left = []
    for line, result in zip(batch, results, strict=True):
        outcome = _outcome(line[0], result)
        if outcome is None:
            left.append(line)
        else:
            decided(outcome)
    return left


def _outcome(row: KeyedRow, result: JsonObject) -> Outcome | None:
    """The fate of a row; None if it is not decided yet, or the service could not take it."""
    status, body = result.get("http_status"), result.get("body")
    if not isinstance(status, int) or not isinstance(body, dict):
        raise NotUnderstoodError("A result of a batch has no http_status or no body.")
    if status >= 500 or status == 429 or body.get("status") == "pending":
        return None
    if status < 300 and body.get("status") == "posted":
        replayed = result.get("idempotency_replayed") is True
        return Outcome(row, Fate.REPLAYED if replayed else Fate.POSTED)
    if 400 <= status < 500:
        problem = Problem(status, body)
        fate = Fate.REJECTED if "transaction" in body else Fate.REFUSED
        return Outcome(row, fate, problem.code, problem.explained)
    raise NotUnderstoodError("A result of a batch is neither posted, pending nor a problem.")


def _still_open(count: int) -> Failed:
    return Failed(f"{count:,} rows of a batch are not decided yet", may_have_been_accepted=True)


def _batches(rows: Sequence[KeyedRow]) -> Iterator[Sequence[Line]]:
    batch: list[Line] = []
    size = 0
    for row in rows:
        line = msgspec.json.encode({**row.row.item, "idempotency_key": row.key}) + b"\n"
        if batch and (len(batch) == MAX_BATCH_ROWS or size + len(line) > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((row, line))
        size += len(line)
    if batch:
        yield batch
