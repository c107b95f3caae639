"""A topic that was deleted and created again is not read on from an offset of the old one."""

import pytest

from adapters.outbound.kafka import record_reader
from adapters.outbound.kafka.record_reader import TopicIdentity
from core.errors import LogUnavailableError


class Topic:
    """A topic that can be replaced by a namesake."""

    def __init__(self) -> None:
        self.topic_id = "old"
        self.asked = 0

    async def ask(self) -> str:
        self.asked += 1
        return self.topic_id


async def test_a_namesake_is_noticed_whenever_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_reader, "IDENTITY_SECONDS", 0.0)
    topic = Topic()
    identity = TopicIdentity(topic.ask, "old")
    await identity.check()
    topic.topic_id = "new"
    for _ in range(2):
        with pytest.raises(LogUnavailableError, match="created again"):
            await identity.check()


async def test_it_is_not_asked_for_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_reader, "IDENTITY_SECONDS", 3_600.0)
    topic = Topic()
    identity = TopicIdentity(topic.ask, "old")
    for _ in range(100):
        await identity.check()
    assert topic.asked == 1
