"""Commands of every kind, and what becomes of them."""

from core.entities.command import Command
from core.entities.orders import Transfer
from core.entities.transaction import Transaction
from tests.builders import (
    capture,
    change,
    command,
    deposit,
    expiry,
    hold,
    leg,
    reversal,
    unkeyed_id,
    void,
    withdrawal,
)
from tests.unit.replay import Replay


def told_commands() -> list[Command]:
    """A command of each kind, posted where it can be, and some that will be rejected."""
    placed, moved = (
        hold(to_user_id="shop", expires_in=60),
        deposit(amount=100_000, reference="order 17"),
    )
    other = hold(amount=5)
    return [
        moved,
        withdrawal(metadata={"order": "17"}),
        withdrawal(amount=10**9),
        command(Transfer((leg("alice", "bob"), leg("bob", "carol", 1, "JPY")))),
        command(Transfer((leg("alice", "bob", 1), leg("alice", "carol", 2)))),
        placed,
        capture(placed.transaction_id, "0.01", final=False),
        void(placed.transaction_id),
        void(placed.transaction_id),
        other,
        expiry(other.transaction_id),
        reversal(moved.transaction_id, "0.01"),
        reversal(unkeyed_id("alice")),
        change(overdraft_limit=100, account_metadata={"tier": "gold"}),
    ]


def told_transactions() -> list[Transaction]:
    """What becomes of them."""
    return Replay().post(*told_commands())
