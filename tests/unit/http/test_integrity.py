"""`GET /integrity`."""

from core.entities.account import user_account
from core.errors import LedgerUnavailableError
from tests.unit.http.world import Api


async def test_books_that_nobody_checked_are_unknown(api: Api) -> None:
    answer = await api.get("/integrity")

    assert answer.status == 200
    assert answer.body == {"status": "unknown", "partitions": []}


async def test_books_that_were_checked_as_a_whole_are_ok(api: Api) -> None:
    await api.deposit(Prefer="wait=5")
    await api.world.check_integrity()

    body = (await api.get("/integrity")).body

    assert body["status"] == "ok"
    assert [one["partition"] for one in body["partitions"]] == list(range(8))
    assert sum(one["entries"] for one in body["partitions"]) == 2
    assert body["partitions"][0]["finished_at"] == "2026-01-31T12:00:00.000000Z"


async def test_what_is_off_is_named_in_the_currency_of_its_account(api: Api) -> None:
    await api.deposit(Prefer="wait=5")
    key, accounts = user_account("alice", "USD"), api.world.books.accounts
    accounts[key] = accounts[key]._replace(balance=10_051)
    await api.world.check_integrity()

    body = (await api.get("/integrity")).body

    assert body["status"] == "broken"
    [finding] = [finding for one in body["partitions"] for finding in one["findings"]]
    assert finding == {
        "figure": "balance",
        "due": "100.50",
        "found": "100.51",
        "user_id": "alice",
        "currency": "USD",
        "sequence": None,
        "transaction_id": None,
        "page_number": 1,
    }


async def test_a_ledger_that_is_away_is_503(api: Api) -> None:
    api.world.integrity_checks.error = LedgerUnavailableError("away")

    answer = await api.get("/integrity")

    assert (answer.status, answer.body["code"]) == (503, "ledger_unavailable")
