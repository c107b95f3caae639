"""What is promised of every format."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import closing

import pytest

from adapters.statements.plain_text import account_number, cut, one_line
from adapters.statements.registry import file_name
from adapters.statements.streaming import MAX_SLICE_ENTRIES, streamed
from adapters.statements.wording import wording
from core.entities.orders import CommandType
from core.entities.statement import StatementEntry
from tests.unit.statements.examples import FORMATS, head_of, history, written


def test_the_formats_are_these() -> None:
    assert {name: (one.name, one.extension) for name, one in FORMATS.items()} == {
        "csv": ("csv", "csv"),
        "pdf": ("pdf", "pdf"),
        "ofx": ("ofx", "ofx"),
        "camt053": ("camt053", "xml"),
        "hledger": ("hledger", "journal"),
    }


@pytest.mark.parametrize("name", FORMATS)
async def test_a_failure_to_read_the_entries_is_not_a_complete_file(name: str) -> None:
    entries = history()

    async def broken() -> AsyncIterator[Sequence[StatementEntry]]:
        yield entries[:2]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        [piece async for piece in FORMATS[name].write(head_of(entries), broken())]


@pytest.mark.parametrize("name", ["csv", "ofx", "camt053", "hledger"])
async def test_what_was_read_is_written_before_more_is_read(name: str) -> None:
    entries = history([1] * 4)
    read: list[int] = []

    async def runs() -> AsyncIterator[Sequence[StatementEntry]]:
        for entry in entries:
            read.append(entry.sequence)
            yield [entry]

    seen = [len(read) async for _ in FORMATS[name].write(head_of(entries), runs())]
    assert set(seen) >= {1, 2, 3, 4}


async def test_others_get_the_event_loop_within_a_run() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def one_run() -> AsyncIterator[Sequence[StatementEntry]]:
        yield history([1] * (4 * MAX_SLICE_ENTRIES))

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(other())
        pieces = [piece async for piece in streamed("", lambda run: "x" * len(run), "", one_run())]
        task.cancel()
    assert pieces == [b"x" * MAX_SLICE_ENTRIES] * 4
    assert turns >= 4


@pytest.mark.parametrize("name", FORMATS)
async def test_a_currency_that_iso_4217_has_dropped_is_written_in_minor_units(name: str) -> None:
    entries = history()
    assert await written(name, head_of(entries, currency="DEM"), entries)


def test_a_file_name_is_fit_for_any_disk() -> None:
    assert file_name(head_of((), user_id="a:b@c"), FORMATS["ofx"]) == "statement-a_b@c-USD.ofx"


@pytest.mark.parametrize("command_type", CommandType)
def test_every_type_has_words(command_type: CommandType) -> None:
    (entry,) = history((-5,))
    words = wording(entry._replace(type=command_type))
    assert words.endswith(" to bob")
    assert (
        wording(entry._replace(type=command_type, other_user_id=None)) == words[: -len(" to bob")]
    )


def test_one_line_has_no_line_breaks_and_no_controls() -> None:
    every = "".join(map(chr, (*range(0x2100), 0xD800, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600)))
    told = one_line(every)
    assert len(told.splitlines()) == 1
    assert not any(ord(one) < 32 or 127 <= ord(one) < 160 for one in told)
    assert not set(told) & set("\ud800\ufffe\uffff\u2028\u2029")
    assert "\U0001f600" in told


def test_what_is_cut_says_so() -> None:
    assert cut("x" * 32, 32) == "x" * 32
    assert cut("x" * 33, 32) == "x" * 31 + "…"


def test_account_numbers_are_one_users_for_ever() -> None:
    assert account_number("u" * 34, 34) == "u" * 34
    assert account_number("u" * 35, 34) == "u" * 21 + "~379eee47b06d"
    assert account_number("u" * 36, 34) != account_number("u" * 35, 34)


@pytest.mark.parametrize("name", ["csv", "ofx", "camt053", "hledger"])
def test_memory_does_not_grow_with_the_number_of_entries(name: str) -> None:
    # A loop of its own: what other tests have left on theirs would be counted, too.
    with closing(asyncio.new_event_loop()) as loop:
        runs = (3, 3, 30)
        few, many = [loop.run_until_complete(peak_bytes(name, count)) for count in runs][1:]
    assert many < few * 1.2, "the first of the three has filled the caches"


async def peak_bytes(name: str, run_count: int) -> int:
    """The most memory at a time that writing so many runs of 100 entries takes."""
    run = history([1] * 100)

    async def runs() -> AsyncIterator[Sequence[StatementEntry]]:
        for _ in range(run_count):
            yield run

    tracemalloc.start()
    async for _ in FORMATS[name].write(head_of(run), runs()):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
