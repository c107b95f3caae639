"""What clients ask for: orders drawn by chance, and the requests that ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random  # noqa: TID251 (seeded: the same orders can be had again)
from typing import Any, Final, NamedTuple

from core.entities.shard import partition_of, shard_of
from tests.chaos.history import Call, Order, Outcome
from tests.e2e.load import USD

USERS_PER_PARTITION: Final = 3
LARGEST_DEPOSIT: Final = 1_000
"""Minor units. Withdrawals are as large, so that many meet the edge of the balance."""
HOLD_SECONDS: Final = (1, 600)
"""Some holds run out while their capture is on its way, others never."""
KEPT: Final = 20
"""Holds and transactions that a client remembers, to ask for something about them."""

# How often each is asked for; what needs a hold or a transaction to be about is a deposit until
# there is one.
_WEIGHTS: Final = {
    "deposit": 6,
    "withdraw": 5,
    "transfer": 6,
    "hold": 3,
    "capture": 2,
    "void": 1,
    "reverse": 1,
}


class Request(NamedTuple):
    """How an order is asked for."""

    path: str
    body: dict[str, Any]


def users(partition_count: int) -> Sequence[str]:
    """So many users of each partition."""
    found: dict[int, list[str]] = {number: [] for number in range(partition_count)}
    for number in count():
        user_id = f"chaos-{number}"
        of_partition = found[partition_of(shard_of(user_id), partition_count)]
        if len(of_partition) < USERS_PER_PARTITION:
            of_partition.append(user_id)
        if all(len(one) == USERS_PER_PARTITION for one in found.values()):
            break
    return [user_id for one in found.values() for user_id in one]


@dataclass
class Orders:
    """Draws one client's orders, about all users and about what the client asked for before."""

    users: Sequence[str]
    chance: Random
    _holds: list[Call] = field(default_factory=list)
    _moves: list[Call] = field(default_factory=list)

    def draw(self) -> Order:
        """What is asked for next."""
        [type_] = self.chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        amount = self.chance.randint(1, LARGEST_DEPOSIT)
        user_id, receiver = self.chance.sample(self.users, 2)
        match type_:
            case "withdraw":
                return Order("withdraw", user_id, amount)
            case "transfer" | "hold":
                return Order(type_, user_id, amount, receiver=receiver)
            case "capture" | "void" if self._holds:
                return self._about_a_hold(type_)
            case "reverse" if self._moves:
                return self._reversal()
            case _:
                return self.deposit(user_id)

    def deposit(self, user_id: str) -> Order:
        """Money for that user."""
        return Order("deposit", user_id, self.chance.randint(1, LARGEST_DEPOSIT))

    def remember(self, call: Call) -> None:
        """What was accepted, to come back to it."""
        if call.outcome is not Outcome.OK:
            return
        kept = self._holds if call.order.type == "hold" else self._moves
        if call.order.type in {"deposit", "withdraw", "transfer", "hold"}:
            kept.append(call)
            del kept[:-KEPT]

    def request(self, call: Call) -> Request:
        """The request that asks for a call's order."""
        order, body = call.order, {"reference": call.reference}
        amount = USD.format(order.amount)
        match order.type:
            case "transfer":
                sides = {"from_user_id": order.user_id, "to_user_id": order.receiver}
                return Request("/transfer", {**body, **sides, "amount": amount})
            case "capture":
                return Request(f"/hold/{order.named_id}/capture", {**body, "amount": amount})
            case "void":
                return Request(f"/hold/{order.named_id}/void", body)
            case "reverse":
                path = f"/transactions/{order.named_id}/reverse"
                return Request(path, {**body, "amount": amount})
            case _:
                return Request(f"/{order.type}", {**body, **_of_one_user(order, amount)})

    def _about_a_hold(self, type_: str) -> Order:
        call = self.chance.choice(self._holds)
        hold = call.order
        amount = self.chance.randint(1, hold.amount) if type_ == "capture" else hold.amount
        return Order(type_, hold.user_id, amount, hold.receiver, call.reference, _id_of(call))

    def _reversal(self) -> Order:
        call = self.chance.choice(self._moves)
        amount = self.chance.randint(1, call.order.amount)
        return Order("reverse", call.order.user_id, amount, None, call.reference, _id_of(call))


def _of_one_user(order: Order, amount: str) -> dict[str, Any]:
    body: dict[str, Any] = {"user_id": order.user_id, "amount": amount}
    if order.type == "hold":
        # Told by the order itself, not drawn: a retry has to ask for the same again.
        body["to_user_id"] = order.receiver
        body["expires_in"] = HOLD_SECONDS[order.amount % len(HOLD_SECONDS)]
    return body


def _id_of(call: Call) -> str:
    return next(one.transaction_id for one in call.attempts if one.transaction_id is not None)
