"""What a client of the GETs is answered."""

from uuid import UUID

import pytest
from yarl import URL

from core.entities.dead_letter import DeadLetter, DeadLetterReason
from core.errors import LedgerUnavailableError, LogUnavailableError
from tests.builders import broken_record, deposit, partition_for
from tests.unit.http.world import Api, World

PARTITION = partition_for("alice")
UNKNOWN = str(deposit("alice").transaction_id)


# Transactions


async def test_a_posted_transaction_shows_the_clients_side_alone(api: Api, world: World) -> None:
    receipt = (await api.deposit("alice", "100.5")).body
    await world.post()
    answer = await api.get(f"/transactions/{receipt['transaction_id']}")
    assert answer.status == 200
    assert answer.body["status"] == "posted"
    assert answer.body["position"] == receipt["position"]
    assert [one["balance_after"] for one in answer.body["entries"]] == ["100.50"]
    assert "settlement" not in answer.text


async def test_a_rejected_transaction_shows_why(api: Api, world: World) -> None:
    await api.deposit(amount="10")
    receipt = (await api.withdraw(amount="11")).body
    await world.post()
    body = (await api.get(f"/transactions/{receipt['transaction_id']}")).body
    assert (body["status"], body["code"]) == ("rejected", "insufficient_funds")
    assert (body["needed"], body["available"], body["currency"]) == ("11.00", "10.00", "USD")
    assert "entries" not in body


async def test_the_location_of_a_receipt_tells_pending_and_then_the_transaction(
    api: Api, world: World
) -> None:
    world.posts = False
    receipt = await api.deposit()
    pending = await api.get(receipt.headers["Location"])
    assert pending.status == 200
    assert pending.body == {
        "transaction_id": receipt.body["transaction_id"],
        "status": "pending",
        "position": receipt.body["position"],
    }
    await world.post()
    assert (await api.get(receipt.headers["Location"])).body["status"] == "posted"


async def test_a_bare_id_that_is_not_posted_yet_is_pending(api: Api, world: World) -> None:
    world.posts = False
    receipt = await api.deposit()
    answer = await api.get(f"/transactions/{receipt.body['transaction_id']}")
    assert answer.status == 200
    assert answer.body == {
        "transaction_id": receipt.body["transaction_id"],
        "status": "pending",
    }


async def test_what_is_held_for_an_operator_says_so(api: Api, world: World) -> None:
    world.books.dead_letters.append(
        DeadLetter(broken_record(), DeadLetterReason.UNDECODABLE, "no JSON", UUID(UNKNOWN))
    )
    body = (await api.get(f"/transactions/{UNKNOWN}")).body
    assert (body["status"], body["code"]) == ("pending", "held_for_operator")


@pytest.mark.parametrize(
    "transaction_id",
    [
        UNKNOWN,
        "",
        "1",
        "00000000-0000-4000-8000-000000000000",
        UNKNOWN.replace("-", ""),
        f"urn:uuid:{UNKNOWN}",
        f"%7B{UNKNOWN}%7D",
        UNKNOWN + "%0A",
        "%00",
        "%FF",
        "x" * 4_000,
    ],
)
async def test_an_unknown_id_is_not_found(api: Api, transaction_id: str) -> None:
    answer = await api.call("GET", f"/transactions/{transaction_id}")
    assert (answer.status, answer.body["code"]) == (404, "transaction_not_found")


async def test_an_id_in_capitals_is_the_same_id(api: Api, world: World) -> None:
    receipt = (await api.deposit()).body
    await world.post()
    answer = await api.get(f"/transactions/{receipt['transaction_id'].upper()}")
    assert answer.body["transaction_id"] == receipt["transaction_id"]


async def test_an_unknown_id_is_not_called_unknown_while_the_log_is_away(
    api: Api, world: World
) -> None:
    world.command_log.error = LogUnavailableError("secret", may_have_been_accepted=False)
    answer = await api.get(f"/transactions/{UNKNOWN}")
    assert (answer.status, answer.body["code"]) == (503, "log_unavailable")
    assert "may_have_been_accepted" not in answer.body
    assert "secret" not in answer.text


# Balances


async def test_a_balance_has_its_currency_and_its_last_entry(api: Api, world: World) -> None:
    await api.deposit("alice", "100.50")
    await api.withdraw("alice", "0.5")
    await world.post()
    answer = await api.get("/balance/alice")
    assert answer.status == 200
    assert answer.body == {
        "user_id": "alice",
        "currency": "USD",
        "balance": "100.00",
        "held": "0.00",
        "available": "100.00",
        "sequence": 2,
        "as_of": "2026-01-31T12:00:00.000000Z",
    }


async def test_a_balance_of_another_currency_is_another_account(api: Api, world: World) -> None:
    await api.post("/deposit", '{"user_id":"alice","amount":7,"currency":"JPY"}')
    await world.post()
    assert (await api.get("/balance/alice?currency=JPY")).body["balance"] == "7"
    missing = await api.get("/balance/alice")
    assert (missing.status, missing.body["code"]) == (404, "account_not_found")
    assert (missing.body["user_id"], missing.body["currency"]) == ("alice", "USD")


async def test_a_refused_withdrawal_opens_no_account(api: Api, world: World) -> None:
    await api.withdraw("bob")
    await world.post()
    assert (await api.get("/balance/bob")).status == 404
    assert (await api.get("/statement/bob")).status == 404


@pytest.mark.parametrize("shape", ["a:b@c+d._-", "a%3Ab%40c%2Bd._-", "%61:b@c+d._-"])
async def test_a_user_id_may_be_percent_encoded(api: Api, world: World, shape: str) -> None:
    await api.deposit("a:b@c+d._-", "1")
    await world.post()
    url = URL(f"{api.server.url}/balance/{shape}", encoded=True)
    async with api.session.get(url) as response:
        assert (await response.json())["user_id"] == "a:b@c+d._-"


async def test_who_reads_at_a_position_reads_his_own_writes(api: Api, world: World) -> None:
    position = (await api.deposit()).body["position"]
    for path in ("/balance/alice", "/statement/alice"):
        assert (await api.get(f"{path}?position={position}")).status == 200
    assert world.waits == [2.0, 2.0]


@pytest.mark.parametrize("path", ["/balance/alice", "/statement/alice"])
async def test_a_position_not_passed_in_time_is_not_yet_posted(
    api: Api, world: World, path: str
) -> None:
    world.posts = False
    position = (await api.deposit()).body["position"]
    answer = await api.get(f"{path}?position={position}")
    assert (answer.status, answer.body["code"]) == (503, "not_yet_posted")
    assert answer.headers["Retry-After"] == "1"
    assert answer.body["position"] == position


# Statements


async def test_a_statement_lists_entries_newest_first(api: Api, world: World) -> None:
    first = (await api.post("/deposit", '{"user_id":"alice","amount":5,"reference":"r-1"}')).body
    second = (await api.withdraw("alice", "2")).body
    await world.post()
    body = (await api.get("/statement/alice")).body
    assert body == {
        "user_id": "alice",
        "currency": "USD",
        "opening_balance": "0.00",
        "closing_balance": "3.00",
        "entries": [
            {
                "sequence": 2,
                "transaction_id": second["transaction_id"],
                "type": "withdraw",
                "amount": "-2.00",
                "balance_after": "3.00",
                "posted_at": "2026-01-31T12:00:00.000000Z",
                "reference": None,
                "other_user_id": None,
                "reverses": None,
                "hold_id": None,
            },
            {
                "sequence": 1,
                "transaction_id": first["transaction_id"],
                "type": "deposit",
                "amount": "5.00",
                "balance_after": "5.00",
                "posted_at": "2026-01-31T12:00:00.000000Z",
                "reference": "r-1",
                "other_user_id": None,
                "reverses": None,
                "hold_id": None,
            },
        ],
        "next_cursor": None,
    }


async def test_a_cursor_goes_through_all_entries_once(api: Api, world: World) -> None:
    for _ in range(7):
        await api.deposit("alice", "1")
    await world.post()
    for order, expected in (("asc", [1, 2, 3, 4, 5, 6, 7]), ("desc", [7, 6, 5, 4, 3, 2, 1])):
        seen: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            body = (await api.get(f"/statement/alice?limit=3&order={order}{more}")).body
            seen += [entry["sequence"] for entry in body["entries"]]
            cursor = body["next_cursor"]
        assert seen == expected


@pytest.mark.parametrize(
    ("query", "sequences", "opening", "closing"),
    [
        ("from=2026-01-31T12:00:10Z", [2, 3], "1.00", "3.00"),
        ("to=2026-01-31T12:00:10Z", [1], "0.00", "1.00"),
        ("from=2026-01-31T12:00:10Z&to=2026-01-31T12:00:20Z", [2], "1.00", "2.00"),
        ("from=2026-01-31T13:00:10%2B01:00", [2, 3], "1.00", "3.00"),
        ("from=2026-01-31t07:00:10.000000-05:00", [2, 3], "1.00", "3.00"),
        ("from=2026-01-31T12:00:10.000001Z", [3], "2.00", "3.00"),
        ("from=2026-02-01T00:00:00Z", [], "3.00", "3.00"),
        ("from=2026-01-31T12:00:10Z&to=2026-01-31T12:00:10Z", [], "1.00", "1.00"),
        ("from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", [1, 2, 3], "0.00", "3.00"),
    ],
)
async def test_a_period_begins_with_from_and_ends_before_to(
    api: Api, world: World, query: str, sequences: list[int], opening: str, closing: str
) -> None:
    for _ in range(3):
        await api.deposit("alice", "1")
        world.clock.advance(10)
    await world.post()
    url = URL(f"{api.server.url}/statement/alice?order=asc&{query}", encoded=True)
    async with api.session.get(url) as response:
        body = await response.json()
    assert [entry["sequence"] for entry in body["entries"]] == sequences
    assert (body["opening_balance"], body["closing_balance"]) == (opening, closing)


# What is wrong in a path or a query

PARAMETERS = [
    ("/balance/alice", "currency=usd", "currency"),
    ("/balance/alice", "currency=", "currency"),
    ("/balance/alice", "currency=ABC", "currency"),
    ("/balance/alice", "currency=USD&currency=USD", "currency"),
    ("/balance/alice", "position=", "position"),
    ("/balance/alice", "position=1", "position"),
    ("/balance/alice", "position=8:0", "position"),
    ("/balance/alice", "position=0:-1", "position"),
    ("/balance/alice", "position=0:99999999999999999999", "position"),
    ("/balance/alice", "position=%D9%A0:%D9%A0", "position"),
    ("/balance/alice", "position=0:0%0A", "position"),
    ("/balance/alice", "at=0:0", "at"),
    ("/balance/alice", "Currency=USD", "Currency"),
    ("/balance/alice", "%FF=1", "\ufffd"),
    ("/balance/alice", "a%00b=1", "a?b"),
    ("/transactions/" + UNKNOWN, "position=x", "position"),
    ("/transactions/" + UNKNOWN, "currency=USD", "currency"),
    ("/transactions/" + UNKNOWN, "position=0:0&position=0:0", "position"),
    ("/statement/alice", "limit=0", "limit"),
    ("/statement/alice", "limit=1001", "limit"),
    ("/statement/alice", "limit=-1", "limit"),
    ("/statement/alice", "limit=1.0", "limit"),
    ("/statement/alice", "limit=1e2", "limit"),
    ("/statement/alice", "limit=", "limit"),
    ("/statement/alice", "limit=%D9%A3", "limit"),
    ("/statement/alice", "limit=" + "9" * 5_000, "limit"),
    ("/statement/alice", "order=up", "order"),
    ("/statement/alice", "order=DESC", "order"),
    ("/statement/alice", "order=", "order"),
    ("/statement/alice", "cursor=", "cursor"),
    ("/statement/alice", "cursor=x", "cursor"),
    ("/statement/alice", "cursor=" + "A" * 34, "cursor"),
    ("/statement/alice", "cursor=" + "A" * 4_000, "cursor"),
    ("/statement/alice", "cursor=%C3%A4", "cursor"),
    ("/statement/alice", "from=2026-01-31", "from"),
    ("/statement/alice", "from=2026-01-31T12:00:00", "from"),
    ("/statement/alice", "from=2026-01-31T12:00:00+01:00", "from"),
    ("/statement/alice", "from=2026-01-31%2012:00:00Z", "from"),
    ("/statement/alice", "from=2026-02-30T12:00:00Z", "from"),
    ("/statement/alice", "from=2026-01-31T25:00:00Z", "from"),
    ("/statement/alice", "from=2026-01-31T12:00:60Z", "from"),
    ("/statement/alice", "from=2026-W05-6T12:00:00Z", "from"),
    ("/statement/alice", "from=20260131T120000Z", "from"),
    ("/statement/alice", "from=2026-01-31T12:00:00,5Z", "from"),
    ("/statement/alice", "from=2026-01-31T12:00:00.1234567Z", "from"),
    ("/statement/alice", "from=2026-01-31T12:00:00%2B99:00", "from"),
    ("/statement/alice", "from=0001-01-01T00:00:00%2B14:00", "from"),
    ("/statement/alice", "from=1769860800", "from"),
    ("/statement/alice", "from=", "from"),
    ("/statement/alice", "from=%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%96-01-31T12:00:00Z", "from"),
    ("/statement/alice", "to=9999-12-31T23:59:59-14:00", "to"),
    ("/statement/alice", "to=now", "to"),
    ("/statement/alice", "from=2026-01-31T12:00:00Z&to=2026-01-31T11:59:59Z", "to"),
    ("/statement/alice", "offset=10", "offset"),
    ("/statement/alice", "limit=1&limit=1", "limit"),
]


@pytest.mark.parametrize(("path", "query", "field"), PARAMETERS)
async def test_a_bad_parameter_is_named(
    api: Api, world: World, path: str, query: str, field: str
) -> None:
    await api.deposit("alice")
    await world.post()
    status, body = await _get_raw(api, f"{path}?{query}")
    assert (status, body["code"], body["field"]) == (422, "invalid_field", field), body


@pytest.mark.parametrize("kind", ["balance", "statement"])
@pytest.mark.parametrize(
    "user_id",
    [
        "",
        "@settlement:3",
        "%40settlement",
        "%00",
        "a%2Fb",
        "%FF",
        "a%20b",
        "x" * 129,
        ".a",
        "{a}",
        "%7Ba%7D",
        "%ED%A0%80",
        "a%0A",
    ],
)
async def test_a_bad_user_id_in_a_path_is_named(api: Api, kind: str, user_id: str) -> None:
    status, body = await _get_raw(api, f"/{kind}/{user_id}")
    assert (status, body["code"], body["field"]) == (422, "invalid_field", "user_id"), body


async def test_a_cursor_of_another_query_is_refused(api: Api, world: World) -> None:
    for user_id in ("alice", "alice", "bob"):
        await api.deposit(user_id)
    await world.post()
    cursor = (await api.get("/statement/alice?limit=1")).body["next_cursor"]
    for path in (f"/statement/bob?cursor={cursor}", f"/statement/alice?order=asc&cursor={cursor}"):
        answer = await api.get(path)
        assert (answer.status, answer.body["field"]) == (422, "cursor")


@pytest.mark.parametrize("path", ["/balance/alice", "/statement/alice", f"/transactions/{UNKNOWN}"])
async def test_without_postgresql_reads_are_unavailable_and_heal(
    api: Api, world: World, path: str
) -> None:
    world.reader.error = LedgerUnavailableError("password=secret")
    answer = await api.get(path)
    assert (answer.status, answer.body["code"]) == (503, "ledger_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert "secret" not in answer.text
    world.reader.error = None
    assert (await api.get(path)).status == 404


async def test_head_is_answered_like_get_without_a_body(api: Api, world: World) -> None:
    await api.deposit("alice")
    await world.post()
    got = await api.get("/balance/alice")
    headed = await api.call("HEAD", "/balance/alice")
    assert (headed.status, headed.text) == (200, "")
    assert headed.headers["Content-Length"] == got.headers["Content-Length"]
    missing = await api.call("HEAD", "/balance/bob")
    assert (missing.status, missing.text) == (404, "")


async def _get_raw(api: Api, path: str) -> tuple[int, dict[str, str]]:
    """As `api.get`, with the path written exactly so."""
    async with api.session.get(URL(api.server.url + path, encoded=True)) as response:
        assert response.headers["Content-Type"] == "application/problem+json"
        return response.status, await response.json(content_type=None)
