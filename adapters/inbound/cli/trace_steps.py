"""A trace as an operator reads it: a row for each step, in the order in which they are made."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from adapters.inbound.cli.answers import JsonObject
from adapters.representations import time_text
from core.entities.dead_letter import FiledLetter
from core.entities.posted_page import PostedPage
from core.entities.trace import Accepted, Notice, NotPublished, Published, Trace, TraceState
from core.entities.transaction import Transaction
from core.entities.webhooks.delivery import Attempt

_ENTRIES: Final = ("entry", "entries")


def steps_of(trace: Trace) -> Sequence[JsonObject]:
    """Each with what it is, when it was, how long after the record was accepted, and the rest."""
    if trace.accepted is None:
        return []
    rows: list[JsonObject] = []
    for step, at, what in _steps(trace, trace.accepted):
        row: JsonObject = {"step": step, "what": what}
        if at is not None:
            row |= {"at": time_text(at), "after": _after(at, trace.accepted.at)}
        rows.append(row)
    return rows


def _steps(trace: Trace, accepted: Accepted) -> Iterator[tuple[str, datetime | None, str]]:
    yield "accepted", accepted.at, _acceptance(accepted)
    if trace.letter is not None:
        yield "condemned", _condemned_at(trace), _condemnation(trace.letter)
    if trace.state is TraceState.WAITING:
        yield "waiting", None, _wait(trace)
    if trace.page is not None:
        yield "page", trace.page.written_at, _page(trace.page)
        yield "worker", None, _worker(trace.page, trace)
    if trace.transaction is not None:
        at = None if trace.page is None else trace.page.written_at
        yield trace.state.value, at, _decision(trace.transaction)
    if trace.published is not None:
        yield _publication(trace, trace.published)
    for notice in trace.notices:
        yield "webhook", notice.delivery.created_at, _notice(notice)
        for attempt in notice.attempts:
            yield "attempt", attempt.at, _attempt(attempt)


def _after(at: datetime, accepted_at: datetime) -> str:
    return f"{(at - accepted_at).total_seconds():+.3f} s"


def _acceptance(accepted: Accepted) -> str:
    command = accepted.command
    if command is None:
        return f"record {accepted.position}, which cannot be read"
    key = "" if command.idempotency_key is None else f", key {command.idempotency_key}"
    return (
        f"{command.type} in record {accepted.position}, request {command.request_id}, client "
        f"{command.client}{key}"
    )


def _condemned_at(trace: Trace) -> datetime | None:
    """Of one that was decided since, the page that condemned it was not looked for."""
    page, letter = trace.page, trace.letter
    if page is None or letter is None or page.number != letter.page_number:
        return None
    return page.written_at


def _condemnation(filed: FiledLetter) -> str:
    return (
        f"record {filed.position} in page {filed.page_number}, {filed.letter.reason.value}: "
        f"{filed.letter.detail}; now {filed.state.value}"
    )


def _wait(trace: Trace) -> str:
    standing = trace.standing
    if standing is None:
        return "nobody ever posted from its partition"
    if standing.halted is not None:
        return f"partition {standing.partition} is halted: {standing.halted}"
    ahead = _counted(trace.ahead, "record is", "records are")
    return f"{ahead} posted before it, from offset {standing.next_offset} on"


def _page(page: PostedPage) -> str:
    return (
        f"page {page.number}: offsets {page.first_offset} to {page.next_offset - 1} of partition "
        f"{page.partition}, {_counted(page.transaction_count, 'transaction', 'transactions')}, "
        f"{_counted(page.entry_count, *_ENTRIES)}"
    )


def _worker(page: PostedPage, trace: Trace) -> str:
    worker, standing = f"epoch {page.epoch} of partition {page.partition}", trace.standing
    if standing is None or standing.epoch == page.epoch:
        return worker
    return f"{worker}; epoch {standing.epoch} now"


def _decision(transaction: Transaction) -> str:
    dated = f"dated {time_text(transaction.posted_at)}"
    if transaction.rejection is not None:
        return f"{transaction.rejection.code.value}, {dated}"
    return f"{_counted(len(transaction.entries), *_ENTRIES)}, {dated}"


def _publication(
    trace: Trace, published: Published | NotPublished
) -> tuple[str, datetime | None, str]:
    if isinstance(published, Published):
        place = published.place
        return "published", published.at, f"partition {place.partition}, offset {place.offset}"
    return "published", None, _not_found(trace, published)


def _not_found(trace: Trace, published: NotPublished) -> str:
    if published.trouble is not None:
        return f"could not be looked for: {published.trouble}"
    since = time_text(published.since)
    which = "the" if published.is_all else "the first"
    found = f"not found in {which} {published.looked_at} events since {since}"
    standing, transaction = trace.standing, trace.transaction
    if standing is None or transaction is None:
        return found
    is_told = standing.published_offset > transaction.position.offset
    return found if is_told else f"not yet, as far as the books know; {found}"


def _notice(notice: Notice) -> str:
    delivery = notice.delivery
    count = _counted(delivery.attempts, "attempt", "attempts")
    told = f"{notice.endpoint.url}: {delivery.state.value}, {count}"
    next_at = notice.next_attempt_at
    return told if next_at is None else f"{told}, next at {time_text(next_at)}"


def _attempt(attempt: Attempt) -> str:
    outcome = f"answer {attempt.status}" if attempt.error is None else attempt.error
    return f"{outcome}, {attempt.duration_seconds:.3f} s"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
