"""A page's rows as text, for COPY: half of a large page's time goes into making them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from adapters.order_records import OrderRecord
from adapters.outbound.postgres.page_rows import (
    EntryRow,
    TransactionRow,
    details_of,
    reversed_id_of,
)
from core.entities.orders import Deposit, Order, Withdrawal
from core.entities.transaction import Entry, Rejection, Transaction
from core.entities.transaction_id import shard_of_id

TRANSACTION_COLUMNS: Final = (*TransactionRow.__struct_fields__, "page_number")
ENTRY_COLUMNS: Final = EntryRow.__struct_fields__

_NULL: Final = r"\N"
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NO_REJECTION: Final = "\t".join([_NULL] * 4)

# The times of a page are few: a transaction's own, its entries' and its neighbours' are the same.
_time: Final = lru_cache(maxsize=4_096)(datetime.isoformat)


class Lines(NamedTuple):
    """A page's lines, of `TRANSACTION_COLUMNS` and of `ENTRY_COLUMNS`."""

    transactions: bytes
    entries: bytes


def lines(transactions: Sequence[Transaction], page_number: int) -> Lines:
    """A line for each transaction, and for each entry of each."""
    transaction_lines: list[str] = []
    entry_lines: list[str] = []
    for one in transactions:
        command, (partition, offset), accepted_at, posted_at, money, entries, rejection, _ = one
        transaction_id, kind, order, reference, metadata, client, key, _, request_id = command
        shard, number = shard_of_id(transaction_id), transaction_id.hex
        # What the lines of a transaction and of its entries have in common.
        place = f"{number}\t{partition}\t{offset}\t{_time(posted_at)}"
        amount, currency, exponent = money or (_NULL, _NULL, _NULL)
        transaction_lines.append(
            f"{place}\t{_time(accepted_at)}\t{shard}\t{kind}\t{one.status}\t{_order(order, one)}\t"
            f"{amount}\t{currency}\t{exponent}\t{_text(reference)}\t{_json(metadata)}\t"
            f"{_text(client)}\t{_text(key)}\t\\\\x{command.fingerprint.hex()}\t"
            f"{_text(request_id)}\t{_rejection(rejection)}\t{page_number}\n"
        )
        entry_lines += [_entry_line(place, leg, entry) for leg, entry in enumerate(entries)]
    return Lines("".join(transaction_lines).encode(), "".join(entry_lines).encode())


def _entry_line(place: str, leg: int, entry: Entry) -> str:
    (shard, user_id, currency), sequence, amount, balance_after, _ = entry
    return (
        f"{place}\t{shard}\t{user_id}\t{currency}\t{sequence}\t{leg}\t{amount}\t{balance_after}\n"
    )


def _order(order: Order, transaction: Transaction) -> str:
    if type(order) is Deposit or type(order) is Withdrawal:
        return f"{order.user_id}\t{_NULL}\t{_NULL}"
    reversed_id = reversed_id_of(order)
    return (
        f"{transaction.user_id or _NULL}\t{_json(details_of(order))}\t"
        f"{_NULL if reversed_id is None else reversed_id}"
    )


def _rejection(rejection: Rejection | None) -> str:
    if rejection is None:
        return _NO_REJECTION
    figures, facts = _json(dict(rejection.figures)), _json(dict(rejection.facts))
    return f"{rejection.code.value}\t{figures}\t{rejection.currency or _NULL}\t{facts}"


def _json(value: OrderRecord | Mapping[str, object] | None) -> str:
    return _NULL if value is None else _text(msgspec.json.encode(value).decode())


def _text(text: str | None) -> str:
    """Text that a client wrote, as COPY reads it back."""
    if text is None:
        return _NULL
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)
