"""The expiry of a hold is asked for when it is due, and again only where that was in vain."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

import pytest

from adapters.inbound.worker.expiry import HoldExpiry
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.log import MemoryLog
from core.entities.command import Command, LoggedCommand
from core.entities.hold import HoldStatus
from core.entities.page import PageRun
from core.errors import LogUnavailableError
from core.ports.command_log import Appended
from core.posting.post import post
from core.usecases.expire_holds import MAX_AT_ONCE, ExpireHolds
from tests.builders import PARTITIONS, FixedClock, deposit, hold, logged, partition_for

PARTITION = partition_for("alice")


class Stage:
    """A ledger with holds of alice, and the log that their expiries go to."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(self.books, self.clock)
        self.log = MemoryLog(PARTITIONS)
        self.expire = ExpireHolds(self.ledger, MemoryCommandLog(self.log, self.clock), self.clock)

    async def post(self, *commands: LoggedCommand, partition: int = PARTITION) -> None:
        position = await self.ledger.take_over(partition)
        end = position.next_offset + len(commands)
        run = PageRun(partition, position.epoch, position.next_offset, end, b"", 0)
        await self.ledger.post_page(run, commands, lambda state: post(commands, state))

    async def post_in(self, partition: int, *commands: Command) -> None:
        await self.post(*(logged(one) for one in commands), partition=partition)

    async def placed(self, *expires_in: int | None) -> list[UUID]:
        holds = [hold("alice", 1, expires_in=seconds) for seconds in expires_in]
        await self.post(*(logged(one) for one in [deposit("alice", 100), *holds]))
        return [one.transaction_id for one in holds]

    @property
    def asked(self) -> list[Command]:
        records = self.log.records(PARTITION, 0, 1_000)
        return [one.content for one in records if isinstance(one.content, Command)]

    async def post_asked(self) -> None:
        at = self.clock.now()
        await self.post(*(logged(one, 0, PARTITION, at) for one in self.asked))


async def test_a_hold_expires_when_it_is_due_and_not_before() -> None:
    stage = Stage()
    first, later, forever = await stage.placed(60, 90, None)
    stage.clock.advance(60)
    assert await stage.expire([PARTITION]) == 0
    stage.clock.advance(0.001)
    assert await stage.expire([PARTITION]) == 1
    await stage.post_asked()
    statuses = [stage.books.holds[one].status for one in (first, later, forever)]
    assert statuses == [HoldStatus.EXPIRED, HoldStatus.OPEN, HoldStatus.OPEN]


async def test_it_is_not_asked_for_again_at_every_look_while_it_waits_in_the_log() -> None:
    stage = Stage()
    await stage.placed(1)
    stage.clock.advance(2)
    looks = []
    for _ in range(40):
        looks.append(await stage.expire([PARTITION]))
        stage.clock.advance(0.5)
    assert looks[0] == 1
    assert sum(looks) == 5
    assert len({one.transaction_id for one in stage.asked}) == 1


async def test_whoever_asks_asks_for_the_same_transaction() -> None:
    stage = Stage()
    (hold_id,) = await stage.placed(1)
    stage.clock.advance(2)
    again = ExpireHolds(stage.ledger, MemoryCommandLog(stage.log, stage.clock), stage.clock)
    await stage.expire([PARTITION])
    await again([PARTITION])
    first, second = stage.asked
    assert (first.transaction_id, first.fingerprint) == (second.transaction_id, second.fingerprint)
    await stage.post_asked()
    assert stage.books.holds[hold_id].status is HoldStatus.EXPIRED
    assert stage.books.pages[-1].page.repeats == 1


async def test_a_clock_that_is_ahead_does_no_harm() -> None:
    stage = Stage()
    (hold_id,) = await stage.placed(60)
    stage.clock.advance(61)
    await stage.expire([PARTITION])
    early = [logged(one, 0, PARTITION) for one in stage.asked]
    await stage.post(*early)
    assert stage.books.holds[hold_id].status is HoldStatus.OPEN
    stage.clock.advance(1)
    assert await stage.expire([PARTITION]) == 1
    await stage.post(logged(stage.asked[-1], 0, PARTITION, stage.clock.now()))
    assert stage.books.holds[hold_id].status is HoldStatus.EXPIRED


async def test_holds_of_partitions_that_others_own_are_left_to_them() -> None:
    stage = Stage()
    await stage.placed(1)
    stage.clock.advance(2)
    assert await stage.expire([PARTITION + 1]) == 0


async def test_a_partition_that_lags_keeps_none_of_the_others_waiting() -> None:
    stage = Stage()
    await stage.placed(1)
    for _ in range(MAX_AT_ONCE):
        one = hold("alice", 1, expires_in=1)
        stage.books.holds[one.transaction_id] = stage.books.holds[
            next(iter(stage.books.holds))
        ]._replace(hold_id=one.transaction_id)
        stage.books.transactions[one.transaction_id] = next(iter(stage.books.transactions.values()))
    bob = hold("bob", 1, expires_in=2)
    await stage.post_in(partition_for("bob"), deposit("bob", 5), bob)
    stage.clock.advance(10)
    asked = await stage.expire([PARTITION, partition_for("bob")])
    assert asked == MAX_AT_ONCE + 1
    assert stage.log.records(partition_for("bob"), 0, 9)


async def test_it_is_asked_for_again_at_least_every_minute() -> None:
    stage = Stage()
    await stage.placed(1)
    stage.clock.advance(2)
    asked = 0
    for _ in range(600):
        asked += await stage.expire([PARTITION])
        stage.clock.advance(1)
    assert asked == 15


async def test_what_kafka_did_not_confirm_is_said_and_asked_for_again() -> None:
    stage = Stage()
    await stage.placed(1)
    stage.clock.advance(2)
    away = ExpireHolds(stage.ledger, Away(stage.log, stage.clock), stage.clock)
    for _ in range(2):
        with pytest.raises(LogUnavailableError):
            await away([PARTITION])


class Away(MemoryCommandLog):
    """Confirms nothing."""

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        return [LogUnavailableError("away", may_have_been_accepted=True) for _ in commands]


class Owned:
    """A worker, as far as expiry looks at it."""

    def __init__(self, halted: str | None = None, failing: str | None = None) -> None:
        self.halted = halted
        self.failing = failing


class Pool:
    """Partitions 1, 2 and 3, of which only one is posted from."""

    workers: ClassVar = {1: Owned(), 2: Owned(halted="a gap"), 3: Owned(failing="no disk")}


@pytest.mark.parametrize(
    "error", [LogUnavailableError("away", may_have_been_accepted=False), ZeroDivisionError()]
)
async def test_looking_goes_on_whatever_happens_and_only_where_posting_goes_on(
    error: Exception,
) -> None:
    looks: list[list[int]] = []
    looked_again = asyncio.Event()

    async def expire(partitions: Collection[int]) -> int:
        looks.append(list(partitions))
        if len(looks) == 1:
            raise error
        looked_again.set()
        return 0

    pool: Any = Pool()
    task = asyncio.create_task(HoldExpiry(pool, expire).run())
    async with asyncio.timeout(20):
        await looked_again.wait()
    task.cancel()
    assert looks[:2] == [[1], [1]]
