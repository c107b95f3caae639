"""What clients want: few users, small amounts, balances that are often at their edge."""

from collections.abc import Callable
from typing import Final

from core.entities.orders import CommandType
from core.entities.receipt import Receipt
from core.usecases.drafts import (
    AccountDraft,
    CaptureDraft,
    DepositDraft,
    HoldDraft,
    LegDraft,
    OrderDraft,
    ReverseDraft,
    TransferDraft,
    VoidDraft,
    WithdrawalDraft,
)
from tests.simulation.machine.chance import Chance
from tests.simulation.promises.history import History

USERS: Final = ("alice", "ivan", "judy", "wendy")
_LARGEST_CENTS: Final = 40


class Orders:
    """Draws orders, some of them about what was accepted before."""

    def __init__(self, chance: Chance, history: History) -> None:
        self._chance = chance
        self._history = history
        self._kinds: tuple[Callable[[], OrderDraft], ...] = (
            *(self._deposit,) * 5,
            *(self._withdrawal,) * 3,
            *(self._transfer,) * 6,
            *(self._hold,) * 3,
            *(self._end_of_hold,) * 3,
            *(self._reversal,) * 2,
            self._account,
        )

    def new(self) -> OrderDraft:
        """Any order."""
        return self._chance.one_of(self._kinds)()

    def _user(self) -> str:
        return self._chance.one_of(USERS)

    def _amount(self) -> str:
        return f"0.{self._chance.count(1, _LARGEST_CENTS):02}"

    def _deposit(self) -> OrderDraft:
        return DepositDraft(self._user(), self._amount())

    def _withdrawal(self) -> OrderDraft:
        return WithdrawalDraft(self._user(), self._amount())

    def _transfer(self) -> OrderDraft:
        users = self._chance.shuffled(USERS)
        legs = [LegDraft(users[0], users[1], self._amount())]
        if self._chance.happens(0.3):
            legs.append(LegDraft(users[1], users[2], self._amount()))
        return TransferDraft(tuple(legs))

    def _hold(self) -> OrderDraft:
        expires_in = str(self._chance.count(1, 5)) if self._chance.happens(0.5) else None
        return HoldDraft(self._user(), self._amount(), expires_in=expires_in)

    def _end_of_hold(self) -> OrderDraft:
        hold = self._earlier(CommandType.HOLD)
        if hold is None:
            return self._hold()
        hold_id = str(hold.transaction_id)
        if self._chance.happens(0.5):
            return CaptureDraft(hold_id, self._amount(), final=self._chance.happens(0.5))
        return VoidDraft(hold_id)

    def _reversal(self) -> OrderDraft:
        earlier = self._earlier(CommandType.DEPOSIT, CommandType.TRANSFER, CommandType.WITHDRAW)
        return self._deposit() if earlier is None else ReverseDraft(str(earlier.transaction_id))

    def _account(self) -> OrderDraft:
        return AccountDraft(self._user(), overdraft_limit=self._amount())

    def _earlier(self, *types: CommandType) -> Receipt | None:
        receipts = [
            accepted.receipt
            for draft, accepted in self._history.accepted()
            if _TYPES[type(draft.order)] in types
        ]
        return self._chance.one_of(receipts) if receipts else None


_TYPES: Final[dict[type, CommandType]] = {
    DepositDraft: CommandType.DEPOSIT,
    WithdrawalDraft: CommandType.WITHDRAW,
    TransferDraft: CommandType.TRANSFER,
    HoldDraft: CommandType.HOLD,
    CaptureDraft: CommandType.CAPTURE,
    VoidDraft: CommandType.VOID,
    ReverseDraft: CommandType.REVERSE,
    AccountDraft: CommandType.ACCOUNT,
}


def user_of(order: OrderDraft) -> str:
    """A user whose statement may tell of the order."""
    match order:
        case TransferDraft():
            return order.legs[0].from_user_id
        case CaptureDraft() | VoidDraft() | ReverseDraft():
            return USERS[0]
    return order.user_id
