"""A command: what a client asks for."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core.entities.position import Position

ANONYMOUS_CLIENT: Final = "anonymous"
"""The client of every command until clients are known by their API keys."""
MAX_CLIENT_CHARACTERS: Final = 128
MAX_REFERENCE_CHARACTERS: Final = 128
MAX_IDEMPOTENCY_KEY_CHARACTERS: Final = 255


class CommandType(StrEnum):
    """The verbs of the API; also the `type` of the transaction that a command becomes."""

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"


class Command(NamedTuple):
    """One instruction to move money, complete in itself: nothing else is needed to post it.

    `amount` is in minor units of `currency`. `fingerprint` tells two commands under one
    idempotency key apart. `request_id` follows the command through the logs, nothing more.
    """

    transaction_id: UUID
    type: CommandType
    user_id: str
    amount: int
    currency: str
    reference: str | None
    client: str
    idempotency_key: str | None
    fingerprint: bytes
    request_id: str


class LoggedCommand(NamedTuple):
    """A command as it lies in the log: with its place and the log's own time of appending."""

    position: Position
    recorded_at: datetime
    command: Command


def fingerprint_of(
    command_type: CommandType, user_id: str, amount: int, currency: str, reference: str | None
) -> bytes:
    """SHA-256 over what was asked, defaults filled in. Equal for equal commands, whoever asks.

    Every part is length-prefixed, so that no two different commands share their bytes.
    """
    digest = hashlib.sha256(b"counterfoil/command/1")
    for part in (command_type, user_id, str(amount), currency, reference):
        if part is None:
            digest.update(b"\0")
            continue
        encoded = part.encode()
        digest.update(b"\1" + len(encoded).to_bytes(4, "big") + encoded)
    return digest.digest()
