"""What reads ask for, and how the answers are shown, against a stub of the API."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import stamina

from tests.unit.cli.console import Console
from tests.unit.cli.stub import Stub, breaks_after, cuts, says, sends
from tests.unit.cli.terminal import on_a_terminal

AT = "2026-01-31T00:00:00+01:00"
ENTRY = {
    "sequence": 1,
    "transaction_id": "8ccb3972-ea4a-8a66-9fd0-3b8e3e7866ee",
    "type": "transfer",
    "amount": "-5.00",
    "balance_after": "95.00",
    "posted_at": "2026-01-31T12:00:00.000000Z",
    "reference": None,
    "other_user_id": "bob",
    "reverses": None,
    "hold_id": None,
}


def page(cursor: str | None, *entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": "alice",
        "currency": "EUR",
        "opening_balance": "100.00",
        "closing_balance": "95.00",
        "entries": list(entries),
        "next_cursor": cursor,
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


async def test_a_balance_in_time_and_in_all_currencies(stub: Stub, to_stub: Console) -> None:
    balances = [
        {"currency": "EUR", "balance": "5.00", "sequence": 1, "as_of": AT},
        {"currency": "JPY", "balance": "1200", "sequence": 2, "as_of": AT},
    ]
    body = {"user_id": "a@b:c+d", "at": AT, "complete": False, "balances": balances}
    stub.answer(says(body))
    ended = await to_stub("balance", "a@b:c+d", "--all", "--at", AT)
    assert ended.code == 0
    assert [stub.asked[0].path, stub.asked[0].query] == [
        "/balance/a@b:c%2Bd",
        {"currency": "all", "at": AT},
    ]
    assert "JPY" in ended.out
    assert "1200" in ended.out
    assert "may still change" in ended.err
    assert (await to_stub("balance", "a@b:c+d", "--all", "--json")).json == body


async def test_transactions_are_filtered_as_asked(stub: Stub, to_stub: Console) -> None:
    stub.answer(says({"transactions": [{"type": "deposit", "amount": "5.00"}], "next_cursor": "c"}))
    ended = await to_stub(
        *("transactions", "--user", "alice", "--reference", "a & b=c", "--type", "deposit"),
        *("--status", "rejected", "--from", AT, "--to", AT, "--order", "asc", "--limit", "1"),
    )
    assert ended.code == 0
    assert stub.asked[0].query == {
        "user_id": "alice",
        "reference": "a & b=c",
        "type": "deposit",
        "status": "rejected",
        "from": AT,
        "to": AT,
        "order": "asc",
        "limit": "1",
    }
    assert len(stub.asked) == 1
    assert "There are more" in ended.err


async def test_a_statement_follows_its_cursor(stub: Stub, to_stub: Console) -> None:
    pages = [page("next", ENTRY), page(None, ENTRY | {"sequence": 2})]
    stub.answer(*map(says, pages))
    ended = await to_stub("statement", "alice", "--currency", "EUR", "--all", "--json")
    assert ended.lines == pages
    assert [one.query.get("cursor") for one in stub.asked] == [None, "next"]
    assert stub.asked[0].query["order"] == "desc"


async def test_a_statement_says_that_there_is_more_of_it(stub: Stub, to_stub: Console) -> None:
    stub.answer(says(page("next", ENTRY)))
    ended = await to_stub("statement", "alice", "--limit", "1")
    assert "There are more" in ended.err


async def test_a_list_of_transactions_shows_between_whom(stub: Stub, to_stub: Console) -> None:
    entries = [
        {"user_id": "carol", "amount": "-3.00"},
        *({"user_id": f"u{number}", "amount": "1.00"} for number in range(5)),
    ]
    legs = [{"from_user_id": "dave", "to_user_id": "erin"}]
    listed = [
        {"status": "posted", "type": "capture", "entries": entries},
        {"status": "rejected", "type": "transfer", "legs": legs, "user_id": "dave"},
        {"status": "posted", "type": "deposit", "user_id": "frank", "entries": []},
    ]
    stub.answer(says({"transactions": listed, "next_cursor": None}))
    ended = await to_stub("transactions")
    rows = {line.split()[1]: line for line in ended.out.splitlines() if len(line.split()) > 2}
    assert rows["capture"].split()[2:] == ["carol", "u0,", "u1,", "u2,", "2", "more"]
    assert rows["transfer"].split()[2:] == ["dave", "erin"]
    assert rows["deposit"].split()[2:] == ["frank"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T13:00:00+01:00", "2026-01-31T13:00:00+01:00"),
    ],
)
async def test_a_date_is_its_first_moment(
    stub: Stub, to_stub: Console, given: str, sent: str
) -> None:
    stub.answer(says({"user_id": "alice", "balance": "1.00", "complete": True}))
    await to_stub("balance", "alice", "--at", given)
    assert stub.asked[0].query["at"] == sent


@pytest.mark.parametrize("given", ["yesterday", "2026-01-31T12:00:00", "2026-02-30"])
async def test_what_is_no_time_is_said_before_anything_is_asked(
    stub: Stub, to_stub: Console, given: str
) -> None:
    ended = await to_stub("statement", "alice", "--from", given)
    assert ended.code == 2
    assert "must be a date" in ended.err.replace("\n", " ")
    assert stub.asked == []


async def test_an_account_is_not_set_to_nothing(stub: Stub, to_stub: Console) -> None:
    ended = await to_stub("account", "set", "alice")
    assert ended.code == 2
    assert "nothing to change" in ended.err
    assert stub.asked == []


async def test_a_statement_shows_with_whom(stub: Stub, to_stub: Console) -> None:
    stub.answer(says(page(None, ENTRY)))
    ended = await to_stub("statement", "alice")
    for text in ("other user", "bob", "-5.00", "95.00", "opening balance 100.00"):
        assert text in ended.out


async def test_a_statement_is_saved_in_a_format(
    stub: Stub, to_stub: Console, tmp_path: Path
) -> None:
    pdf = b"%PDF-1.7\n" + bytes(range(256)) * 1_000
    stub.answer(sends(pdf, "application/pdf"))
    file = tmp_path / "alice.pdf"
    ended = await to_stub(
        *("statement", "alice", "--from", AT, "--to", AT, "--format", "pdf", "-o", str(file))
    )
    assert (ended.code, ended.out) == (0, "")
    assert contents(tmp_path) == {file.name: pdf}
    assert stub.asked[0].query == {"from": AT, "to": AT, "format": "pdf"}


@pytest.mark.parametrize("format_", ["csv", "ofx", "camt053", "hledger", "pdf"])
async def test_a_format_goes_to_standard_output_as_it_is(
    stub: Stub, to_stub: Console, format_: str
) -> None:
    stub.answer(sends(b"a,b\r\nM\xc3\xa4rz,2\r\n", "text/csv"))
    ended = await to_stub("statement", "alice", "--format", format_)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.split() == ["a,b", "März,2"]


async def test_a_broken_download_leaves_no_file_and_an_earlier_one_as_it_was(
    stub: Stub, to_stub: Console, tmp_path: Path
) -> None:
    file = tmp_path / "alice.csv"
    file.write_text("of yesterday")
    stub.answer(breaks_after(b"half of"))
    with stamina.set_testing(True, attempts=3):
        ended = await to_stub("statement", "alice", "--format", "csv", "-o", str(file))
    assert ended.code == 1
    assert "does not answer" in ended.err
    assert len(stub.asked) == 3
    assert contents(tmp_path) == {"alice.csv": b"of yesterday"}


async def test_a_broken_download_is_started_again(
    stub: Stub, to_stub: Console, tmp_path: Path
) -> None:
    stub.answer(cuts, breaks_after(b"half of"), sends(b"all of it", "text/csv"))
    file = tmp_path / "alice.csv"
    with stamina.set_testing(True, attempts=3):
        ended = await to_stub("statement", "alice", "--format", "csv", "-o", str(file))
    assert (ended.code, file.read_bytes()) == (0, b"all of it")


async def test_what_was_printed_is_not_printed_again(stub: Stub, to_stub: Console) -> None:
    stub.answer(breaks_after(b"half of"), sends(b"all of it", "text/csv"))
    with stamina.set_testing(True, attempts=3):
        ended = await to_stub("statement", "alice", "--format", "csv")
    assert (ended.code, ended.out) == (1, "half of")
    assert "not all of it" in ended.err


async def test_a_refused_statement_is_a_sentence_and_no_file(
    stub: Stub, to_stub: Console, tmp_path: Path
) -> None:
    stub.answer(says({"code": "account_not_found", "detail": "No such account."}, 404))
    file = tmp_path / "alice.pdf"
    ended = await to_stub("statement", "alice", "--format", "pdf", "-o", str(file))
    assert (ended.code, contents(tmp_path)) == (1, {})
    assert "account_not_found: No such account." in ended.err


async def test_a_file_that_cannot_be_written_is_named(
    stub: Stub, to_stub: Console, tmp_path: Path
) -> None:
    stub.answer(sends(b"a,b\n", "text/csv"))
    file = tmp_path / "nowhere" / "alice.csv"
    ended = await to_stub("statement", "alice", "--format", "csv", "-o", str(file))
    assert ended.code == 1
    assert f"{file} cannot be written" in ended.err


async def test_a_terminal_gets_text_without_controls_and_no_pdf(stub: Stub) -> None:
    stub.answer(sends("a,\x1b[2Jb\r\nMärz,2\n".encode(), "text/csv"))
    where = ("--url", stub.url)
    code, seen = await asyncio.to_thread(
        on_a_terminal, "statement", "alice", "--format", "csv", *where
    )
    assert code == 0
    assert "\x1b[2J" not in seen
    assert "März,2" in seen
    code, seen = await asyncio.to_thread(
        on_a_terminal, "statement", "alice", "--format", "pdf", *where
    )
    assert code == 2
    assert "nothing for a terminal" in seen
    assert len(stub.asked) == 1
