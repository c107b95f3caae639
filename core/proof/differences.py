"""What is different between what comes of the log and what is in the books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import zip_longest
from typing import Final

from core.entities.account import Account
from core.entities.finding import Figure, Finding
from core.entities.hold import Hold
from core.entities.transaction import Entry, Transaction

_ENTRY_FIGURES: Final[Mapping[str, Figure]] = {
    "account": Figure.ENTRY_ACCOUNT,
    "sequence": Figure.ENTRY_SEQUENCE,
    "amount": Figure.ENTRY_AMOUNT,
    "balance_after": Figure.BALANCE_AFTER,
    "posted_at": Figure.POSTED_AT,
}
_ACCOUNT_FIGURES: Final[Mapping[str, Figure]] = {
    "balance": Figure.BALANCE,
    "held": Figure.HELD,
    "overdraft_limit": Figure.OVERDRAFT_LIMIT,
    "status": Figure.STATUS,
    "sequence": Figure.SEQUENCE,
    "opened_at": Figure.OPENED_AT,
    "last_entry_at": Figure.LAST_ENTRY_AT,
    "metadata": Figure.METADATA,
}
_HOLD_FIGURES: Final[Mapping[str, Figure]] = {
    "account": Figure.HOLD_ACCOUNT,
    "amount": Figure.HOLD_AMOUNT,
    "captured": Figure.HOLD_CAPTURED,
    "status": Figure.HOLD_STATUS,
}


def transactions_off(
    page_number: int, due: Sequence[Transaction], found: Sequence[Transaction]
) -> list[Finding]:
    """The first figure of each transaction of a page that is not what it must be."""
    due_at = {one.position.offset: one for one in due}
    found_at = {one.position.offset: one for one in found}
    return [
        _transaction_off(page_number, due_at.get(offset), found_at.get(offset))
        for offset in sorted(due_at.keys() | found_at.keys())
        if due_at.get(offset) != found_at.get(offset)
    ]


def account_off(due: Account | None, found: Account | None) -> list[Finding]:
    """Each figure of an account that is not what it must be."""
    if due is None or found is None:
        only = due or found
        key = None if only is None else only.key
        return [Finding(Figure.ACCOUNT, _there(due), _there(found), key)]
    return [
        Finding(figure, _text(getattr(due, name)), _text(getattr(found, name)), due.key)
        for name, figure in _ACCOUNT_FIGURES.items()
        if getattr(due, name) != getattr(found, name)
    ]


def hold_off(due: Hold | None, found: Hold | None) -> list[Finding]:
    """Each figure of a hold that is not what it must be."""
    if due is None or found is None:
        only = due or found
        hold_id, account = (None, None) if only is None else (only.hold_id, only.account)
        off = Finding(Figure.HOLD, _there(due), _there(found), account)
        return [off._replace(transaction_id=hold_id)]
    return [
        Finding(
            _HOLD_FIGURES.get(name, Figure.HOLD),
            _text(getattr(due, name)),
            _text(getattr(found, name)),
            due.account,
            transaction_id=due.hold_id,
        )
        for name in due._fields
        if getattr(due, name) != getattr(found, name)
    ]


def _transaction_off(
    page_number: int, due: Transaction | None, found: Transaction | None
) -> Finding:
    if due is None or found is None:
        only = due or found
        off = Finding(Figure.TRANSACTION, _there(due), _there(found), page_number=page_number)
        return off._replace(transaction_id=only and only.command.transaction_id)
    off = _entry_off(due.entries, found.entries) or _field_off(due, found)
    return off._replace(page_number=page_number, transaction_id=due.command.transaction_id)


def _entry_off(due: Sequence[Entry], found: Sequence[Entry]) -> Finding | None:
    for one, other in zip_longest(due, found):
        if one is None or other is None:
            only: Entry = one or other
            off = Finding(Figure.ENTRY, one and str(one.amount), other and str(other.amount))
            return off._replace(account=only.account, sequence=only.sequence)
        for name, figure in _ENTRY_FIGURES.items():
            value, another = getattr(one, name), getattr(other, name)
            if value != another:
                return Finding(figure, _text(value), _text(another), one.account, one.sequence)
    return None


def _field_off(due: Transaction, found: Transaction) -> Finding:
    """The first field, of the transaction or of its command."""
    sides = [one._asdict() | one.command._asdict() for one in (due, found)]
    one, other = sides
    name = next(name for name in one if name != "command" and one[name] != other[name])
    return Finding(Figure.TRANSACTION, f"{name} {_text(one[name])}", f"{name} {_text(other[name])}")


def _there(value: object) -> str | None:
    return None if value is None else "there"


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
