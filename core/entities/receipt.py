"""The answer to an accepted command."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.position import Position
from core.entities.transaction import Transaction


class Receipt(NamedTuple):
    """Proof that a command lies in the log; `accepted_at` is the log's own time."""

    transaction_id: UUID
    position: Position
    accepted_at: datetime


class Pending(NamedTuple):
    """A command that is not decided yet. `held_for_operator`: it lies among the dead letters."""

    transaction_id: UUID
    position: Position | None
    held_for_operator: bool = False


class Accepted(NamedTuple):
    """A receipt, with the transaction where it is known already.

    `replayed` says that an earlier command under the same idempotency key made it.
    """

    receipt: Receipt
    transaction: Transaction | None
    replayed: bool
