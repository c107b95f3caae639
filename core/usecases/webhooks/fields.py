"""What an endpoint's owner wrote, checked field by field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.entities.outcome_event import EventType
from core.entities.webhooks.address import checked_url
from core.entities.webhooks.endpoint import (
    DEFAULT_OVERLAP_SECONDS,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_OVERLAP_SECONDS,
)
from core.refusals import InvalidFieldError, WebhookNotFoundError
from core.usecases.checks import our_id

_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebhookFields:
    """Reads single fields. Each raises `InvalidFieldError` naming the field."""

    allow_loopback: bool

    def url(self, text: str) -> str:
        """An address that may be called."""
        try:
            return checked_url(text, allow_loopback=self.allow_loopback)
        except ValueError as error:
            raise InvalidFieldError("url", str(error)) from None

    def description(self, text: str | None) -> str | None:
        """The description, if there is one."""
        if text is None:
            return None
        if len(text) > MAX_DESCRIPTION_CHARACTERS or not text.isprintable():
            raise InvalidFieldError(
                "description",
                f"must be at most {MAX_DESCRIPTION_CHARACTERS} characters, all of them printable",
            )
        return text

    def event_types(self, names: Sequence[str] | None) -> frozenset[str] | None:
        """The types, if there are any."""
        if names is None:
            return None
        if not set(names) <= set(EventType):
            raise InvalidFieldError("event_types", f"must be some of {', '.join(EventType)}")
        return frozenset(names)

    def overlap_seconds(self, text: str | None) -> int:
        """For how long an old secret goes on signing."""
        if text is None:
            return DEFAULT_OVERLAP_SECONDS
        if not _SECONDS.fullmatch(text) or int(text) > MAX_OVERLAP_SECONDS:
            raise InvalidFieldError(
                "overlap_seconds", f"must be 0 to {MAX_OVERLAP_SECONDS} whole seconds"
            )
        return int(text)


def endpoint_id_of(text: str) -> UUID:
    """The endpoint's id. Raises `WebhookNotFoundError` if it can be none."""
    return our_id(text, WebhookNotFoundError)
