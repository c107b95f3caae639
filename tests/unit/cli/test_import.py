"""Bulk load: every row once, whatever happens; checked before anything is sent."""

import asyncio
import csv
import json
import os
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import stamina
from aiohttp import ClientSession, web

from adapters.inbound.cli.bulk.waves import LANES
from tests.unit.cli.console import Console, Ended
from tests.unit.cli.process import started
from tests.unit.cli.stub import Asked, Stub, cuts, says, sends
from tests.unit.http.world import Api, World

File = Callable[..., str]


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Writes a file of lines, and says where it is."""

    def write(*lines: str, name: str = "rows.csv") -> str:
        path = tmp_path / name
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return str(path)

    return write


def balances(world: World) -> dict[str, int]:
    """Of users, in minor units."""
    return {
        key.user_id: account.balance
        for key, account in world.books.accounts.items()
        if not key.is_settlement
    }


def counts(ended: Ended) -> dict[str, int]:
    return {name: count for name, count in ended.json.items() if count}


def rejected_rows(name: str) -> list[dict[str, str]]:
    with Path(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


async def test_rows_of_every_type_are_posted(
    counterfoil: Console, world: World, file: File
) -> None:
    name = file(
        "type,user_id,from_user_id,to_user_id,amount,currency,reference,metadata.batch,idempotency_key",
        "deposit,alice,,,100.50,USD,first,b 1,own-key",
        "withdraw,alice,,,0.50,,,,",
        'transfer,,alice,bob,1e1,,"a, ""quoted"" reference",März,',
    )
    ended = await counterfoil("import", name, "--json")
    assert ended.code == 0, ended.err
    assert counts(ended) == {"rows": 3, "posted": 3}
    assert balances(world) == {"alice": 9_000, "bob": 1_000}
    first, second, third = world.commands
    assert (first.idempotency_key, first.metadata) == ("own-key", {"batch": "b 1"})
    assert second.reference is None
    assert (third.reference, third.metadata) == ('a, "quoted" reference', {"batch": "März"})


async def test_importing_again_posts_nothing_again(
    counterfoil: Console, world: World, file: File
) -> None:
    name = file("user_id,amount", "alice,5", "alice,5", "bob,5")
    words = ("import", name, "--type", "deposit", "--json")
    await counterfoil(*words)
    ended = await counterfoil(*words)
    assert (ended.code, counts(ended)) == (0, {"rows": 3, "replayed": 3})
    assert "another --name" in ended.err
    assert balances(world) == {"alice": 1_000, "bob": 500}


async def test_a_file_may_grow_be_put_in_order_and_be_written_anew(
    counterfoil: Console, world: World, file: File
) -> None:
    words = ("--type", "deposit", "--json")
    await counterfoil("import", file("user_id,amount", "alice,5", "alice,5.00", "bob,7"), *words)
    name = file(
        "amount,user_id,reference", "7.0,bob,", "5,carol,", "5,alice,", "5.0,alice,", "5,alice,"
    )
    ended = await counterfoil("import", name, *words)
    assert counts(ended) == {"rows": 5, "posted": 2, "replayed": 3}
    assert balances(world) == {"alice": 1_500, "bob": 700, "carol": 500}


async def test_another_name_is_another_import(
    counterfoil: Console, world: World, file: File
) -> None:
    words = ("--type", "deposit", "--name")
    name = file("user_id,amount", "alice,5")
    assert (await counterfoil("import", name, *words, "october")).code == 0
    assert (await counterfoil("import", name, *words, "november")).code == 0
    moved = file("user_id,amount", "alice,5", name="elsewhere.csv")
    assert (await counterfoil("import", moved, *words, "november")).code == 0
    assert balances(world) == {"alice": 1_000}


async def test_other_defaults_do_not_make_another_import(
    counterfoil: Console, world: World, file: File
) -> None:
    name = file("user_id,amount", "alice,5")
    words = ("import", name, "--json", "--type")
    assert (await counterfoil(*words, "deposit", "--currency", "USD")).code == 0
    assert counts(await counterfoil(*words, "deposit")) == {"rows": 1, "replayed": 1}
    for changed in (("withdraw",), ("deposit", "--currency", "EUR")):
        ended = await counterfoil(*words, *changed)
        assert (ended.code, counts(ended)) == (1, {"rows": 1, "refused": 1})
    assert len(world.books.transactions) == 1


@pytest.mark.parametrize("content", ["reference", "metadata.x", "currency", "amount"])
async def test_an_edited_row_is_another_row(
    counterfoil: Console, world: World, file: File, content: str
) -> None:
    cells = {
        "user_id": "alice",
        "amount": "5",
        "currency": "USD",
        "reference": "a",
        "metadata.x": "b",
    }
    edited = cells | {content: {"amount": "6", "currency": "EUR"}.get(content, "c")}
    for one in (cells, edited, cells):
        name = file(",".join(one), ",".join(one.values()))
        assert (await counterfoil("import", name, "--type", "deposit")).code == 0
    assert len(world.books.transactions) == 2


async def test_what_is_wrong_is_named_by_its_line_before_anything_is_sent(
    counterfoil: Console, world: World, file: File
) -> None:
    good = [f"user{number},1.00" for number in range(70_000)]
    good[41] = 'user,"1.0\n0"'
    ended = await counterfoil(
        "import",
        file("user_id,amount", *good, "alice,1.001", "bob,1", "", "carol;1", "-,1"),
        *("--type", "deposit", "--currency", "USD"),
    )
    assert (ended.code, ended.out) == (1, "")
    # The row of line 43 takes two lines.
    for text in (
        "line 43: amount must be a decimal number",
        "line 70,003: amount has more than the 2 decimals that USD has",
        "line 70,006: it has 1 cells, the header 2",
        "line 70,007: user_id must be",
        "nothing was sent: 4 of 70,004 rows are wrong",
    ):
        assert text in ended.err
    assert not world.commands


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no header row"),
        (b"user_id,amount,colour\n", "no column 'colour'"),
        (b"user_id;amount\n", "no column 'user_id;amount'"),
        (b"user_id,amount,amount\n", "'amount' is there twice"),
        (b"user_id\n", "'amount' is missing"),
        (b"user_id,amount,metadata.\n", "no column 'metadata.'"),
        (b"user_id,amount\nalice,\xff\n", "line 2: it is not UTF-8"),
        (b'user_id,amount\nalice,"5\n', "line 2: it is not well-formed CSV"),
        (b"user_id,amount\nalice," + b"5" * 200_000, "line 2: it is longer than"),
        (b"user_id,amount\nalice,-5\n", "amount must be greater than zero"),
        (b"user_id,amount\nalice,1e999999999\n", "amount must be"),
        (b"user_id,amount,type\nalice,5,gift\n", "type must be one of"),
        (b"user_id,amount,type\nalice,5,transfer\n", "user_id must be empty in a transfer"),
        (b"from_user_id,to_user_id,amount,type\na,a,5,transfer\n", "another user"),
        (b"user_id,to_user_id,amount\nalice,bob,5\n", "to_user_id must be empty in a deposit"),
        (b"user_id,amount,currency\nalice,5,usd\n", "currency must be"),
        (b"user_id,amount,reference\nalice,5,a\x1b[2J\n", "control characters"),
        (b"user_id,amount,idempotency_key\nalice,5,two words\n", "idempotency_key must be"),
        (b"user_id,amount," + b",".join(b"metadata.%d" % n for n in range(99)) + b"\n", "columns"),
        (b"user_id,amount\n\x1b[2Jalice,5\n", "line 2: user_id must be"),
    ],
)
async def test_a_file_that_is_wrong_is_refused_in_a_sentence(
    counterfoil: Console, world: World, tmp_path: Path, text: bytes, said: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(text)
    ended = await counterfoil("import", str(path), "--type", "deposit")
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert "\x1b" not in ended.err
    assert not world.commands


async def test_a_spreadsheets_file_is_read(
    counterfoil: Console, world: World, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xef\xbb\xbfuser_id,amount\r\nalice,5\r\n\r\nbob,6")
    assert (await counterfoil("import", str(path), "--type", "deposit")).code == 0
    assert balances(world) == {"alice": 500, "bob": 600}


@pytest.mark.parametrize("name", ["-", "/dev/null", "/nowhere/rows.csv"])
async def test_what_cannot_be_read_twice_is_refused(counterfoil: Console, name: str) -> None:
    ended = await counterfoil("import", name, "--type", "deposit")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("counterfoil: ")


async def test_rejected_rows_are_written_down_and_can_be_imported(
    counterfoil: Console, world: World, file: File
) -> None:
    name = file(
        "type,user_id,amount,reference",
        "deposit,alice,5,",
        "withdraw,alice,20,=1+1",
        "withdraw,alice,5,",
        "withdraw,nobody,1,",
    )
    ended = await counterfoil("import", name, "--json")
    assert (ended.code, counts(ended)) == (1, {"rows": 4, "posted": 2, "rejected": 2})
    rejected = name.replace("rows.csv", "rows.rejected.csv")
    assert rejected in ended.err
    first, second = rejected_rows(rejected)
    assert (first["amount"], first["reference"]) == ("20", "=1+1")
    assert (first["rejected_line"], first["rejected_code"]) == ("3", "insufficient_funds")
    assert "available 5.00" in first["rejected_detail"]
    assert second["rejected_code"] == "account_not_found"

    # The same import again is the same rejection; the rejected rows are an import of their own.
    await counterfoil("deposit", "alice", "100")
    again = await counterfoil("import", name, "--json")
    assert counts(again) == {"rows": 4, "replayed": 2, "rejected": 2}
    ended = await counterfoil("import", rejected, "--json")
    assert counts(ended) == {"rows": 2, "posted": 1, "rejected": 1}
    assert [one["user_id"] for one in rejected_rows(rejected.replace(".csv", ".rejected.csv"))] == [
        "nobody"
    ]
    assert balances(world)["alice"] == 8_000


async def test_a_refused_row_is_counted_apart(counterfoil: Console, file: File) -> None:
    name = file(
        "user_id,amount,idempotency_key", "alice,5,k-1", "alice,6,k-1", "alice,7,", "bob,1,k-1"
    )
    ended = await counterfoil("import", name, "--type", "deposit", "--json")
    assert (ended.code, counts(ended)["posted"]) == (1, 2)
    assert counts(ended)["refused"] == 2
    codes = {one["rejected_code"] for one in rejected_rows(name.replace(".csv", ".rejected.csv"))}
    assert codes == {"idempotency_conflict"}


async def test_rows_keep_the_files_order(counterfoil: Console, world: World, file: File) -> None:
    """Each payment can be made only with what the row before it brings."""
    users = [f"user{number}" for number in range(60)]
    lines = ["deposit,user0,,,1"]
    lines += [f"transfer,,{one},{other},1" for one, other in pairwise(users)]
    lines += ["withdraw,user59,,,1", *["deposit,user59,,,2", "withdraw,user59,,,2"] * 20]
    name = file("type,user_id,from_user_id,to_user_id,amount", *lines)
    ended = await counterfoil("import", name, "--json")
    assert (ended.code, counts(ended)["posted"]) == (0, len(lines)), ended.err
    assert set(balances(world).values()) == {0}


async def test_a_payment_before_its_money_is_rejected_as_the_file_says(
    counterfoil: Console, file: File
) -> None:
    name = file(
        "type,user_id,from_user_id,to_user_id,amount",
        "deposit,alice,,,5",
        "deposit,bob,,,1",
        "withdraw,bob,,,6",
        "transfer,,alice,bob,5",
    )
    ended = await counterfoil("import", name, "--json")
    assert counts(ended) == {"rows": 4, "posted": 3, "rejected": 1}


class Gate:
    """Stands before a server: lets some batches through, and keeps the answer to the next."""

    def __init__(self, let_through: int) -> None:
        self.left = let_through
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, request: web.Request, handler: Any) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request)
        if request.path == "/batch":
            self.left -= 1
            if self.left < 0:
                self.reached.set()
                await self.opened.wait()
        return answer


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_an_import_that_is_killed_and_given_again_posts_everything_once(
    api: Api, world: World, file: File, stub: Stub, number: signal.Signals
) -> None:
    rows = [f"user{row % 97},{1 + row % 13}" for row in range(6_000)]
    name = file("user_id,amount", *rows)
    gate = Gate(let_through=5)
    stub.answer(_behind(gate, api.server.url))
    process = await started("import", name, "--type", "deposit", "--url", stub.url)
    async with asyncio.timeout(60):
        await gate.reached.wait()
    # At least one batch is in the books, and nobody told the client.
    process.send_signal(number)
    _, err = await process.communicate()
    gate.opened.set()
    assert process.returncode == (-signal.SIGKILL if number is signal.SIGKILL else 1)
    assert number is signal.SIGKILL or b"interrupted. Give the same import again" in err
    half = len(world.books.transactions)
    assert 0 < half < len(rows)

    ended = await Console(api.server.url)("import", name, "--type", "deposit", "--json")
    assert ended.code == 0, ended.err
    assert counts(ended) == {"rows": 6_000, "posted": 6_000 - half, "replayed": half}
    once: dict[str, int] = {}
    for row in rows:
        user_id, amount = row.split(",")
        once[user_id] = once.get(user_id, 0) + 100 * int(amount)
    assert balances(world) == once
    assert len(world.books.transactions) == len(rows)


def _behind(gate: Gate, url: str) -> Any:
    """Hands requests on to the server at `url`, through the gate."""

    async def hand_on(request: web.Request) -> web.Response:
        named = {name: request.headers[name] for name in ("Content-Type", "Prefer")}
        async with (
            ClientSession() as session,
            session.post(url + request.path, data=await request.read(), headers=named) as answer,
        ):
            return web.json_response(await answer.json(), status=answer.status)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await gate(request, hand_on)

    return answer


def items(asked: Asked) -> list[dict[str, Any]]:
    return [json.loads(line) for line in asked.body.splitlines()]


def results(*http: tuple[int, dict[str, Any]]) -> Any:
    return says({"results": [{"http_status": status, "body": body} for status, body in http]})


POSTED = (201, {"status": "posted"})
PENDING = (202, {"status": "pending"})
UNAVAILABLE = (503, {"code": "log_unavailable", "may_have_been_accepted": True})


@pytest.mark.parametrize(
    "trouble",
    [
        cuts,
        says({"code": "log_unavailable"}, 503, Retry_After="1"),
        sends(b"busy", status=502),
    ],
)
async def test_a_batch_is_sent_again_under_the_same_keys(
    stub: Stub, to_stub: Console, file: File, trouble: Any
) -> None:
    stub.answer(trouble, trouble, results(POSTED, POSTED))
    with stamina.set_testing(True, attempts=5):
        ended = await to_stub(
            "import", file("user_id,amount", "a,5", "a,5"), "--type", "deposit", "--json"
        )
    assert (ended.code, counts(ended)) == (0, {"rows": 2, "posted": 2})
    first, second, third = (items(one) for one in stub.asked)
    assert first == second == third
    assert first[0]["idempotency_key"] != first[1]["idempotency_key"]


async def test_only_rows_that_are_not_decided_are_sent_again(
    stub: Stub, to_stub: Console, file: File
) -> None:
    stub.answer(results(POSTED, PENDING, UNAVAILABLE, POSTED), results(POSTED, POSTED))
    with stamina.set_testing(True, attempts=5):
        ended = await to_stub(
            *("import", file("user_id,amount", *["a,1", "a,2", "a,3", "a,4"])),
            *("--type", "deposit", "--json"),
        )
    assert (ended.code, counts(ended)) == (0, {"rows": 4, "posted": 4})
    assert [[one["amount"] for one in items(asked)] for asked in stub.asked] == [
        ["1", "2", "3", "4"],
        ["2", "3"],
    ]
    assert stub.asked[0].headers["Prefer"] == "wait=30"


@pytest.mark.parametrize(
    "answer",
    [
        says({}),
        results(POSTED),
        says({"results": [5, 6]}),
        says({"results": [{"http_status": 201}, {"http_status": 201}]}),
        results((201, {}), (201, {})),
        sends(b"{", "application/json"),
        cuts,
    ],
)
async def test_an_answer_that_cannot_be_is_no_success(
    stub: Stub, to_stub: Console, file: File, answer: Any
) -> None:
    stub.answer(answer)
    with stamina.set_testing(True, attempts=2):
        ended = await to_stub(
            "import", file("user_id,amount", "a,5", "a,6"), "--type", "deposit", "--json"
        )
    assert ended.code == 1
    assert counts(ended) == {"rows": 2, "not_decided": 2}
    assert "Give the same import again" in ended.err


async def test_batches_stay_within_what_the_service_takes(
    stub: Stub, to_stub: Console, file: File
) -> None:
    async def all_posted(request: web.Request) -> web.StreamResponse:
        lines = (await request.read()).splitlines()
        answer: web.StreamResponse = await results(*[POSTED] * len(lines))(request)
        return answer

    stub.answer(all_posted)
    names = [f"metadata.n{number}" for number in range(20)]
    long = ",".join(["€" * 512] * 20)
    # One user: all in one lane.
    many = [f"a,{number}" + "," * 20 for number in range(1, 1_002)]
    name = file(",".join(["user_id", "amount", *names]), *many, *[f"a,1,{long}"] * 100)
    ended = await to_stub("import", name, "--type", "deposit", "--json")
    assert (ended.code, counts(ended)) == (0, {"rows": 1_101, "posted": 1_101})
    assert max(len(one.body) for one in stub.asked) < 1024 * 1024
    assert max(len(items(one)) for one in stub.asked) <= 1_000
    assert sum(len(items(one)) for one in stub.asked) == 1_101


async def test_batches_of_several_users_are_under_way_at_once(
    stub: Stub, to_stub: Console, file: File
) -> None:
    all_there = asyncio.Barrier(LANES)

    async def together(request: web.Request) -> web.StreamResponse:
        lines = (await request.read()).splitlines()
        await all_there.wait()
        answer: web.StreamResponse = await results(*[POSTED] * len(lines))(request)
        return answer

    stub.answer(together)
    name = file("user_id,amount", *[f"user{number},1" for number in range(100)])
    ended = await to_stub("import", name, "--type", "deposit")
    assert ended.code == 0, ended.err
    assert len(stub.asked) == LANES


async def test_a_file_that_shrinks_meanwhile_is_not_taken_for_done(
    stub: Stub, to_stub: Console, file: File
) -> None:
    name = file("user_id,amount", *["alice,1"] * 9_000)
    line_end = len("user_id,amount\n") + 7_000 * len("alice,1\n")

    async def shrinking(request: web.Request) -> web.StreamResponse:
        os.truncate(name, line_end)
        lines = (await request.read()).splitlines()
        answer: web.StreamResponse = await results(*[POSTED] * len(lines))(request)
        return answer

    stub.answer(shrinking)
    ended = await to_stub("import", name, "--type", "deposit", "--json")
    assert ended.code == 1
    assert counts(ended) == {"rows": 9_000, "posted": 7_000, "not_decided": 2_000}
    assert "Give the same import again" in ended.err
