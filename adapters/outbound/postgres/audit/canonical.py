"""Canonical bytes (`core.proof.canonical`) as PostgreSQL makes them, of rows that are simple.

Whole books are read: to make these bytes of values in Python takes four times as long.
"""

from typing import Final


def _microseconds(time: str) -> str:
    # A double tells microseconds apart until 2106; `extract` does for ever, but takes longer.
    return f"int8send((date_part('epoch', {time}) * 1000000)::bigint)"


def _length(text: str) -> str:
    return f"int4send(octet_length({text}))"


def _optional_length(text: str) -> str:
    return rf"coalesce({_length(text)}, '\xffffffff')"


def _text(text: str) -> str:
    return f"textsend({text})"


def _optional_text(text: str) -> str:
    return f"coalesce({_text(text)}, '')"


def _listed(text: str) -> str:
    return f"{_length(text)} || {_text(text)}"


_2_63: Final = 1 << 63
_2_64: Final = 1 << 64

# As two halves of 64 bits. Nearly every balance has but the sign in the upper one. A quotient with
# decimals is rounded to some 16 digits, and may pass for the next whole number: `div` is exact.
_LOWER: Final = f"mod(mod(balance_after, {_2_64}) + {_2_64}, {_2_64})"
_BALANCE: Final = rf"""
    CASE WHEN balance_after BETWEEN {-_2_63} AND {_2_63 - 1} THEN
        CASE WHEN balance_after < 0 THEN '\xffffffffffffffff'::bytea
            ELSE '\x0000000000000000' END || int8send(balance_after::bigint)
    ELSE int8send(div(balance_after - {_LOWER}, {_2_64})::bigint) || int8send((
        mod({_LOWER} + {_2_63}, {_2_64}) - {_2_63})::bigint)
    END"""

ENTRY: Final = f"""
    int8send(sequence) || int8send(amount) || {_BALANCE} || {_microseconds("posted_at")}
    || int2send(shard) || {_length("user_id")} || {_length("currency")}
    || {_text("user_id")} || {_text("currency")}"""
"""Of a row of `entry`."""

_ABSENT: Final = r"'\xffffffff'::bytea"

_FROM: Final = "details #>> '{legs,0,from_user_id}'"
_TO: Final = "details #>> '{legs,0,to_user_id}'"
_HAS_ONE_LEG: Final = f"""(type = 'transfer' AND details = jsonb_build_object('type', 'transfer',
    'legs', jsonb_build_array(jsonb_build_object('from_user_id', {_FROM}, 'to_user_id', {_TO},
        'amount', amount, 'currency', currency, 'exponent', exponent))))"""
_IS_REJECTION_WHOLE: Final = """(rejection_code IS NULL
    OR coalesce(jsonb_typeof(rejection_figures) = 'object', false)
        AND coalesce(jsonb_typeof(rejection_facts), 'object') = 'object')"""
IS_SIMPLE: Final = f"""((details IS NULL OR {_HAS_ONE_LEG})
    AND metadata IS NULL AND {_IS_REJECTION_WHOLE}
    AND amount IS NOT NULL AND currency IS NOT NULL AND exponent BETWEEN 0 AND 254
    AND user_id IS NOT NULL AND octet_length(fingerprint) = 32)"""
"""Of a row of `ledger_transaction`: a deposit, a withdrawal, or a transfer from one user to one
other, posted or rejected.
"""

_LEGS: Final = " || ".join(_listed(text) for text in ("'legs:1'", _FROM, _TO, "amount::text"))
ORDER: Final = f"""
    CASE WHEN details IS NULL THEN {_text("user_id")}
        ELSE {_LEGS} || {_listed("currency")} END"""
"""Of a simple row: what was asked for, which is read as the column `ordered`."""


def _pairs(pairs: str) -> str:
    return f"""(
        SELECT {_listed("count(*)::text")}
            || coalesce(string_agg({_listed("key")} || {_listed("value")}, ''::bytea
                ORDER BY key COLLATE "C"), '')
        FROM jsonb_each_text({pairs}))"""  # noqa: S608 (expressions of our own)


REJECTION: Final = f"""
    CASE WHEN rejection_code IS NOT NULL THEN {_listed("rejection_code")}
        || CASE WHEN rejection_currency IS NULL THEN {_ABSENT}
            ELSE {_listed("rejection_currency")} END
        || {_pairs("rejection_figures")} || {_pairs("rejection_facts")} END"""
"""Of a simple row: why it was rejected, if it was, which is read as the column `rejected`."""

BEFORE_ENTRY_COUNT: Final = f"""
    int2send(log_partition) || int8send(log_offset) || uuid_send(transaction_id) || fingerprint
    || {_microseconds("accepted_at")} || {_microseconds("posted_at")} || int8send(amount)
    || substring(int2send(exponent) FROM 2)"""
"""Of a simple row: what comes before the number of its entries."""

_LATER_TEXTS: Final = ("client", "idempotency_key", "request_id", "currency")
AFTER_ENTRY_COUNT: Final = " || ".join(
    (
        *(_length("type"), _length("ordered"), _optional_length("reference"), _ABSENT),
        *map(_optional_length, _LATER_TEXTS),
        *(_ABSENT, _optional_length("rejected")),
        *(_text("type"), "ordered", _optional_text("reference")),
        *map(_optional_text, _LATER_TEXTS),
        "coalesce(rejected, '')",
    )
)
"""What comes after it."""
