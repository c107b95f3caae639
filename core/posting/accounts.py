"""The properties of accounts: limits, what they may do, and what clients want to know of them."""

from typing import TypeVar

from core.entities.account import user_account
from core.entities.command import LoggedCommand
from core.entities.orders import ChangeAccount
from core.entities.transaction import Transaction
from core.posting.books import Books, rejected
from core.posting.rules import may_become

T = TypeVar("T")


def change(books: Books, logged: LoggedCommand, order: ChangeAccount) -> Transaction:
    """Give an account new properties, if its money fits them; it opens if it must."""
    key = user_account(order.user_id, order.currency)
    before = books.account(key)
    after = before._replace(
        overdraft_limit=_new(order.overdraft_limit, before.overdraft_limit),
        status=_new(order.status, before.status),
        metadata=_new(order.metadata, before.metadata),
    )
    rejection = may_become(before, after)
    if rejection is not None:
        return rejected(logged, None, rejection)
    draft = books.draft(logged.recorded_at, (key,))
    draft.put(after._replace(opened_at=before.opened_at or draft.posted_at))
    return draft.posted(logged, None)


def _new(wanted: T | None, present: T) -> T:
    return present if wanted is None else wanted
