"""Idempotency keys of rows: the same when the same rows are imported again.

A key is made of the import's name, the row's content, and its number among the rows of that import
that ask for just the same. So it survives what happens to files: a row keeps its key when others
are appended, removed or put before it, and two equal rows in one file are two commands. A row that
was edited is another row; a row whose identity is more than its content has a key of its own. What
an option fills in is no content: an import that is given again with another default currency or
type meets its own keys, and is refused, rather than posted a second time.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from adapters.inbound.cli.bulk.rows import Row

_CACHE_KIBIBYTES: Final = 32 * 1024
_DIGEST_BYTES: Final = 20
_COUNT: Final = (
    "INSERT INTO seen VALUES (?, 1) ON CONFLICT (content) DO UPDATE SET times = times + 1 "
    "RETURNING times"
)


class KeyedRow(NamedTuple):
    """A row and the key that it is sent under."""

    row: Row
    key: str


def keyed(rows: Iterable[Row], name: str) -> Iterator[KeyedRow]:
    """The rows with their keys, in the import `name`."""
    # A private database without a name: SQLite keeps what does not fit its cache in a file that
    # vanishes with it, so that a file of millions of rows takes no more memory than a small one.
    seen = sqlite3.connect("", isolation_level=None)
    try:
        seen.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        seen.execute("CREATE TABLE seen (content BLOB PRIMARY KEY, times INTEGER) WITHOUT ROWID")
        seen.execute("BEGIN")
        for row in rows:
            yield KeyedRow(row, row.own_key or _derived(seen, row, name))
    finally:
        seen.close()


def _derived(seen: sqlite3.Connection, row: Row, name: str) -> str:
    called = name.encode()
    content = hashlib.sha256(
        b"counterfoil/import/1" + len(called).to_bytes(4, "big") + called + row.content
    ).digest()[:_DIGEST_BYTES]
    (times,) = seen.execute(_COUNT, (content,)).fetchone()
    return f"import-{content.hex()}-{times}"
