"""What a client is told of a command that was accepted: alone, or as an item of a batch."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from aiohttp import hdrs

from adapters.inbound.http.prefer import PREFERENCE_APPLIED
from adapters.inbound.http.problems import Problem
from adapters.inbound.http.rejections import rejection_problem
from adapters.representations import Json, Representations, time_text
from core.entities.receipt import Accepted, Receipt

IDEMPOTENCY_REPLAYED: Final = "Idempotency-Replayed"
_PENDING: Final = "pending"


class Told(NamedTuple):
    """An answer that is no problem."""

    status: int
    body: Json
    headers: Mapping[str, str]


def told(accepted: Accepted, wait: int | None, shapes: Representations) -> Told | Problem:
    """A receipt; to a client that waited, the transaction, or a problem if it was rejected."""
    headers = _headers(accepted, wait)
    transaction = accepted.transaction
    if wait is None or transaction is None:
        return Told(202, _receipt(accepted), headers)
    body = shapes.transaction(transaction)
    if transaction.rejection is None:
        return Told(201, body, headers)
    return rejection_problem(transaction.rejection, body, shapes, headers)


def _receipt(accepted: Accepted) -> Json:
    receipt, transaction, _ = accepted
    return {
        "transaction_id": str(receipt.transaction_id),
        "status": _PENDING if transaction is None else transaction.status.value,
        "position": str(receipt.position),
        "accepted_at": time_text(receipt.accepted_at),
    }


def _headers(accepted: Accepted, wait: int | None) -> dict[str, str]:
    headers: dict[str, str] = {hdrs.LOCATION: _location(accepted.receipt)}
    if accepted.replayed:
        headers[IDEMPOTENCY_REPLAYED] = "true"
    if wait is not None:
        headers[PREFERENCE_APPLIED] = f"wait={wait}"
    return headers


def _location(receipt: Receipt) -> str:
    return f"/transactions/{receipt.transaction_id}?position={receipt.position}"
