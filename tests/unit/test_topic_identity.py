"""A topic that was deleted and created again is not read on from an offset of the old one."""

import asyncio

import pytest

from adapters.outbound.kafka import topic_identity
from adapters.outbound.kafka.topic_identity import TopicIdentity
from core.errors import LogUnavailableError


class Topic:
    """A topic that can be replaced by a namesake, and that can be slow to answer."""

    def __init__(self) -> None:
        self.topic_id = "old"
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self) -> str:
        self.asked += 1
        topic_id = self.topic_id
        await self.answers.wait()
        return topic_id


async def test_a_namesake_is_noticed_whenever_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_identity, "IDENTITY_SECONDS", 0.0)
    topic = Topic()
    identity = TopicIdentity(topic.ask)
    assert await identity.is_still("old")
    topic.topic_id = "new"
    for _ in range(2):
        assert not await identity.is_still("old")
    assert await identity.is_still("new")


async def test_it_is_not_asked_for_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_identity, "IDENTITY_SECONDS", 3_600.0)
    topic = Topic()
    identity = TopicIdentity(topic.ask)
    for _ in range(100):
        assert await identity.is_still("old")
    assert topic.asked == 1


async def test_an_answer_to_an_earlier_question_does_not_do_for_a_later_fetch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(topic_identity, "IDENTITY_SECONDS", 0.0)
    topic = Topic()
    topic.answers.clear()
    identity = TopicIdentity(topic.ask)
    first = asyncio.create_task(identity.is_still("old"))
    await asyncio.sleep(0)
    topic.topic_id = "new"
    later = [asyncio.create_task(identity.is_still("old")) for _ in range(8)]
    await asyncio.sleep(0)
    topic.answers.set()
    assert await first
    assert not any(await asyncio.gather(*later))
    assert topic.asked == 2


async def test_a_failed_question_is_asked_again() -> None:
    failures = [LogUnavailableError("away", may_have_been_accepted=False)]

    async def ask() -> str:
        if failures:
            raise failures.pop()
        return "old"

    identity = TopicIdentity(ask)
    with pytest.raises(LogUnavailableError, match="away"):
        await identity.is_still("old")
    assert await identity.is_still("old")
