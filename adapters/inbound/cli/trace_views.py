"""A trace as JSON."""

from adapters.inbound.cli.answers import JsonObject
from adapters.representations import Representations, optional_time_text, time_text
from core.entities.dead_letter import FiledLetter
from core.entities.posted_page import PostedPage
from core.entities.trace import Accepted, Notice, NotPublished, Published, Trace
from core.entities.webhooks.delivery import Attempt


def object_of(trace: Trace, shapes: Representations) -> JsonObject:
    """All of it; what is not known, or not yet, is null."""
    standing, transaction = trace.standing, trace.transaction
    return {
        "transaction_id": str(trace.transaction_id),
        "state": trace.state.value,
        "accepted": None if trace.accepted is None else _accepted(trace.accepted),
        "partition": None
        if standing is None
        else {
            "next_offset": standing.next_offset,
            "published_offset": standing.published_offset,
            "epoch": standing.epoch,
            "halted": standing.halted,
        },
        "records_ahead": trace.ahead,
        "dead_letter": None if trace.letter is None else _letter(trace.letter),
        "page": None if trace.page is None else _page(trace.page),
        "transaction": None if transaction is None else shapes.transaction(transaction),
        "published": None if trace.published is None else _published(trace.published),
        "webhooks": [_notice(one) for one in trace.notices],
    }


def _accepted(accepted: Accepted) -> JsonObject:
    command = accepted.command
    return {
        "position": str(accepted.position),
        "at": time_text(accepted.at),
        "type": None if command is None else command.type.value,
        "request_id": None if command is None else command.request_id,
        "client": None if command is None else command.client,
        "idempotency_key": None if command is None else command.idempotency_key,
    }


def _letter(filed: FiledLetter) -> JsonObject:
    return {
        "position": str(filed.position),
        "recorded_at": time_text(filed.letter.record.recorded_at),
        "page_number": filed.page_number,
        "reason": filed.letter.reason.value,
        "detail": filed.letter.detail,
        "state": filed.state.value,
    }


def _page(page: PostedPage) -> JsonObject:
    return page._asdict() | {"written_at": time_text(page.written_at)}


def _published(published: Published | NotPublished) -> JsonObject:
    if isinstance(published, Published):
        return {
            "is_found": True,
            "partition": published.place.partition,
            "offset": published.place.offset,
            "at": time_text(published.at),
        }
    return {
        "is_found": False,
        "since": time_text(published.since),
        "events_looked_at": published.looked_at,
        "is_all": published.is_all,
        "trouble": published.trouble,
    }


def _notice(notice: Notice) -> JsonObject:
    delivery = notice.delivery
    return {
        "endpoint_id": str(notice.endpoint.endpoint_id),
        "url": notice.endpoint.url,
        "state": delivery.state.value,
        "taken_in_at": time_text(delivery.created_at),
        "next_attempt_at": optional_time_text(notice.next_attempt_at),
        "attempts_made": [_attempt(one) for one in notice.attempts],
    }


def _attempt(attempt: Attempt) -> JsonObject:
    return {
        "at": time_text(attempt.at),
        "duration_seconds": attempt.duration_seconds,
        "status": attempt.status,
        "error": attempt.error,
    }
