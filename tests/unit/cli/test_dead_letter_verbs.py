"""`counterfoil dead`: what an operator reads, and what the exit code says."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from adapters.inbound.cli import dead_letter_verbs
from adapters.inbound.cli.content import content_lines
from adapters.inbound.cli.dead_letter_verbs import DeadLetterVerbs
from adapters.inbound.cli.output import Output
from adapters.records import encode
from bootstrap import Container, make_container
from core.entities.dead_letter import DeadLetterReason, LetterFilter
from core.entities.record import Headers
from entrypoints.cli import app
from entrypoints.settings import Profile, Settings
from tests.builders import NOON, PARTITIONS, deposit, partition_for
from tests.unit.cli.process import started

HELD = LetterFilter()
ALL = LetterFilter(only_held=False)
ASTRAY = (partition_for("alice") + 1) % PARTITIONS
HOSTILE = b"\x1b[2J\xe2\x80\xae gone"


@pytest.fixture
async def container() -> AsyncIterator[Container]:
    made = make_container(Settings(profile=Profile.MEMORY, partitions=PARTITIONS).model_dump())
    with capture_logs():
        async with made.watch(), made.feed().membership(made.pool()):
            yield made


@pytest.fixture
def verbs(container: Container) -> DeadLetterVerbs:
    made: DeadLetterVerbs = container.dead_letter_verbs()
    return made


@pytest.fixture
def as_json(container: Container) -> DeadLetterVerbs:
    made: DeadLetterVerbs = container.dead_letter_verbs(output=Output(as_json=True))
    return made


async def condemned(
    container: Container, value: bytes | None, headers: Headers = (), partition: int = 0
) -> str:
    position = container.memory_log().append(partition, b"key", value, headers, NOON)
    assert await container.watch().passed(position, 5.0)
    return str(position)


async def astray(container: Container, amount: int = 100) -> str:
    encoded = encode(deposit(amount=amount))
    return await condemned(container, encoded.value, encoded.headers, ASTRAY)


def objects(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_list_says_of_each_where_it_lies_and_why(
    container: Container, verbs: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await astray(container)
    second = await condemned(container, b"\xff")

    assert await verbs.list(HELD, 10)

    heading, _, *rows = (line for line in capsys.readouterr().out.splitlines() if line.strip())
    assert "position" in heading
    assert [row.split()[0] for row in rows] == [first, second]
    assert "belong into partition" in rows[0]
    assert "held" in rows[1]


async def test_a_list_has_an_end_and_says_that_there_is_more(
    container: Container, as_json: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    positions = [await astray(container) for _ in range(3)]

    await as_json.list(HELD, 2)
    few = capsys.readouterr()
    await as_json.list(HELD, 3)
    all_ = capsys.readouterr()

    shown = [json.loads(line)["position"] for line in few.out.splitlines()]
    assert shown == positions[:2]
    assert "There are more" in few.err
    assert len(all_.out.splitlines()) == 3
    assert all_.err == ""


async def test_an_empty_list_says_so(
    verbs: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verbs.list(HELD, 10)
    assert "no dead letter waits" in capsys.readouterr().err


async def test_show_shows_reason_headers_key_and_value_and_moves_no_cursor(
    container: Container, verbs: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = [("trace\x1b", b"a\x1b[2Jb"), ("binary", b"\xff\x00A")]
    position = await condemned(container, HOSTILE, headers)

    assert await verbs.show(position, raw=False)

    out = capsys.readouterr().out
    assert "undecodable" in out
    assert "cannot be read" in out
    assert f"value ({len(HOSTILE)} bytes)" in out
    assert " gone" in out
    assert "ff 00 41" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


async def test_raw_is_the_value_byte_for_byte_and_nothing_else(
    container: Container, verbs: DeadLetterVerbs, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    position = await condemned(container, HOSTILE)
    assert await verbs.show(position, raw=True)
    assert capsysbinary.readouterr().out == HOSTILE


async def test_json_has_all_of_the_bytes_and_the_decision(
    container: Container, as_json: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    position = await condemned(container, b"\xff", [("a", b"\xfe")])
    assert await as_json.discard([position], "sent twice")
    capsys.readouterr()

    assert await as_json.show(position, raw=False)

    (shown,) = objects(capsys)
    assert shown["state"] == "discarded"
    assert (shown["key_base64"], shown["value_base64"]) == ("a2V5", "/w==")
    assert shown["headers"] == [{"name": "a", "value_base64": "/g=="}]
    assert shown["decision"]["reason"] == "sent twice"
    assert shown["decision"]["discards"] == position


async def test_requeued_twice_at_once_is_posted_once(
    container: Container, as_json: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    position = await astray(container)

    assert await as_json.requeue([position, position], even_unreadable=False)

    first, second = objects(capsys)
    assert (first["status"], first["dead_letter"]) == ("posted", position)
    assert second["transaction_id"] == first["transaction_id"]
    assert second["position"] != first["position"]
    balance = await container.read_balance()("alice", None, second["position"])
    assert (balance.balance, balance.sequence) == (100, 1)


async def test_what_is_decided_or_cannot_be_read_is_refused_and_the_rest_is_done(
    container: Container, as_json: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    decided, unreadable, good = (
        await astray(container),
        await condemned(container, b"\xff"),
        await astray(container, 7),
    )
    await as_json.requeue([decided], even_unreadable=False)
    capsys.readouterr()

    assert not await as_json.requeue([decided, unreadable, good], even_unreadable=False)

    told = capsys.readouterr()
    assert [json.loads(line)["dead_letter"] for line in told.out.splitlines()] == [good]
    assert f"{decided} is decided" in told.err
    assert f"{unreadable} cannot be read yet" in told.err


async def test_a_record_that_is_condemned_again_is_not_done(
    container: Container, as_json: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    position = await condemned(container, b"\xff")

    assert not await as_json.requeue([position], even_unreadable=True)

    (told,) = objects(capsys)
    assert told["status"] == "dead_letter"
    assert told["detail"]


async def test_all_is_what_waits_and_can_be_read_a_bounded_number_at_a_time(
    container: Container,
    as_json: DeadLetterVerbs,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dead_letter_verbs, "MAX_REQUEUED_AT_ONCE", 2)
    unreadable = await condemned(container, b"\xff")
    good = [await astray(container, amount) for amount in (1, 2, 3)]

    assert await as_json.requeue_all(HELD)
    few = capsys.readouterr()
    assert await as_json.requeue_all(HELD)
    rest = capsys.readouterr()

    assert [json.loads(line)["dead_letter"] for line in few.out.splitlines()] == good[:2]
    assert "there are more" in few.err
    assert "cannot read them: 1" in few.err
    assert [json.loads(line)["dead_letter"] for line in rest.out.splitlines()] == good[2:]
    await as_json.list(HELD, 10)
    assert [one["position"] for one in objects(capsys)] == [unreadable]


async def test_all_can_be_of_one_reason(
    container: Container, as_json: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    await astray(container)
    await as_json.requeue_all(LetterFilter(reason=DeadLetterReason.NOT_APPLICABLE))
    assert objects(capsys) == []


@pytest.mark.parametrize("name", ["7:7", "nonsense"])
async def test_an_unknown_name_stops_before_anything_is_written(
    container: Container, verbs: DeadLetterVerbs, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    position = await astray(container)
    end = await container.command_log().end(partition_for("alice"))

    assert not await verbs.requeue([position, name], even_unreadable=False)
    assert not await verbs.discard([position, name], "why")
    assert not await verbs.show(name, raw=False)

    assert await container.command_log().end(partition_for("alice")) == end
    assert name in capsys.readouterr().err


async def test_a_discard_without_a_reason_is_refused(
    container: Container, verbs: DeadLetterVerbs, capsys: pytest.CaptureFixture[str]
) -> None:
    position = await astray(container)
    assert not await verbs.discard([position], " ")
    assert "reason must be" in capsys.readouterr().err
    await verbs.list(ALL, 1)
    assert "held" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("requeue",),
        ("requeue", "--all", "3:1"),
        ("requeue", "3:1", "--reason-code", "undecodable"),
        ("requeue", "--all", "--anyway"),
        ("requeue", "--all", "--reason-code", "bad"),
        ("discard", "3:1"),
        ("show",),
        ("list", "--limit", "0"),
    ],
)
def test_words_that_make_no_sense_ask_nobody(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["dead", *words]).exit_code == 2


async def test_a_database_that_is_away_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_POSTGRES_DSN", "postgresql://someone@127.0.0.1:1/none")
    process = await started("dead", "list")
    out, err = await process.communicate()
    assert process.returncode == 1
    assert out == b""
    assert b"counterfoil: postgres is away" in err
    assert b"Traceback" not in err


def test_bytes_that_are_no_text_are_shown_in_hexadecimal() -> None:
    first, second = content_lines(bytes(range(0xF0, 0x100)) + b"A\x1b")
    assert first == "00000000  f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe ff  " + "." * 16
    assert second.split() == ["00000010", "41", "1b", "A."]
    assert content_lines(b"") == []
    assert content_lines("ä\nb\t".encode()) == ["ä", "b�"]
