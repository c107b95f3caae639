"""A command of every type, with all that it can say and with as little as it may."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from core.entities.account import AccountStatus
from core.entities.command import Command
from core.entities.orders import PlaceHold, Transfer
from tests.builders import (
    capture,
    change,
    command,
    deposit,
    discard,
    expiry,
    hold,
    leg,
    money,
    reversal,
    unkeyed_id,
    void,
    withdrawal,
)

ID: Final = unkeyed_id("alice")
COMMANDS: Final[Sequence[Command]] = (
    deposit(reference=r"a backslash and \u0000, not NUL", idempotency_key="key"),
    withdrawal(metadata={"order": "17", "Größe": "é"}),
    command(Transfer((leg("alice", "bob"), leg("bob", "carol", 1, "JPY")))),
    hold(to_user_id="shop", expires_in=60),
    command(PlaceHold("alice", money(), None, None, datetime(2027, 1, 1, 0, 0, 0, 7, tzinfo=UTC))),
    capture(ID, "10.5", "shop", final=False),
    capture(ID),
    void(ID),
    expiry(ID),
    reversal(ID, "0.01"),
    reversal(ID),
    change(overdraft_limit=0, status=AccountStatus.FROZEN_DEBITS, account_metadata={"a": "b"}),
    change(account_metadata={}),
    discard(ID, "a reason, ü"),
)
