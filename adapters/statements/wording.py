"""What an entry was, in a person's words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.entities.orders import CommandType
from core.entities.statement import StatementEntry

_WORDS: Final[Mapping[CommandType, str]] = MappingProxyType(
    {
        CommandType.DEPOSIT: "Deposit",
        CommandType.WITHDRAW: "Withdrawal",
        CommandType.TRANSFER: "Transfer",
        CommandType.HOLD: "Hold",
        CommandType.CAPTURE: "Captured hold",
        CommandType.VOID: "Voided hold",
        CommandType.EXPIRE: "Expired hold",
        CommandType.REVERSE: "Reversal",
        CommandType.ACCOUNT: "Change of account",
        CommandType.DISCARD: "Discarded command",
    }
)


def wording(entry: StatementEntry) -> str:
    """`Transfer to bob`, `Deposit`: the house is not named."""
    words = _WORDS[entry.type]
    if entry.other_user_id is None:
        return words
    return f"{words} {'from' if entry.amount > 0 else 'to'} {entry.other_user_id}"
