"""What a client of server-sent events reads, as the HTML standard says it must."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import NamedTuple

from aiohttp import ClientResponse


class SentEvent(NamedTuple):
    """An event that is fired, and the last id at that time."""

    id: str
    type: str
    data: str


@dataclass
class EventSource:
    """The events of an answer. `last_event_id` is what a client comes back with."""

    last_event_id: str = ""
    retry_ms: int | None = None
    comments: list[str] = field(default_factory=list)
    _event: str = ""
    _data: list[str] = field(default_factory=list)

    async def events(self, answer: ClientResponse) -> AsyncIterator[SentEvent]:
        """Each as it comes, to the end of the answer."""
        self._event, self._data = "", []
        last_id = self.last_event_id
        async for line in answer.content:
            text = line.decode().rstrip("\r\n")
            if text:
                name, _, value = text.partition(":")
                last_id = self._take(name, value.removeprefix(" "), last_id)
                continue
            self.last_event_id = last_id
            if self._data:
                yield SentEvent(last_id, self._event, "\n".join(self._data))
            self._event, self._data = "", []

    def _take(self, name: str, value: str, last_id: str) -> str:
        match name:
            case "id":
                return value
            case "event":
                self._event = value
            case "data":
                self._data.append(value)
            case "retry":
                self.retry_ms = int(value)
            case "":
                self.comments.append(value)
        return last_id
