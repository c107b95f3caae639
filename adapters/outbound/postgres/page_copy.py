"""A page's rows as text, for COPY: half of a large page's time goes into making them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec

from adapters.order_records import OrderRecord
from adapters.outbound.postgres.page_rows import (
    EntryRow,
    TransactionRow,
    details_of,
    reversed_id_of,
    user_of,
)
from core.entities.transaction import Rejection, Transaction
from core.entities.transaction_id import shard_of_id

TRANSACTION_COLUMNS: Final = (*TransactionRow.__struct_fields__, "page_number")
ENTRY_COLUMNS: Final = EntryRow.__struct_fields__

_NULL: Final = r"\N"
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

# The times of a page are few: a transaction's own, its entries' and its neighbours' are the same.
_time: Final = lru_cache(maxsize=4_096)(datetime.isoformat)


def transaction_lines(transactions: Sequence[Transaction], page_number: int) -> bytes:
    """A line of `TRANSACTION_COLUMNS` for each."""
    return "".join([_transaction_line(one, page_number) for one in transactions]).encode()


def entry_lines(transactions: Sequence[Transaction]) -> bytes:
    """A line of `ENTRY_COLUMNS` for each entry of each."""
    return "".join([_entry_lines(one) for one in transactions if one.entries]).encode()


def _transaction_line(transaction: Transaction, page_number: int) -> str:
    command, (partition, offset), accepted_at, posted_at, money, _, rejection = transaction
    transaction_id, order = command.transaction_id, command.order
    amount, currency, exponent = money or (_NULL, _NULL, _NULL)
    return (
        f"{shard_of_id(transaction_id)}\t{transaction_id.int:032x}\t{command.type}\t"
        f"{transaction.status}\t{user_of(order) or _NULL}\t{amount}\t{currency}\t{exponent}\t"
        f"{_json(details_of(order))}\t{_id(reversed_id_of(order))}\t"
        f"{_text(command.reference)}\t{_json(command.metadata)}\t{_text(command.client)}\t{_text(command.idempotency_key)}\t"
        f"\\\\x{command.fingerprint.hex()}\t{_text(command.request_id)}\t{partition}\t{offset}\t"
        f"{_time(accepted_at)}\t{_time(posted_at)}\t{_rejection(rejection)}\t{page_number}\n"
    )


def _entry_lines(transaction: Transaction) -> str:
    transaction_id = f"{transaction.command.transaction_id.int:032x}"
    partition, offset = transaction.position
    lines = ""
    for leg, ((shard, user_id, currency), sequence, amount, balance_after, posted_at) in enumerate(
        transaction.entries
    ):
        lines += (
            f"{shard}\t{user_id}\t{currency}\t{sequence}\t{transaction_id}\t{leg}\t{partition}\t"
            f"{offset}\t{amount}\t{balance_after}\t{_time(posted_at)}\n"
        )
    return lines


def _rejection(rejection: Rejection | None) -> str:
    if rejection is None:
        return f"{_NULL}\t{_NULL}\t{_NULL}\t{_NULL}"
    figures, facts = _json(dict(rejection.figures)), _json(dict(rejection.facts))
    return f"{rejection.code.value}\t{figures}\t{rejection.currency or _NULL}\t{facts}"


def _json(value: OrderRecord | Mapping[str, object] | None) -> str:
    return _NULL if value is None else _text(msgspec.json.encode(value).decode())


def _id(transaction_id: UUID | None) -> str:
    return _NULL if transaction_id is None else str(transaction_id)


def _text(text: str | None) -> str:
    """Text that a client wrote, as COPY reads it back."""
    if text is None:
        return _NULL
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)
