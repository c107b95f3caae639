"""Reads: balances, transactions, holds, accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.inbound.cli.answers import objects_in
from adapters.inbound.cli.columns import ACCOUNTS, BALANCES, HOLDS, TRANSACTIONS, Column
from adapters.inbound.cli.failures import NotDoneError
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.paging import pages
from adapters.inbound.cli.paths import path
from adapters.inbound.cli.service import Service
from adapters.inbound.cli.sides import with_sides

Query = Mapping[str, str | None]
_ALL_CURRENCIES: Final = "all"


@dataclass(frozen=True, slots=True)
class ReadingVerbs:
    """Each asks once, or follows a list, and prints. They raise what `Service.get` raises."""

    service: Service
    output: Output

    async def balance(self, user_id: str, currency: str | None, at: str | None) -> None:
        """`GET /balance/{user_id}`; the currency `all` is all of them."""
        answer = await self.service.get(path("balance", user_id), {"currency": currency, "at": at})
        if self.output.as_json:
            self.output.json(answer.body)
            return
        balances = objects_in(answer.body, "balances") if currency == _ALL_CURRENCIES else None
        rows = [answer.body] if balances is None else [answer.body | one for one in balances]
        self.output.many(BALANCES, rows)
        if answer.body.get("complete") is False:
            self.output.note("That time is not over for the ledger: the balance may still change.")

    async def transaction(self, transaction_id: str) -> None:
        """`GET /transactions/{id}`."""
        answer = await self.service.get(path("transactions", transaction_id))
        self.output.one(answer.body)

    async def transactions(self, query: Query, limit: int | None) -> None:
        """`GET /transactions`; the first `limit`, or all."""
        await self._list("transactions", path("transactions"), query, TRANSACTIONS, limit)

    async def transactions_of_key(self, key: str) -> None:
        """`GET /transactions?idempotency_key=`. Raises `NotDoneError` where nothing is decided."""
        answer = await self.service.get(path("transactions"), {"idempotency_key": key})
        found = objects_in(answer.body, "transactions") or []
        self.output.many(TRANSACTIONS, found, with_sides)
        if not found:
            raise NotDoneError(f"nothing was decided under the key {key} up to now")

    async def hold(self, hold_id: str) -> None:
        """`GET /hold/{id}`."""
        self.output.one((await self.service.get(path("hold", hold_id))).body)

    async def holds(self, user_id: str, status: str | None, limit: int | None) -> None:
        """`GET /holds/{user_id}`."""
        await self._list("holds", path("holds", user_id), {"status": status}, HOLDS, limit)

    async def account(self, user_id: str, currency: str | None) -> None:
        """`GET /accounts/{user_id}`."""
        answer = await self.service.get(path("accounts", user_id), {"currency": currency})
        self.output.one(answer.body)

    async def accounts(self, query: Query, limit: int | None) -> None:
        """`GET /accounts`."""
        await self._list("accounts", path("accounts"), query, ACCOUNTS, limit)

    async def _list(
        self,
        listed: str,
        where: str,
        query: Query,
        columns: Sequence[Column],
        limit: int | None,
    ) -> None:
        shown = 0
        async for page in pages(self.service, where, query, listed, limit):
            rows = objects_in(page, listed) or []
            self.output.many(columns, rows, with_sides if columns is TRANSACTIONS else None)
            shown += len(rows)
            self._say_more(page, shown == limit)
        if shown == 0:
            self.output.note(f"no {listed}")

    def _say_more(self, page: Mapping[str, object], is_last: bool) -> None:
        if is_last and page.get("next_cursor") is not None:
            self.output.more()
