"""What a client is answered who lists transactions, or asks for balances as they stood."""

from dataclasses import replace
from typing import Any

import pytest

from core.entities.statement import MAX_ENTRIES_LOOKED_AT
from core.errors import LogUnavailableError
from tests.builders import deposit, withdrawal
from tests.unit.http.world import Api, World

T0, T10, T20 = (f"2026-01-31T12:00:{second:02}Z" for second in (0, 10, 20))


async def three_deposits(api: Api, world: World) -> None:
    """Of 1.00 each: at noon, ten seconds later, twenty seconds later."""
    for _ in range(3):
        await api.deposit("alice", "1")
        world.clock.advance(10)
    await world.post()


# Balances


async def test_a_balance_is_told_as_it_stood(api: Api, world: World) -> None:
    await three_deposits(api, world)
    body = (await api.get(f"/balance/alice?at={T10}")).body
    assert body == {
        "user_id": "alice",
        "currency": "USD",
        "balance": "2.00",
        "sequence": 2,
        "as_of": "2026-01-31T12:00:10.000000Z",
        "at": "2026-01-31T12:00:10.000000Z",
        "complete": True,
    }


async def test_before_the_first_entry_there_was_nothing(api: Api, world: World) -> None:
    await three_deposits(api, world)
    body = (await api.get("/balance/alice?at=2025-01-01T00:00:00Z")).body
    assert (body["balance"], body["sequence"], body["as_of"]) == ("0.00", 0, None)
    assert body["complete"] is True


async def test_a_time_that_is_not_over_is_never_complete(api: Api, world: World) -> None:
    await three_deposits(api, world)
    for at, complete in (("12:00:25", True), ("12:00:26", False), ("12:01:00", False)):
        body = (await api.get(f"/balance/alice?at=2026-01-31T{at}Z")).body
        assert (body["balance"], body["complete"]) == ("3.00", complete), at


async def test_what_waits_in_any_partition_makes_a_balance_incomplete(
    api: Api, world: World
) -> None:
    await three_deposits(api, world)
    world.posts = False
    await api.deposit("bob", "1")
    world.clock.advance(60)
    body = (await api.get(f"/balance/alice?at={T20}")).body
    assert body["complete"] is True
    body = (await api.get("/balance/alice?at=2026-01-31T12:00:40Z")).body
    assert (body["balance"], body["complete"]) == ("3.00", False)
    await world.post()
    body = (await api.get("/balance/alice?at=2026-01-31T12:00:40Z")).body
    assert body["complete"] is True


async def test_a_halted_partition_completes_nothing(api: Api, world: World) -> None:
    await three_deposits(api, world)
    for partition, position in world.books.positions.items():
        world.books.positions[partition] = replace(position, halted="on purpose")
    assert (await api.get(f"/balance/alice?at={T20}")).body["complete"] is False


async def test_offsets_of_another_log_complete_nothing(api: Api, world: World) -> None:
    """The topic was deleted and made anew: what lies in it now is not what was posted."""
    await three_deposits(api, world)
    topic_id = world.log.extent(0).topic_id
    for partition, position in world.books.positions.items():
        world.books.positions[partition] = replace(position, topic_id=topic_id)
    assert (await api.get(f"/balance/alice?at={T20}")).body["complete"] is True
    world.log.recreate()
    world.posts = False
    await api.deposit("alice", "1")
    world.clock.advance(60)
    body = (await api.get("/balance/alice?at=2026-01-31T12:00:40Z")).body
    assert (body["balance"], body["complete"]) == ("3.00", False)


class Asked:
    """Notes in which order ports are asked, and lets another deposit be posted after the first."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.order: list[str] = []
        for port, name in (
            (world.command_log._port, "offsets_after"),
            (world.reader._port, "positions"),
            (world.reader._port, "balances_at"),
        ):
            monkeypatch.setattr(port, name, self._noting(name, getattr(port, name)))

    def _noting(self, name: str, ask: Any) -> Any:
        async def asking(*arguments: object) -> Any:
            self.order.append(name)
            return await ask(*arguments)

        return asking


async def test_what_is_promised_is_known_before_what_is_read(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a page could be stored in between, and be missing from a complete balance."""
    await three_deposits(api, world)
    asked = Asked(world, monkeypatch)
    await api.get(f"/balance/alice?at={T0}")
    assert asked.order == ["offsets_after", "positions", "balances_at"]


async def test_a_log_that_cannot_be_asked_promises_nothing(api: Api, world: World) -> None:
    await three_deposits(api, world)
    world.command_log.error = LogUnavailableError("away", may_have_been_accepted=False)
    body = (await api.get(f"/balance/alice?at={T0}")).body
    assert (body["balance"], body["complete"]) == ("1.00", False)


async def test_all_currencies_come_at_once(api: Api, world: World) -> None:
    await three_deposits(api, world)
    await api.post("/deposit", '{"user_id":"alice","amount":7,"currency":"JPY"}')
    await world.post()
    now = (await api.get("/balance/alice?currency=all")).body
    then = (await api.get(f"/balance/alice?currency=all&at={T0}")).body
    assert [(one["currency"], one["available"]) for one in now["balances"]] == [
        ("JPY", "7"),
        ("USD", "3.00"),
    ]
    assert [(one["currency"], one["balance"]) for one in then["balances"]] == [
        ("JPY", "0"),
        ("USD", "1.00"),
    ]
    assert (then["at"], then["complete"]) == ("2026-01-31T12:00:00.000000Z", True)


@pytest.mark.parametrize("query", ["currency=all", f"at={T0}", f"currency=all&at={T0}"])
async def test_who_has_no_account_is_not_found(api: Api, query: str) -> None:
    answer = await api.get(f"/balance/nobody?{query}")
    assert (answer.status, answer.body["code"]) == (404, "account_not_found")
    assert answer.body["user_id"] == "nobody"


# Transactions


async def all_pages(api: Api, query: str) -> list[dict[str, Any]]:
    """What a client gets who follows `next_cursor` to the end."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        body = (await api.get(f"/transactions?{query}{more}")).body
        found += body["transactions"]
        cursor = body["next_cursor"]
    return found


async def test_transactions_come_in_the_order_of_posting(api: Api, world: World) -> None:
    await three_deposits(api, world)
    ascending = await all_pages(api, "limit=2")
    descending = await all_pages(api, "limit=2&order=desc")
    assert [one["accepted_at"][17:19] for one in ascending] == ["00", "10", "20"]
    assert descending == ascending[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user_id=alice", ["deposit", "deposit", "transfer", "withdraw"]),
        ("user_id=bob", ["transfer"]),
        ("reference=rent", ["transfer"]),
        ("type=deposit", ["deposit", "deposit"]),
        ("status=rejected", ["withdraw"]),
        ("user_id=alice&status=posted&type=transfer", ["transfer"]),
        (f"from={T10}", ["deposit", "transfer", "withdraw"]),
        (f"to={T10}", ["deposit"]),
        (f"from={T10}&to={T20}", ["deposit"]),
        ("user_id=carol", []),
    ],
)
async def test_filters_go_together(api: Api, world: World, query: str, expected: list[str]) -> None:
    await api.deposit("alice", "1")
    world.clock.advance(10)
    await api.deposit("alice", "1")
    world.clock.advance(10)
    await api.post(
        "/transfer",
        '{"from_user_id":"alice","to_user_id":"bob","amount":1,"reference":"rent"}',
    )
    world.clock.advance(10)
    await api.withdraw("alice", "99")
    await world.post()
    assert [one["type"] for one in await all_pages(api, query)] == expected


async def test_the_end_of_a_list_says_where_it_will_go_on(api: Api, world: World) -> None:
    await three_deposits(api, world)
    end = (await api.get("/transactions")).body
    assert (len(end["transactions"]), end["next_cursor"]) == (3, None)
    await api.withdraw("alice", "2")
    await world.post()
    newer = (await api.get(f"/transactions?cursor={end['newer_cursor']}")).body
    assert [one["type"] for one in newer["transactions"]] == ["withdraw"]
    again = (await api.get(f"/transactions?cursor={newer['newer_cursor']}")).body
    assert again["transactions"] == []


async def test_newest_first_there_is_nothing_newer_to_go_on_with(api: Api, world: World) -> None:
    await three_deposits(api, world)
    body = (await api.get("/transactions?order=desc")).body
    assert "newer_cursor" not in body


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("user_id=@x", "user_id"),
        ("reference=", "reference"),
        ("reference=%00", "reference"),
        ("type=gift", "type"),
        ("status=pending", "status"),
        ("from=yesterday", "from"),
        (f"from={T10}&to={T0}", "to"),
        ("order=up", "order"),
        ("limit=1001", "limit"),
        ("cursor=", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("position=x", "position"),
        ("idempotency_key=k&type=deposit", "type"),
        ("offset=3", "offset"),
    ],
)
async def test_a_bad_filter_is_named(api: Api, query: str, field: str) -> None:
    answer = await api.get(f"/transactions?{query}")
    assert (answer.status, answer.body["code"]) == (422, "invalid_field")
    assert answer.body["field"] == field


async def test_a_cursor_that_was_changed_is_refused(api: Api, world: World) -> None:
    await three_deposits(api, world)
    cursor = (await api.get("/transactions?limit=1")).body["next_cursor"]
    for query in (f"limit=1&type=deposit&cursor={cursor}", f"order=desc&cursor={cursor}"):
        answer = await api.get(f"/transactions?{query}")
        assert (answer.status, answer.body["field"]) == (422, "cursor")


# Statements of one type


async def test_a_statement_of_one_type_keeps_the_balances_of_its_period(
    api: Api, world: World
) -> None:
    await three_deposits(api, world)
    await api.withdraw("alice", "2")
    await world.post()
    body = (await api.get("/statement/alice?type=withdraw")).body
    assert [(one["sequence"], one["balance_after"]) for one in body["entries"]] == [(4, "1.00")]
    assert (body["opening_balance"], body["closing_balance"]) == ("0.00", "1.00")
    assert (await api.get("/statement/alice?type=void")).body["entries"] == []
    refused = await api.get("/statement/alice?type=gift")
    assert (refused.status, refused.body["field"]) == (422, "type")


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_one_type_is_looked_for_in_bounds_and_found_in_the_end(
    api: Api, world: World, order: str
) -> None:
    """Withdrawals at both sides of where a page stops looking, from either end."""
    border = MAX_ENTRIES_LOOKED_AT
    withdrawals = {border, border + 1, 2 * border, 2 * border + 1, 2 * border + 2}
    for sequence in range(1, 3 * border + 2):
        kind = withdrawal if sequence in withdrawals else deposit
        await world.command_log.append(kind("alice", 1))
    await world.post()
    found: list[int] = []
    pages, cursor = 0, ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        path = f"/statement/alice?type=withdraw&limit=2&order={order}{more}"
        body = (await api.get(path)).body
        found += [one["sequence"] for one in body["entries"]]
        pages, cursor = pages + 1, body["next_cursor"]
    assert found == sorted(withdrawals, reverse=order == "desc")
    assert pages > 3
