"""`GET /accounts/{user_id}` and `GET /accounts`."""

from dataclasses import dataclass

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.query import limit_in, query_of
from adapters.representations import Representations
from core.usecases.list_accounts import ListAccounts
from core.usecases.read_balance import ReadBalance


@dataclass(frozen=True, slots=True)
class AccountHandlers:
    """Tells what accounts there are, and what they may do."""

    read_balance: ReadBalance
    list_accounts: ListAccounts
    representations: Representations

    async def account(self, request: web.Request) -> web.Response:
        """The account as it stands."""
        query = query_of(request)
        account = await self.read_balance(
            request.match_info["user_id"], query.get("currency"), query.get("position")
        )
        return json_answer(self.representations.account(account))

    async def accounts(self, request: web.Request) -> web.Response:
        """One page of all accounts."""
        query = query_of(request)
        page = await self.list_accounts(
            query.get("status"), query.get("currency"), limit_in(query), query.get("cursor")
        )
        return json_answer(
            {
                "accounts": [self.representations.account(one) for one in page.accounts],
                "next_cursor": page.next_cursor,
            }
        )
