"""A service that is away, in trouble, or no Counterfoil: what is said, and that nothing doubles."""

import asyncio
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from adapters.backlog import LONGEST_RETRY_SECONDS
from adapters.inbound.cli.retrying import (
    LONGEST_RETRY_AFTER_SECONDS,
    Failed,
    Patience,
    TransientError,
    attempts,
    retry_after_seconds,
)
from tests.unit.cli.console import Console
from tests.unit.cli.process import started
from tests.unit.cli.stub import Stub, breaks_after, cuts, says, sends

ID = "8ccb3972-ea4a-8a66-9fd0-3b8e3e7866ee"
POSTED: dict[str, Any] = {"transaction_id": ID, "status": "posted", "type": "deposit"}
DEPOSIT = ("deposit", "alice", "5")


def problem(code: str, status: int, **members: object) -> dict[str, object]:
    return {"code": code, "status": status, "detail": "So it is.", "request_id": "r-1", **members}


NOT_TAKEN = says(
    problem("log_unavailable", 503, may_have_been_accepted=False), 503, Retry_After="1"
)
PERHAPS_TAKEN = says(
    problem("log_unavailable", 503, may_have_been_accepted=True, transaction_id=ID), 503
)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Tries follow each other at once, and there are three of them."""
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", [NOT_TAKEN, PERHAPS_TAKEN, cuts, sends(b"busy", status=502)])
async def test_a_command_is_tried_again_under_one_key(
    stub: Stub, to_stub: Console, trouble: Any
) -> None:
    stub.answer(trouble, trouble, says(POSTED, 201))
    ended = await to_stub(*DEPOSIT, "--json")
    assert (ended.code, ended.json, ended.err) == (0, POSTED, "")
    keys = {one.headers["Idempotency-Key"] for one in stub.asked}
    assert (len(stub.asked), len(keys)) == (3, 1)
    assert {one.body for one in stub.asked} == {b'{"user_id":"alice","amount":"5"}'}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", [cuts, PERHAPS_TAKEN])
async def test_an_outcome_that_is_not_known_is_said_to_be_so_with_the_key(
    stub: Stub, to_stub: Console, trouble: Any
) -> None:
    # The last answer alone would say that nothing was taken.
    stub.answer(trouble, NOT_TAKEN)
    ended = await to_stub(*DEPOSIT)
    assert (ended.code, ended.out) == (1, "")
    assert "may have been accepted" in ended.err
    assert f"--key {stub.asked[0].headers['Idempotency-Key']}" in ended.err
    assert len(stub.asked) == 3


@pytest.mark.usefixtures("impatient")
async def test_the_transaction_that_it_would_be_is_named(stub: Stub, to_stub: Console) -> None:
    stub.answer(PERHAPS_TAKEN)
    ended = await to_stub(*DEPOSIT, "--key", "k-1")
    assert f"counterfoil transaction {ID}" in ended.err
    assert "--key k-1" in ended.err


@pytest.mark.usefixtures("impatient")
async def test_what_was_certainly_not_taken_is_not_called_uncertain(
    stub: Stub, to_stub: Console
) -> None:
    stub.answer(NOT_TAKEN)
    ended = await to_stub(*DEPOSIT)
    assert ended.code == 1
    assert "may have been accepted (" not in ended.err
    assert "request r-1" in ended.err


@pytest.mark.usefixtures("impatient")
async def test_nobody_there_is_one_sentence(to_stub: Console, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    for words in (DEPOSIT, ("balance", "alice")):
        ended = await to_stub(*words, "--url", url)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"counterfoil: {url} does not answer: ")
        assert "may have been" not in ended.err


@pytest.mark.parametrize("body", [b"<html>", b'{"status": "pos', b"[1]", b"\xff", b"[" * 5_000])
async def test_an_answer_that_is_no_json_object_is_no_outcome(
    stub: Stub, to_stub: Console, body: bytes
) -> None:
    stub.answer(sends(body, "application/json"))
    ended = await to_stub(*DEPOSIT)
    assert ended.code == 1
    assert "may have been accepted" in ended.err
    read = await to_stub("balance", "alice")
    assert read.code == 1
    assert "no JSON object" in read.err
    assert len(stub.asked) == 2


async def test_a_bug_of_the_service_leaves_the_outcome_open(stub: Stub, to_stub: Console) -> None:
    stub.answer(says(problem("internal_error", 500), 500))
    ended = await to_stub(*DEPOSIT)
    assert ended.code == 1
    assert "may have been accepted" in ended.err


async def test_another_server_at_the_address_is_named_as_one(stub: Stub, to_stub: Console) -> None:
    stub.answer(sends(b"nothing here", status=404))
    ended = await to_stub(*DEPOSIT)
    assert ended.code == 1
    assert "is that its address?" in ended.err
    assert "may have been" not in ended.err


async def test_a_redirect_is_not_followed(stub: Stub, to_stub: Console) -> None:
    stub.answer(sends(b"", status=307))
    assert (await to_stub(*DEPOSIT)).code == 1
    assert len(stub.asked) == 1


async def test_what_the_server_says_cannot_write_on_the_terminal(
    stub: Stub, to_stub: Console
) -> None:
    evil = "\x1b[2J\x07\u202e\x9b31m [bold]x[/] \n" + "y" * 5_000
    stub.answer(
        says(POSTED | {"reference": evil, evil: "name", "metadata": {evil: evil}}, 201),
        says(POSTED | {"reference": evil}, 201),
        says(problem(evil, 422, detail=evil), 422),
    )
    for words in (DEPOSIT, (*DEPOSIT, "--json"), DEPOSIT):
        ended = await to_stub(*words)
        shown = ended.out + ended.err
        assert not set(shown) & set("\x1b\x07\u202e\x9b")
        assert "[bold]x[/]" in shown
        if "--json" not in words:
            assert len(shown) < 20_000


async def test_a_list_that_leads_back_to_itself_ends(stub: Stub, to_stub: Console) -> None:
    stub.answer(says({"transactions": [POSTED], "next_cursor": "c"}))
    ended = await to_stub("transactions", "--all", "--json")
    assert ended.code == 1
    assert len(stub.asked) == 2


@pytest.mark.parametrize("body", [{}, {"transactions": 5}, {"transactions": ["x"]}])
async def test_a_list_that_is_none_is_not_an_empty_one(
    stub: Stub, to_stub: Console, body: object
) -> None:
    stub.answer(says(body))
    ended = await to_stub("transactions")
    assert ended.code == 1
    assert "no list of transactions" in ended.err


async def test_retry_after_is_waited_for() -> None:
    waits: list[float] = []

    def remember(details: RetryDetails) -> None:
        waits.append(details.wait_for)

    async def busy() -> None:
        async for attempt in attempts(Patience(2, 10.0, first_wait_seconds=5.0)):
            with attempt:
                raise TransientError(Failed("busy", False, retry_after_seconds("0")))

    set_on_retry_hooks([remember])
    with pytest.raises(TransientError):
        await busy()
    set_on_retry_hooks([])
    assert waits == [0.1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("7", 7.0),
        ("9" * 400, LONGEST_RETRY_AFTER_SECONDS),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_bounded(text: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(text) == seconds


def test_it_waits_as_long_as_the_service_ever_asks_for() -> None:
    assert LONGEST_RETRY_SECONDS <= LONGEST_RETRY_AFTER_SECONDS


async def test_an_interrupted_command_says_how_to_find_out(stub: Stub) -> None:
    taken = asyncio.Event()
    released = asyncio.Event()

    async def hangs(_: Any) -> Any:
        taken.set()
        await released.wait()
        return await says(POSTED, 201)(_)

    stub.answer(hangs)
    process = await started(*DEPOSIT, "--key", "k-9", "--url", stub.url)
    async with asyncio.timeout(60):
        await taken.wait()
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    released.set()
    assert (process.returncode, out) == (1, b"")
    assert b"may have been accepted (interrupted)" in err
    assert b"--key k-9" in err


@pytest.mark.usefixtures("impatient")
async def test_a_read_is_tried_again(stub: Stub, to_stub: Console) -> None:
    balance = {"user_id": "alice", "currency": "USD", "balance": "5.00"}
    stub.answer(breaks_after(b'{"user'), says(balance))
    ended = await to_stub("balance", "alice", "--json")
    assert (ended.code, ended.json) == (0, balance)
