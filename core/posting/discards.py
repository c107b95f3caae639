"""Discards: an operator gives a dead letter up."""

from core.entities.command import LoggedCommand
from core.entities.orders import Discard
from core.entities.transaction import Rejection, RejectionCode, Transaction
from core.posting.books import Books, rejected


def discard(books: Books, logged: LoggedCommand, order: Discard) -> Transaction | None:
    """Decide that nothing comes of a dead letter; None where there is none of this id.

    Otherwise a discard that is a mistake would take the id from a command that is yet to come.
    """
    if not books.is_dead_letter(order.dead_letter_id):
        return None
    rejection = Rejection(RejectionCode.DISCARDED, facts={"reason": order.reason})
    return rejected(logged, None, rejection)
