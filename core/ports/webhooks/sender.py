"""Calling an endpoint."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from core.entities.webhooks.delivery import Attempt


class Call(NamedTuple):
    """What is sent, by Standard Webhooks: signed with each secret, at a time of ours."""

    url: str
    message_id: str
    at: datetime
    secrets: Sequence[str]
    body: bytes


class WebhookSender(Protocol):
    """Calls addresses that others have chosen, and trusts none of them."""

    async def send(self, call: Call) -> Attempt:
        """How it went; never raises for anything that the other side does.

        Takes no longer than a named time. Only public addresses are connected to, however they are
        written and whatever a name resolves to; no redirect is followed.
        """
        ...
