"""`counterfoil top`: what a frame shows, on which terminal, and how it ends."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from rich.console import Console as RichConsole
from structlog.testing import capture_logs
from typer.testing import CliRunner

import bootstrap
from adapters.inbound.cli.top import looking
from adapters.inbound.cli.top.figures import Figures
from adapters.inbound.cli.top.frame import frame
from adapters.inbound.cli.top.looking import look
from adapters.inbound.cli.top.process import Address, Kind, Looked
from entrypoints.cli import app
from entrypoints.settings import Profile, Settings
from tests.unit.cli.console import Console
from tests.unit.cli.stub import Handler, Stub, cuts, says, sends
from tests.unit.cli.terminal import interrupted_on_a_terminal
from tests.unit.cli.top_world import Processes, Seen

PARTITIONS = 8
LINES, COLUMNS = 24, 80


@pytest.fixture
def processor() -> Seen:
    return Seen(Kind.PROCESSOR, "http://127.0.0.1:24789")


@pytest.fixture
def processes(processor: Seen) -> Processes:
    api, webhooks = Seen(Kind.API, "http://127.0.0.1:8080"), Seen(Kind.WEBHOOKS)
    return Processes(api, processor, webhooks)


def own(processor: Seen, partitions: int, lag: int = 0) -> None:
    for partition in range(partitions):
        posting = processor.metrics.posting
        posting.lag.labels(str(partition)).set(lag)
        posting.oldest_unposted_seconds.labels(str(partition)).set(0.1 * lag)
        posting.halted.labels(str(partition)).set(0)


def printed(figures: Figures, columns: int = COLUMNS, lines: int | None = LINES) -> list[str]:
    console = RichConsole(width=columns, no_color=True)
    with console.capture() as captured:
        console.print(frame(figures, "counterfoil top", lines))
    return [line.rstrip() for line in captured.get().splitlines()]


def row(lines: list[str], heading: str) -> list[str]:
    """The words below a heading."""
    (index,) = (number for number, line in enumerate(lines) if line.split()[:1] == [heading])
    return lines[index + 1].split()


@pytest.mark.parametrize("partitions", [0, 1, PARTITIONS, 12, 64])
def test_a_frame_fits_a_small_terminal_and_shows_the_worst_partitions(
    processes: Processes, processor: Seen, partitions: int
) -> None:
    own(processor, partitions)
    if partitions:
        processor.metrics.posting.halted.labels(str(partitions - 1)).set(1)
    lines = printed(processes.figures())
    assert len(lines) <= LINES
    assert max(len(line) for line in lines) <= COLUMNS
    assert not any("…" in line for line in lines)
    if partitions:
        assert any(line.split()[:1] == [str(partitions - 1)] and "halted" in line for line in lines)
    assert any("not shown" in line for line in lines) == (partitions > 11)


def test_whoever_lies_behind_is_shown_before_whoever_does_not(
    processes: Processes, processor: Seen
) -> None:
    own(processor, 64)
    for partition in (3, 33, 63):
        processor.metrics.posting.oldest_unposted_seconds.labels(str(partition)).set(41)
    lines = printed(processes.figures(), lines=16)
    first = lines.index(next(line for line in lines if "partition" in line)) + 1
    assert [line.split()[0] for line in lines[first : first + 3]] == ["3", "33", "63"]
    assert "all 64" in lines[first + 3]
    assert "41 s" in lines[first + 3]


def test_figures_stand_below_their_headings(processes: Processes, processor: Seen) -> None:
    processes.figures()
    posting = processor.metrics.posting
    posting.transactions.labels("posted").inc(2_468)
    posting.transactions.labels("rejected").inc(3)
    posting.pages.inc(20)
    posting.page_records.observe(100)
    posting.page_seconds.observe(0.02)
    posting.dead_letters_held.labels("0").set(3)
    lines = printed(processes.figures())
    assert row(lines, "accepted/s") == ["0", "0", "1,234", "1.5", "0", "0"]
    assert row(lines, "pages/s") == ["10", "100", "99.5", "20.0", "ms", "24.9", "ms", "–", "–"]
    assert any("dead letters held 3," in line for line in lines)


def test_who_is_away_and_what_is_missing_is_said_and_moves_no_cursor(
    processes: Processes, processor: Seen
) -> None:
    api, _, webhooks = processes.seen
    api.away = "connection refused"
    processor.dependencies = {"kafka": None, "postgres": "no\x1b[2J route"}
    lines = printed(processes.figures(), columns=120)
    (first, second, third) = lines[-3:]
    assert first.split(maxsplit=2)[2] == "away: connection refused"
    assert second.split(maxsplit=2)[2] == "not ready; postgres: no�[2J route"
    assert third.split(maxsplit=2)[2] == "ready: kafka, postgres"
    assert webhooks.address.url in third
    assert row(lines, "accepted/s")[:2] == ["–", "–"]


async def looked_at(stub: Stub, *answers: Handler) -> Looked:
    stub.answer(*answers)
    async with ClientSession() as session:
        return await look(session, Address(Kind.API, stub.url))


@pytest.mark.parametrize(
    "answer", [sends(b"<html>"), says([]), says({}), says({"status": 1, "dependencies": [1]})]
)
async def test_what_is_no_process_of_ours_is_said_to_be_none(stub: Stub, answer: Handler) -> None:
    looked = await looked_at(stub, answer)
    assert looked.away == "what answers there is no process of Counterfoil"


async def test_who_cuts_hangs_or_is_not_there_is_away(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await looked_at(stub, cuts)).away

    enough = asyncio.Event()

    async def hangs(_: object) -> web.Response:
        await enough.wait()
        return web.Response()

    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.05)
    stub.answers.clear()
    assert (await looked_at(stub, hangs)).away == "no answer in 0 s"
    enough.set()
    async with ClientSession() as session:
        looked = await look(session, Address(Kind.API, "http://127.0.0.1:1"))
    assert looked.away == "Connection refused"


@pytest.fixture
async def demo() -> AsyncIterator[str]:
    """The address of a product that is all processes in one."""
    container = bootstrap.make_container(Settings(profile=Profile.MEMORY, http_port=0).model_dump())
    with capture_logs():
        async with bootstrap.running_demo(container):
            yield container.api_server().url


def of(url: str) -> list[str]:
    return ["top", "--api", url, "--processor", url, "--webhooks", url, "--every", "0.1"]


@pytest.mark.parametrize("words", [("--once",), ()])
async def test_once_or_where_no_terminal_is_it_is_one_frame_of_plain_text(
    demo: str, words: tuple[str, ...]
) -> None:
    shown = await Console(demo)(*of(demo), *words)
    assert shown.code == 0
    assert "\x1b" not in shown.out
    assert shown.out.count(demo) == 3


async def test_json_is_one_object(demo: str) -> None:
    console = Console(demo)
    told = (await console(*of(demo), "--json")).json
    assert [one["partition"] for one in told["partitions"]] == [*range(PARTITIONS)]
    assert told["per_second"]["accepted"] == 0
    assert [one["kind"] for one in told["processes"]] == ["api", "processor", "webhooks"]
    assert all(one["is_ready"] for one in told["processes"])


async def test_on_a_terminal_it_goes_on_until_ctrl_c_and_leaves_it_as_it_was(demo: str) -> None:
    code, seen = await asyncio.to_thread(
        interrupted_on_a_terminal, "pages/s", signal.SIGINT, *of(demo)
    )
    assert code == 0, seen
    assert seen.startswith("\x1b[?1049h")
    assert seen.rstrip().endswith("\x1b[?1049l")
    assert "Traceback" not in seen


async def test_addresses_are_those_of_the_settings_unless_they_are_given() -> None:
    console = Console("http://127.0.0.1:1")
    ports = {"COUNTERFOIL_PROCESSOR_HTTP_HOST": "0.0.0.0", "COUNTERFOIL_WEBHOOKS_HTTP_PORT": "3"}
    told = (await console("top", "--json", "--every", "0.1", **ports)).json
    assert [one["url"] for one in told["processes"]] == [
        "http://127.0.0.1:1",
        "http://127.0.0.1:8081",
        "http://127.0.0.1:3",
    ]


@pytest.mark.parametrize("words", [("--processor", "nowhere"), ("--every", "0")])
def test_words_that_make_no_sense_ask_nobody(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["top", *words]).exit_code == 2


def test_a_wrong_setting_is_a_sentence() -> None:
    result = CliRunner().invoke(app, ["top", "--json"], env={"COUNTERFOIL_HTTP_PORT": "x"})
    assert "COUNTERFOIL_HTTP_PORT" in str(result.exception)
    assert result.stdout == ""
