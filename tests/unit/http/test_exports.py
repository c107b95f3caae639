"""Statements as files, over HTTP. What is in them: `tests/unit/statements`."""

import asyncio
import csv
import io
from collections.abc import Sequence

import pytest
from aiohttp import ClientError

from core.entities.statement import StatementEntry
from core.errors import LedgerUnavailableError
from core.usecases.export_statement import RUN_ENTRIES
from tests.builders import deposit
from tests.eventually import eventually
from tests.unit.http.world import Api, World

MEDIA_TYPES = {
    "csv": "text/csv",
    "pdf": "application/pdf",
    "ofx": "application/x-ofx",
    "camt053": "application/xml",
    "hledger": "text/x-hledger",
}
BEGINNINGS = {
    "csv": b"sequence,",
    "pdf": b"%PDF-",
    "ofx": b"<?xml",
    "camt053": b"<?xml",
    "hledger": b";",
}


async def many_deposits(world: World, count: int) -> None:
    """Of 0.01 each, to alice."""
    for _ in range(count):
        await world.command_log.append(deposit("alice", 1))
    await world.post()


@pytest.mark.parametrize("name", MEDIA_TYPES)
@pytest.mark.parametrize("by_header", [False, True])
async def test_a_statement_is_a_file_in_each_format(
    api: Api, world: World, name: str, by_header: bool
) -> None:
    await many_deposits(world, 3)
    path = "/statement/alice" if by_header else f"/statement/alice?format={name}"
    headers = {"Accept": MEDIA_TYPES[name]} if by_header else {}
    async with api.session.get(api.server.url + path, headers=headers) as response:
        body = await response.read()
    assert response.status == 200
    assert response.content_type == MEDIA_TYPES[name]
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="statement-alice-USD.')
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Request-Id"]
    assert body.startswith(BEGINNINGS[name])


async def rows_of(api: Api, query: str = "") -> list[dict[str, str]]:
    async with api.session.get(f"{api.server.url}/statement/alice?format=csv{query}") as response:
        assert response.status == 200
        return list(csv.DictReader(io.StringIO(await response.text())))


async def test_a_file_holds_the_whole_period_however_long(api: Api, world: World) -> None:
    count = 2 * RUN_ENTRIES + 7
    await many_deposits(world, count)
    rows = await rows_of(api)
    assert [row["sequence"] for row in rows] == [str(number + 1) for number in range(count)]
    assert rows[-1]["balance_after"] == "20.07"


async def test_a_file_holds_its_period_alone(api: Api, world: World) -> None:
    for amount in ("1", "2", "3"):
        await api.deposit("alice", amount)
        world.clock.advance(10)
    await world.post()
    rows = await rows_of(api, "&from=2026-01-31T12:00:10Z&to=2026-01-31T12:00:20Z")
    assert [row["amount"] for row in rows] == ["2.00"]


async def test_the_query_has_the_last_word_on_the_format(api: Api, world: World) -> None:
    await many_deposits(world, 1)
    headers = {"Accept": "text/csv"}
    answer = await api.get("/statement/alice?format=json", headers=headers)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xml", "format"),
        ("format=", "format"),
        ("format=csv&limit=10", "limit"),
        ("format=csv&cursor=x", "cursor"),
        ("format=csv&order=asc", "order"),
        ("format=csv&type=deposit", "type"),
        ("format=csv&currency=x", "currency"),
        ("format=csv&from=2026-01-31T12:00:10Z&to=2026-01-31T12:00:00Z", "to"),
    ],
)
async def test_what_does_not_go_with_a_file_is_refused(
    api: Api, world: World, query: str, field: str
) -> None:
    await many_deposits(world, 1)
    answer = await api.get(f"/statement/alice?{query}")
    assert (answer.status, answer.body["field"]) == (422, field)


async def test_no_account_is_no_file(api: Api) -> None:
    answer = await api.get("/statement/nobody?format=pdf")
    assert (answer.status, answer.body["code"]) == (404, "account_not_found")


async def test_a_ledger_that_is_away_from_the_start_is_a_503(api: Api, world: World) -> None:
    await many_deposits(world, 1)
    world.reader.error = LedgerUnavailableError("away")
    answer = await api.get("/statement/alice?format=csv")
    assert (answer.status, answer.body["code"]) == (503, "ledger_unavailable")


class FailingLater:
    """A reader whose second run of entries cannot be had."""

    def __init__(self, world: World) -> None:
        self._entries = world.reader.entries
        self.runs = 0

    async def entries(self, *arguments: object, **others: object) -> Sequence[StatementEntry]:
        self.runs += 1
        if self.runs > 1:
            raise LedgerUnavailableError("away")
        found: Sequence[StatementEntry] = await self._entries(*arguments, **others)
        return found


async def test_a_file_that_breaks_off_is_not_taken_for_whole(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many_deposits(world, RUN_ENTRIES + 1)
    monkeypatch.setattr(world.reader._port, "entries", FailingLater(world).entries)
    with pytest.raises(ClientError):
        await rows_of(api)


async def test_head_of_a_file_has_no_body(api: Api, world: World) -> None:
    await many_deposits(world, 3)
    url = f"{api.server.url}/statement/alice?format=csv"
    async with api.session.head(url) as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.content_type == "text/csv"
    assert (await api.get("/livez")).status == 200


class Gated:
    """A reader that gives entries once its gate is open."""

    def __init__(self, world: World) -> None:
        self._entries = world.reader.entries
        self.waiting = 0
        self.gate = asyncio.Event()

    async def entries(self, *arguments: object, **others: object) -> Sequence[StatementEntry]:
        self.waiting += 1
        await self.gate.wait()
        found: Sequence[StatementEntry] = await self._entries(*arguments, **others)
        return found


@pytest.mark.parametrize(("name", "most"), [("csv", 4), ("pdf", 1)])
async def test_enough_files_at_a_time_are_enough(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    await many_deposits(world, 3)
    gated = Gated(world)
    monkeypatch.setattr(world.reader._port, "entries", gated.entries)

    async def status() -> int:
        async with api.session.get(f"{api.server.url}/statement/alice?format={name}") as response:
            await response.read()
            return response.status

    under_way = [asyncio.create_task(status()) for _ in range(most)]
    await eventually(lambda: gated.waiting == most)
    refused = await api.get(f"/statement/alice?format={name}")
    assert (refused.status, refused.body["code"]) == (503, "too_many_exports")
    assert refused.headers["Retry-After"] == "1"
    gated.gate.set()
    assert await asyncio.gather(*under_way) == [200] * most
    assert (await api.get("/statement/alice")).status == 200
    assert await status() == 200
