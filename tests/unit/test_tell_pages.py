"""No page is told without those that it may depend on, and each is told once by a process."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import cast

import pytest

from adapters.inbound.worker.page_teller import PageTeller
from adapters.outbound.memory.pages import MemoryPages
from core.entities.page_row import PageRow
from core.errors import EventsUnavailableError
from core.ports.ledger import Ledger
from core.usecases.tell_pages import TellPages, ToldPages
from tests.builders import NOON


def row(number: int, partition: int, *, may_cross: bool = False) -> PageRow:
    head = bytes([number]) * 32
    return PageRow(number, partition, 1, 0, 1, 1, 2, 1, head, b"s" * 32, may_cross, NOON)


class Untold:
    """A ledger of nothing but rows that nobody is known to have told."""

    def __init__(self, *rows: PageRow) -> None:
        self.rows = list(rows)

    async def untold_pages(self) -> Sequence[PageRow]:
        return self.rows


def telling(pages: MemoryPages, *rows: PageRow) -> tuple[TellPages, Untold]:
    untold = Untold(*rows)
    return TellPages(cast("Ledger", untold), pages), untold


def last_told(told: Mapping[int, ToldPages]) -> Mapping[int, int]:
    return {partition: one.last_number for partition, one in told.items()}


def numbers(pages: MemoryPages, partition: int) -> list[int]:
    return [row.number for row in pages.told[partition]]


async def test_pages_that_cannot_have_crossed_are_told_alone() -> None:
    pages = MemoryPages()
    tell, _ = telling(pages, row(1, 0), row(2, 1), row(3, 0))

    assert last_told(await tell({0})) == {0: 3}
    assert (numbers(pages, 0), numbers(pages, 1)) == ([1, 3], [])


async def test_with_a_page_that_crossed_all_earlier_ones_are_told() -> None:
    pages = MemoryPages()
    tell, _ = telling(pages, row(1, 0), row(2, 1), row(3, 0, may_cross=True), row(4, 1))

    await tell({0})

    assert numbers(pages, 0) == [1, 2, 3]


async def test_a_page_is_told_with_an_earlier_one_of_elsewhere_that_crossed() -> None:
    pages = MemoryPages()
    tell, _ = telling(pages, row(1, 2), row(2, 1, may_cross=True), row(3, 0), row(4, 0))

    await tell({0})

    assert numbers(pages, 0) == [1, 2, 3, 4]


async def test_what_this_process_has_told_is_not_told_again() -> None:
    pages = MemoryPages()
    tell, untold = telling(pages, row(1, 0), row(2, 1, may_cross=True))
    await tell({1})
    assert numbers(pages, 1) == [1, 2]
    untold.rows.append(row(3, 1, may_cross=True))

    assert last_told(await tell({0, 1})) == {0: 1, 1: 3}

    assert (numbers(pages, 0), numbers(pages, 1)) == ([1], [1, 2, 1, 3])


async def test_what_could_not_be_told_is_told_the_next_time() -> None:
    class Away(MemoryPages):
        is_away = True

        async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
            if self.is_away:
                raise EventsUnavailableError("away")
            await super().tell(rows)

    pages = Away()
    tell, _ = telling(pages, row(1, 0))
    with pytest.raises(EventsUnavailableError):
        await tell({0})
    pages.is_away = False

    assert last_told(await tell({0})) == {0: 1}
    assert numbers(pages, 0) == [1]


class Rounds:
    """What is asked to tell, which takes as long as the test wants."""

    def __init__(self) -> None:
        self.asked: list[set[int]] = []
        self.goes_on = asyncio.Semaphore(0)
        self.fails = False

    async def __call__(self, partitions: Collection[int]) -> Mapping[int, ToldPages]:
        self.asked.append(set(partitions))
        await self.goes_on.acquire()
        if self.fails:
            raise EventsUnavailableError("away")
        return {one: ToldPages(len(self.asked)) for one in partitions}


async def asked(teller: PageTeller, *partitions: int) -> list["asyncio.Task[ToldPages]"]:
    """Ask, and let everybody get as far as they can."""
    tasks = [asyncio.create_task(teller(one)) for one in partitions]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_whoever_asks_while_a_round_is_told_is_in_the_next_one() -> None:
    rounds = Rounds()
    teller = PageTeller(rounds)
    first = await asked(teller, 0)
    later = await asked(teller, 0, 1, 2)
    rounds.goes_on.release()
    rounds.goes_on.release()

    told = await asyncio.gather(*first, *later)
    assert [one.last_number for one in told] == [1, 2, 2, 2]
    assert rounds.asked == [{0}, {0, 1, 2}]


async def test_of_a_round_that_failed_each_one_tries_by_itself() -> None:
    rounds = Rounds()
    teller = PageTeller(rounds)
    rounds.fails = True
    tasks = await asked(teller, 0, 1)
    rounds.goes_on.release()
    with pytest.raises(EventsUnavailableError):
        await tasks[0]
    rounds.fails = False
    rounds.goes_on.release()

    assert (await tasks[1]).last_number == 2


async def test_the_heads_that_were_told_are_remembered_and_those_of_others_are_not() -> None:
    pages = MemoryPages()
    tell, untold = telling(pages, row(1, 0), row(2, 1, may_cross=True), row(3, 0))
    await tell({0})
    untold.rows.append(row(4, 0))

    told = await tell({0})

    assert [*told[0].heads] == [row(number, 0).head for number in (1, 3, 4)]
