"""Outcomes that wait to be told are bounded, however far posting is ahead."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.inbound.worker import publisher as publisher_module
from adapters.inbound.worker.publisher import MAX_UNTOLD_PAGES, Publisher, Telling
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.ledger import MemoryLedger
from core.entities.command import LoggedCommand
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Outcomes
from core.entities.position import Position
from core.errors import FencedError
from core.posting.post import post
from core.usecases.record_published import RecordPublished
from core.usecases.tell_pages import ToldPages
from tests.builders import CHAIN, NOON, FixedClock, deposit

HEAD = bytes(32)
OWNERSHIP = Ownership(0, "topic", 1, 0, 0, 0, 0, CHAIN)


def outcomes(count: int) -> Outcomes:
    commands: Sequence[LoggedCommand] = [
        LoggedCommand(Position(0, offset), NOON, deposit()) for offset in range(count)
    ]
    return Outcomes(post(commands, LedgerState({}, {})).transactions, ())


class Mute:
    """Tells nothing until it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()

    async def tell_pages(self, _partition: int) -> ToldPages:
        return ToldPages(1, [HEAD])

    async def publish(self, _partition: int, _outcomes: Outcomes) -> None:
        await self.may.wait()


async def has_room(publisher: Publisher) -> bool:
    """Whether it takes another page at once."""
    try:
        async with asyncio.timeout(0.05):
            await publisher.add(1, HEAD, outcomes(1))
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(("pages", "size"), [(1, 100), (MAX_UNTOLD_PAGES, 1)])
async def test_a_worker_waits_while_too_much_is_untold(
    monkeypatch: pytest.MonkeyPatch, pages: int, size: int
) -> None:
    monkeypatch.setattr(publisher_module, "MAX_UNTOLD", 100)
    mute = Mute()
    record = RecordPublished(MemoryLedger(MemoryBooks(), FixedClock()))
    async with Publisher(Telling(mute.tell_pages, mute.publish, record), OWNERSHIP) as publisher:
        for _ in range(pages):
            await publisher.add(1, HEAD, outcomes(size))
        assert not await has_room(publisher)
        mute.may.set()
        await publisher.add(2, HEAD, outcomes(1))
        await publisher.drained()
        assert publisher.published_offset == 2


async def test_nothing_is_published_of_a_page_that_cannot_be_told_any_more() -> None:
    mute = Mute()
    mute.may.set()
    published: list[Outcomes] = []

    async def publish(_partition: int, told: Outcomes) -> None:
        published.append(told)

    record = RecordPublished(MemoryLedger(MemoryBooks(), FixedClock()))
    async with Publisher(Telling(mute.tell_pages, publish, record), OWNERSHIP) as publisher:
        await publisher.add(1, b"of a page that the books have forgotten", outcomes(1))
        await publisher.drained()
        with pytest.raises(FencedError, match="not in the books"):
            await publisher.add(2, HEAD, outcomes(1))
    assert published == []
    assert publisher.published_offset == 0
