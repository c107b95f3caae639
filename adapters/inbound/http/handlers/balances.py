"""`GET /balance/{user_id}`."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.query import query_of, time_in
from adapters.representations import Json, Representations, optional_time_text, time_text
from core.entities.account import Account
from core.entities.statement import BalanceAt
from core.usecases.read_balance import ReadBalance
from core.usecases.read_balances import ReadBalances
from core.usecases.read_past_balances import PastBalances, ReadPastBalances

_ALL: Final = "all"
"""Instead of a currency: every one."""


@dataclass(frozen=True, slots=True)
class BalanceHandlers:
    """Tells how much money there is, and was."""

    read_balance: ReadBalance
    read_balances: ReadBalances
    read_past_balances: ReadPastBalances
    representations: Representations

    async def balance(self, request: web.Request) -> web.Response:
        """The account as it stands, or stood; or all of the user's."""
        query = query_of(request)
        user_id = request.match_info["user_id"]
        currency, position, at = query.get("currency"), query.get("position"), time_in(query, "at")
        if at is not None and currency == _ALL:
            past = await self.read_past_balances.of_all(user_id, at, position)
            return json_answer(self._all_past(user_id, past))
        if at is not None:
            past = await self.read_past_balances.of_one(user_id, currency, at, position)
            return json_answer(self._one_past(user_id, past))
        if currency == _ALL:
            accounts = await self.read_balances(user_id, position)
            balances = [self._balance(one) for one in accounts]
            return json_answer({"user_id": user_id, "balances": balances})
        account = await self.read_balance(user_id, currency, position)
        return json_answer({"user_id": user_id, **self._balance(account)})

    def _balance(self, account: Account) -> Json:
        amount = self.representations.amount
        currency = account.key.currency
        return {
            "currency": currency,
            "balance": amount(account.balance, currency),
            "held": amount(account.held, currency),
            "available": amount(account.available, currency),
            "sequence": account.sequence,
            "as_of": optional_time_text(account.last_entry_at),
        }

    def _one_past(self, user_id: str, past: PastBalances) -> Json:
        [balance] = past.balances
        return {"user_id": user_id, **self._past_balance(balance), **_moment(past)}

    def _all_past(self, user_id: str, past: PastBalances) -> Json:
        balances = [self._past_balance(one) for one in past.balances]
        return {"user_id": user_id, **_moment(past), "balances": balances}

    def _past_balance(self, balance: BalanceAt) -> Json:
        currency = balance.account.currency
        return {
            "currency": currency,
            "balance": self.representations.amount(balance.balance, currency),
            "sequence": balance.sequence,
            "as_of": optional_time_text(balance.last_entry_at),
        }


def _moment(past: PastBalances) -> Json:
    return {"at": time_text(past.at), "complete": past.is_complete}
