"""A record: one command as it lies in the command log, or what lies there in its place."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.command import Command
from core.entities.position import Position

Headers = Sequence[tuple[str, bytes]]


class Undecodable(NamedTuple):
    """Bytes that are no command, and why. The id is known when a header still tells it."""

    reason: str
    transaction_id: UUID | None


class Record(NamedTuple):
    """A record as fetched. `recorded_at` is the log's own time (LogAppendTime)."""

    position: Position
    recorded_at: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers
    content: Command | Undecodable

    @property
    def size_bytes(self) -> int:
        """Size of key, value and headers."""
        size = len(self.key or b"") + len(self.value or b"")
        for name, value in self.headers:
            size += len(name) + len(value)
        return size


def record_hash(record: Record) -> bytes:
    """SHA-256 by which the ledger knows the last record it posted again.

    Covers offset, time, key, value and headers: a log that lost its tail and grew again has
    another record at the same offset.
    """
    digest = hashlib.sha256(b"counterfoil/record/1")
    digest.update(record.position.offset.to_bytes(8, "big"))
    digest.update(record.recorded_at.isoformat().encode())
    for part in (record.key, record.value):
        _add(digest, part)
    for name, value in record.headers:
        _add(digest, name.encode())
        _add(digest, value)
    return digest.digest()


def _add(digest: "hashlib._Hash", part: bytes | None) -> None:
    if part is None:
        digest.update(b"\0")
    else:
        digest.update(b"\1" + len(part).to_bytes(4, "big") + part)
