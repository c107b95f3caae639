"""`counterfoil verify-receipt`: what a file proves, in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.inbound.cli.safe_text import safe_text
from adapters.proof_records import decode_proof
from adapters.representations import time_text
from core.entities.money import Currency, Money
from core.entities.proof import Facts, Proof, ShownEntry
from core.ports.keys import PublicKey
from core.proof.proofs import NotProvenError, check


def proven(content: bytes, keys: Mapping[str, PublicKey]) -> Sequence[str]:
    """What the file proves to whoever trusts these keys (by their ids). Raises `NotProvenError`."""
    try:
        proof = decode_proof(content)
    except ValueError as error:
        raise NotProvenError(str(error)) from error
    check(proof, keys)
    return [*_sentences(proof)]


def _sentences(proof: Proof) -> Iterator[str]:
    facts, statement = proof.facts, proof.signed_head.statement
    posted = "posted" if facts.rejection is None else "rejected"
    amount = "" if facts.money is None else f" of {_amount(facts.money.amount, facts.money)}"
    yield (
        f"Ledger {safe_text(statement.ledger)} {posted} transaction {facts.transaction_id}, a "
        f"{safe_text(facts.kind)}{amount}, at position {facts.position}, "
        f"{time_text(facts.posted_at)}."
    )
    yield f"What was asked for: {_asked(facts)}."
    if facts.rejection is not None:
        yield f"Why it changed nothing: {facts.rejection.code.value}."
    yield from (_entry(one, facts) for one in proof.entries if isinstance(one, ShownEntry))
    yield (
        f"Key {proof.signed_head.key_id} signed it with page {statement.page_number} of partition "
        f"{statement.partition}, {time_text(statement.signed_at)}."
    )


def _asked(facts: Facts) -> str:
    return ", ".join(safe_text(one) for one in facts.order if one is not None)


def _entry(shown: ShownEntry, facts: Facts) -> str:
    entry = shown.entry
    user_id, currency = safe_text(entry.account.user_id), safe_text(entry.account.currency)
    money = facts.money
    if money is None or money.currency != entry.account.currency:
        amount = f"{entry.amount} minor units of {currency}"
        balance = f"{entry.balance_after} of them"
    else:
        amount, balance = _amount(entry.amount, money), _amount(entry.balance_after, money)
    return f"Entry {entry.sequence} of {user_id}: {amount}, and after it a balance of {balance}."


def _amount(minor_units: int, money: Money) -> str:
    currency = Currency(money.currency, money.exponent)
    return f"{currency.format(minor_units)} {safe_text(money.currency)}"
