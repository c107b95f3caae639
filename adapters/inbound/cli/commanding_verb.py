"""Commands: given, waited for, and told about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.inbound.cli.commanding import Commanding
from adapters.inbound.cli.exchange import Request
from adapters.inbound.cli.failures import NotDoneError
from adapters.inbound.cli.order_requests import order_request
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.safe_text import safe_text
from core.usecases.drafts import OrderDraft

_ACCEPTED: Final = 202


@dataclass(frozen=True, slots=True)
class CommandingVerb:
    """Gives one command and prints what became of it.

    `new_key` makes idempotency keys that nobody ever used.
    """

    give: Commanding
    output: Output
    new_key: Callable[[], str]

    async def __call__(
        self,
        draft: OrderDraft,
        *,
        reference: str | None,
        metadata: Mapping[str, str] | None,
        key: str | None,
        wait_seconds: int | None,
    ) -> None:
        """Wait for the transaction, or with None be content with the receipt.

        Raises what `Commanding` raises, and `NotDoneError` where the wait was over too soon.
        """
        method, where, body = order_request(draft)
        for name, value in (("reference", reference), ("metadata", metadata)):
            if value is not None:
                body[name] = value
        key = key or self.new_key()
        answer = await self.give(
            Request(method, where, msgspec.json.encode(body), key=key, wait_seconds=wait_seconds)
        )
        self.output.one(answer.body)
        if answer.replayed:
            self.output.note(f"The key {key} was used before: nothing was done again.")
        if answer.status == _ACCEPTED and wait_seconds is not None:
            named = safe_text(answer.body.get("transaction_id"))
            raise NotDoneError(
                f"accepted, and not decided within {wait_seconds} seconds; to see what becomes of "
                f"it: counterfoil transaction {named}"
            )
