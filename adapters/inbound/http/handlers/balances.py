"""`GET /balance/{user_id}`."""

from dataclasses import dataclass

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.query import query_of
from adapters.representations import Json, Representations, time_text
from core.entities.account import Account
from core.usecases.read_balance import ReadBalance


@dataclass(frozen=True, slots=True)
class BalanceHandlers:
    """Tells how much money there is."""

    read_balance: ReadBalance
    representations: Representations

    async def balance(self, request: web.Request) -> web.Response:
        """The account as it stands."""
        query = query_of(request)
        account = await self.read_balance(
            request.match_info["user_id"], query.get("currency"), query.get("position")
        )
        return json_answer(self._body(account))

    def _body(self, account: Account) -> Json:
        amount = self.representations.amount
        _, user_id, currency = account.key
        last_entry_at = account.last_entry_at
        return {
            "user_id": user_id,
            "currency": currency,
            "balance": amount(account.balance, currency),
            "held": amount(account.held, currency),
            "available": amount(account.available, currency),
            "sequence": account.sequence,
            "as_of": None if last_entry_at is None else time_text(last_entry_at),
        }
