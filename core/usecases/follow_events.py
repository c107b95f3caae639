"""Outcome events as they are told."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from core.entities.event_filter import EventFilter
from core.entities.feed_bookmark import FeedBookmark
from core.entities.outcome_event import TYPE_OF_STATUS
from core.entities.transaction import TransactionStatus
from core.ports.live_events import EventStream, LiveEvents
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks


@dataclass(frozen=True, slots=True)
class EventsDraft:
    """A stream as asked for: nothing is checked. `bookmark` came in the field `bookmark_field`."""

    user_id: str | None = None
    status: str | None = None
    bookmark: str | None = None
    bookmark_field: str = "last_event_id"


@dataclass(frozen=True, slots=True)
class FollowEvents:
    """Streams what is told from now on, or what was told since a bookmark and then what is told."""

    checks: Checks
    live_events: LiveEvents

    def __call__(self, draft: EventsDraft) -> AbstractAsyncContextManager[EventStream]:
        """The stream, for as long as its context lasts.

        Raises `InvalidFieldError`; entering, what `LiveEvents.stream` raises.
        """
        checks = self.checks
        status = checks.one_of(TransactionStatus, draft.status, "status")
        wanted = EventFilter(
            user_id=None if draft.user_id is None else checks.user_id(draft.user_id),
            type=None if status is None else TYPE_OF_STATUS[status],
        )
        return self.live_events.stream(wanted, _bookmark(draft))


def _bookmark(draft: EventsDraft) -> FeedBookmark | None:
    if draft.bookmark is None:
        return None
    try:
        return FeedBookmark.parse(draft.bookmark)
    except ValueError as error:
        raise InvalidFieldError(draft.bookmark_field, str(error)) from None
