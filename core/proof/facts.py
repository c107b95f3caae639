"""What a transaction's canonical bytes say, apart from the transaction."""

from typing import Final

from core.entities.command import order_parts
from core.entities.orders import CommandType, Deposit, Order, Withdrawal
from core.entities.proof import Facts
from core.entities.transaction import Transaction
from core.proof.canonical import NO_MONEY, fields_bytes, listed, rejection_text

_OF_A_USER: Final = (CommandType.DEPOSIT.value, CommandType.WITHDRAW.value)
"""Kinds whose order says a user beside the money, and no more."""


def facts_of(transaction: Transaction) -> Facts:
    """All of a transaction but for its entries."""
    command = transaction.command
    return Facts(
        position=transaction.position,
        transaction_id=command.transaction_id,
        kind=command.type.value,
        order=_order_texts(command.order),
        money=transaction.money,
        reference=command.reference,
        metadata=command.metadata,
        client=command.client,
        idempotency_key=command.idempotency_key,
        request_id=command.request_id,
        fingerprint=command.fingerprint,
        accepted_at=transaction.accepted_at,
        posted_at=transaction.posted_at,
        hold_user_id=transaction.hold_user_id,
        rejection=transaction.rejection,
    )


def facts_bytes(facts: Facts, entry_count: int) -> bytes:
    """The canonical bytes of the transaction whose facts these are.

    Raises `ValueError` or `struct.error` if none has them.
    """
    amount, currency, exponent = facts.money or NO_MONEY
    return fields_bytes(
        facts.position,
        facts.transaction_id,
        facts.fingerprint,
        facts.accepted_at,
        facts.posted_at,
        amount,
        currency,
        exponent,
        entry_count,
        facts.kind,
        _order_text(facts),
        facts.reference,
        facts.metadata,
        facts.client,
        facts.idempotency_key,
        facts.request_id,
        facts.hold_user_id,
        None if facts.rejection is None else rejection_text(facts.rejection),
    )


def _order_texts(order: Order) -> tuple[str | None, ...]:
    if isinstance(order, Deposit | Withdrawal):
        return (order.user_id,)
    return tuple(order_parts(order))


def _order_text(facts: Facts) -> bytes:
    if facts.kind not in _OF_A_USER:
        return listed(facts.order)
    if len(facts.order) != 1 or facts.order[0] is None:
        raise ValueError(f"the order of a {facts.kind} is one user")
    return facts.order[0].encode()
