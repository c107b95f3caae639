"""A stretch of a partition's chain: what its pages decided, as leaves.

Straight from the rows, since whole books are read: values of the core would double the time.
"""

import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg
import msgspec

from adapters.outbound.postgres.audit.canonical import (
    AFTER_ENTRY_COUNT,
    BEFORE_ENTRY_COUNT,
    ENTRY,
    IS_SIMPLE,
    ORDER,
    REJECTION,
)
from adapters.outbound.postgres.database import Connection
from adapters.outbound.postgres.rows import dead_letter_of, hold_user_of, order_of_row, rejection_of
from core.entities.audit import ChainPlace
from core.entities.chain import DIGEST_BYTES
from core.proof.canonical import NO_EXPONENT, fields_bytes, order_text, rejection_text
from core.proof.checking import ChainedPage
from core.proof.leaves import leaf_of_bytes, leaves_of

MAX_PAGES: Final = 1_000

_COUNT: Final = struct.Struct(">H")

_PAGES: Final = """
SELECT number, first_offset, next_offset, head, transaction_count FROM page
WHERE partition = $1 AND number > $2 ORDER BY number LIMIT $3
"""
# All of a stretch in one value: the driver takes longer for a row than we for its hashes.
# An operator may have let the log begin anew: then offsets come again, but no transaction does.
_ENTRIES: Final = f"""
SELECT string_agg(
    uuid_send(transaction_id) || int4send(octet_length(entry)) || entry, ''::bytea
) FROM (
    SELECT transaction_id, {ENTRY} AS entry FROM entry
    WHERE log_partition = $1 AND log_offset >= $2 AND log_offset < $3
    ORDER BY log_offset, leg OFFSET 0
) AS entries
"""  # noqa: S608 (expressions of our own)
_ENTRY_HEAD: Final = struct.Struct(">16sI")
_TRANSACTIONS: Final = f"""
SELECT string_agg(
    int8send(page_number) || int8send(log_offset) || uuid_send(transaction_id)
        || int4send(octet_length(before)) || int4send(octet_length(after)) || before || after,
    ''::bytea
) FROM (
    SELECT page_number, log_offset, transaction_id, {BEFORE_ENTRY_COUNT} AS before,
        {AFTER_ENTRY_COUNT} AS after
    FROM ledger_transaction
        CROSS JOIN LATERAL (SELECT {ORDER} AS ordered, {REJECTION} AS rejected OFFSET 0) AS parts
    WHERE log_partition = $1 AND page_number > $2 AND page_number <= $3 AND {IS_SIMPLE}
    OFFSET 0
) AS transactions
"""  # noqa: S608
_TRANSACTION_HEAD: Final = struct.Struct(">qq16sII")
_OTHER_TRANSACTIONS: Final = f"""
SELECT page_number, log_offset, transaction_id, type, user_id, amount, currency, exponent,
       reference, metadata, details, client, idempotency_key, fingerprint, request_id, accepted_at,
       posted_at, rejection_code, rejection_figures, rejection_currency, rejection_facts
FROM ledger_transaction
WHERE log_partition = $1 AND page_number > $2 AND page_number <= $3 AND NOT {IS_SIMPLE}
"""  # noqa: S608
_DEAD_LETTERS: Final = """
SELECT * FROM dead_letter WHERE partition = $1 AND page_number > $2 AND page_number <= $3
"""
_UNWRITABLE: Final = (
    *(ValueError, KeyError, TypeError, OverflowError, AttributeError),
    *(struct.error, msgspec.MsgspecError),
)


async def read_chain(
    connection: Connection, partition: int, secret: bytes, place: ChainPlace, limit: int
) -> tuple[Sequence[ChainedPage], bool]:
    """Pages after `place` of at most `limit` transactions, but for a single one of more; and
    whether more may follow.
    """
    found = await connection.fetch(_PAGES, partition, place.number, MAX_PAGES)
    pages = _fitting(found, limit)
    if not pages:
        return [], False
    stretch = _Stretch(partition, secret)
    await stretch.read(connection, place.number, pages)
    chained = [
        ChainedPage(one["number"], one["head"], stretch.leaves_of_page(one)) for one in pages
    ]
    return chained, len(pages) < len(found) or len(found) == MAX_PAGES


def _fitting(pages: Sequence[asyncpg.Record], limit: int) -> Sequence[asyncpg.Record]:
    transactions = 0
    for count, page in enumerate(pages):
        transactions += page["transaction_count"]
        if transactions > limit and count > 0:
            return pages[:count]
    return pages


class _Stretch:
    """What pages of one partition decided. A leaf is None if what its row holds could never have
    been written.
    """

    def __init__(self, partition: int, secret: bytes) -> None:
        self._partition = partition
        self._secret = secret
        self._entries: dict[bytes, list[bytes]] = defaultdict(list)
        self._leaves: dict[int, dict[int, bytes | None]] = defaultdict(dict)
        self._letters: dict[int, list[asyncpg.Record]] = defaultdict(list)

    async def read(
        self, connection: Connection, after: int, pages: Sequence[asyncpg.Record]
    ) -> None:
        """Read all of it."""
        numbers = self._partition, after, pages[-1]["number"]
        begin = min(one["first_offset"] for one in pages)
        end = max(one["next_offset"] for one in pages)
        entries = await connection.fetchval(_ENTRIES, self._partition, begin, end)
        self._take_entries(entries or b"")
        self._take_simple(await connection.fetchval(_TRANSACTIONS, *numbers) or b"")
        for row in await connection.fetch(_OTHER_TRANSACTIONS, *numbers):
            self._leaves[row[0]][row[1]] = self._other_leaf(row)
        for row in await connection.fetch(_DEAD_LETTERS, *numbers):
            self._letters[row["page_number"]].append(row)

    def _take_entries(self, entries: bytes) -> None:
        at = 0
        while at < len(entries):
            transaction_id, size = _ENTRY_HEAD.unpack_from(entries, at)
            begin = at + _ENTRY_HEAD.size
            at = begin + size
            self._entries[transaction_id].append(entries[begin:at])

    def _take_simple(self, transactions: bytes) -> None:
        at = 0
        while at < len(transactions):
            head = _TRANSACTION_HEAD.unpack_from(transactions, at)
            page_number, offset, transaction_id, before, after = head
            begin = at + _TRANSACTION_HEAD.size
            middle = begin + before
            at = middle + after
            entries = self._entries.get(transaction_id, ())
            transaction = transactions[begin:middle] + _COUNT.pack(len(entries))
            self._leaves[page_number][offset] = leaf_of_bytes(
                self._secret,
                (self._partition, offset),
                transaction + transactions[middle:at],
                entries,
            )

    def leaves_of_page(self, page: asyncpg.Record) -> Sequence[bytes] | None:
        """None if one of them is."""
        offsets = range(page["first_offset"], page["next_offset"])
        found: Mapping[int, bytes | None] = self._leaves[page["number"]]
        letters = self._letters[page["number"]]
        if len(found) < len(offsets) or letters:
            found = self._with_others(offsets, found, letters)
        leaves = [leaf for offset in offsets if (leaf := found.get(offset)) is not None]
        return leaves if len(leaves) == len(offsets) else None

    def _with_others(
        self,
        offsets: range,
        found: Mapping[int, bytes | None],
        letters: Sequence[asyncpg.Record],
    ) -> Mapping[int, bytes | None]:
        """With the leaves of records that became dead letters, or nothing."""
        try:
            condemned = {row["log_offset"]: dead_letter_of(row) for row in letters}
        except _UNWRITABLE:
            return {}
        others = leaves_of(self._secret, self._partition, offsets, condemned)
        return {**dict(zip(offsets, others, strict=True)), **found}

    def _other_leaf(self, row: asyncpg.Record) -> bytes | None:
        _, offset, transaction_id, kind, _, amount, currency, exponent, *others = row
        reference, metadata, _, client, key, fingerprint, request_id, *others = others
        accepted_at, posted_at, *_ = others
        entries = self._entries.get(transaction_id.bytes, ())
        if len(fingerprint) != DIGEST_BYTES:
            return None
        position = self._partition, offset
        try:
            rejection = rejection_of(row)
            transaction = fields_bytes(
                position,
                transaction_id,
                fingerprint,
                accepted_at,
                posted_at,
                amount or 0,
                currency,
                NO_EXPONENT if exponent is None else exponent,
                len(entries),
                kind,
                order_text(order_of_row(row)),
                reference,
                metadata,
                client,
                key,
                request_id,
                hold_user_of(row),
                None if rejection is None else rejection_text(rejection),
            )
        except _UNWRITABLE:
            return None
        return leaf_of_bytes(self._secret, position, transaction, entries)
