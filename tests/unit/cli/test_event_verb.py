"""`counterfoil events`: the last ones, all of them, those of one user, and those that come."""

import asyncio
import json

import pytest

from adapters.background import beside
from adapters.inbound.cli.event_verb import EventVerb
from adapters.inbound.cli.output import Output
from adapters.outbound.memory.event_feed import MemoryEventFeed
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.events import MemoryEvents
from adapters.outbound.system.currencies import IsoCurrencies
from core.entities.command import Command
from core.entities.page import LedgerState, Outcomes
from core.posting.post import post
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks
from core.usecases.read_events import ReadEvents
from tests.builders import PARTITIONS, REPRESENTATIONS, FixedClock, deposit, logged, withdrawal
from tests.eventually import eventually
from tests.unit.cli.process import started

CHECKS = Checks(IsoCurrencies(), "USD", PARTITIONS)


class Topic:
    """What was told, and who prints it."""

    def __init__(self) -> None:
        self.log = MemoryEventLog(PARTITIONS, FixedClock())
        self.events = MemoryEvents(self.log, REPRESENTATIONS)

    async def tell(self, *commands: Command, partition: int = 0) -> None:
        run = [logged(one, offset, partition) for offset, one in enumerate(commands)]
        page = post(run, LedgerState({}, {}))
        await self.events.publish(partition, Outcomes(page.transactions, []))

    def verb(self, *, as_json: bool = False) -> EventVerb:
        return EventVerb(ReadEvents(CHECKS, MemoryEventFeed(self.log)), Output(as_json))


@pytest.fixture
def topic() -> Topic:
    return Topic()


async def shown(topic: Topic, since: str | None = None, user: str | None = None) -> None:
    await topic.verb().show(since=since, last=2, user_id=user, follow=False)


async def test_the_last_ones_are_shown_a_line_each(
    topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    await topic.tell(deposit("bob"), deposit("alice", 10_050), withdrawal("alice", 99_999))
    await shown(topic)
    first, second = capsys.readouterr().out.splitlines()
    assert "posted    deposit " in first
    assert "alice  100.50 USD  " in first
    assert "alice has 100.50" in first
    assert "rejected  withdraw" in second
    assert second.endswith("insufficient_funds")


async def test_all_are_shown_from_the_beginning_and_none_of_nothing(
    topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    await shown(topic, "beginning")
    await shown(topic)
    assert capsys.readouterr().out == ""
    await topic.tell(deposit(), deposit(), deposit())
    await topic.tell(deposit(), partition=3)
    await shown(topic, "beginning")
    assert len(capsys.readouterr().out.splitlines()) == 4


async def test_a_place_shows_its_partition_alone_from_there_on(
    topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    await topic.tell(deposit(), deposit(), deposit())
    await topic.tell(deposit(), partition=3)
    await shown(topic, "0:1")
    assert len(capsys.readouterr().out.splitlines()) == 2


async def test_one_user_is_found_wherever_they_are(
    topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    await topic.tell(deposit("alice"), *(deposit("bob") for _ in range(9)))
    await shown(topic, user="alice")
    (line,) = capsys.readouterr().out.splitlines()
    assert "alice" in line


async def test_json_has_all_of_it(topic: Topic, capsys: pytest.CaptureFixture[str]) -> None:
    await topic.tell(deposit("alice"))
    await topic.verb(as_json=True).show(since=None, last=1, user_id=None, follow=False)
    one = json.loads(capsys.readouterr().out)
    assert (one["partition"], one["offset"], one["users"]) == (0, 0, ["alice"])
    assert one["type"] == "counterfoil.transaction.posted"
    assert one["data"]["transaction_id"] == one["event_id"]


async def test_whoever_follows_sees_the_last_ones_and_then_those_that_come(
    topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    await topic.tell(deposit("a"), deposit("b"), deposit("c"))
    lines: list[str] = []

    def came(count: int) -> bool:
        lines.extend(capsys.readouterr().out.splitlines())
        return len(lines) == count

    following = topic.verb().show(since=None, last=2, user_id=None, follow=True)
    async with beside(following, "following"):
        await eventually(lambda: came(2))
        await topic.tell(deposit("d"))
        await eventually(lambda: came(3))
        await asyncio.sleep(0)
    assert "  d  " in lines[-1]


@pytest.mark.parametrize("since", ["", "x", "8:0", "0:1", "-1:0"])
async def test_a_place_that_is_none_is_refused(topic: Topic, since: str) -> None:
    with pytest.raises(InvalidFieldError):
        await shown(topic, since)


async def test_memory_has_no_topic_to_show() -> None:
    process = await started("events", COUNTERFOIL_PROFILE="memory")
    out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert b"memory keeps no topic" in err
