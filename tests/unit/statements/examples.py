"""Accounts with a history, and what is written of them."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import accumulate, cycle
from typing import Final
from uuid import UUID

from adapters.statements.format import StatementFormat
from adapters.statements.registry import statement_formats
from core.entities.account import user_account
from core.entities.orders import CommandType
from core.entities.statement import StatementEntry, StatementHead
from tests.builders import NOON, REPRESENTATIONS

FORMATS: Final = statement_formats(REPRESENTATIONS)
LONGEST_USER_ID: Final = "u" * 128

NASTY_REFERENCES: Final = (
    "order 17",
    "=1+1",
    "@SUM(A1)",
    "-2+3",
    "]]>&amp;<b>\"'</STMTTRN>",
    "a; b | c = d  (e) [2020-01-01] {f} date:2020-01-01, x:y",
    'she said "no, never"',
    "two  spaces\tand a tab",
    "one\r\ntwo\nthree\u2028four\x85five",
    "\tindented",
    "\r\n= 5 USD",
    "bell \x07, escape \x1b, delete \x7f, not a character \ufffe \uffff",
    "漢字 😀 🎉 é Ж א ع \u202eturned\u202c",
    "'",
    "％3A~!*",
    "x" * 128,
    "W" * 40 + " " + "漢" * 87,
)


def history(
    amounts: Iterable[int] = (10_050, -20_000, 1, 9_949),
    opening_balance: int = 0,
    first_sequence: int = 1,
    references: Sequence[str | None] = (None,),
    other_user_ids: Sequence[str | None] = ("bob", None),
    begins_at: datetime = NOON,
) -> tuple[StatementEntry, ...]:
    """An entry an hour; references and other sides are taken in turn."""
    amounts = tuple(amounts)
    balances = tuple(accumulate(amounts, initial=opening_balance))[1:]
    told: Iterator[tuple[str | None, str | None]] = zip(
        cycle(references), cycle(other_user_ids), strict=False
    )
    return tuple(
        StatementEntry(
            sequence=first_sequence + index,
            transaction_id=UUID(int=0xABC << 64 | first_sequence + index),
            type=_type(amount, other),
            amount=amount,
            balance_after=balance,
            posted_at=begins_at + timedelta(hours=index, microseconds=1_234),
            reference=reference,
            other_user_id=other,
        )
        for index, (amount, balance, (reference, other)) in enumerate(
            zip(amounts, balances, told, strict=False)
        )
    )


def nasty_history() -> tuple[StatementEntry, ...]:
    """An entry for each reference that a format could trip over, down into the overdraft."""
    entries = history(
        [(-1) ** index * (index + 1) * 111 for index in range(len(NASTY_REFERENCES))],
        references=NASTY_REFERENCES,
        other_user_ids=(None, "bob", "a:b.c_d@e+f-g", LONGEST_USER_ID),
    )
    taken_back, captured, *others = entries
    return (
        taken_back._replace(type=CommandType.REVERSE, reverses=UUID(int=17)),
        captured._replace(type=CommandType.CAPTURE, hold_id=UUID(int=18)),
        *others,
    )


def head_of(
    entries: Sequence[StatementEntry],
    user_id: str = "alice",
    currency: str = "USD",
    opening_balance: int = 0,
    since: datetime | None = None,
    until: datetime | None = None,
) -> StatementHead:
    """The head of a statement of these entries; an empty one begins after sequence 0."""
    return StatementHead(
        account=user_account(user_id, currency),
        since=since,
        until=until,
        first_sequence=entries[0].sequence if entries else 1,
        last_sequence=entries[-1].sequence if entries else 0,
        opening_balance=opening_balance,
        closing_balance=entries[-1].balance_after if entries else opening_balance,
        opened_at=NOON,
        produced_at=NOON + timedelta(days=30),
    )


async def written(name: str, head: StatementHead, entries: Sequence[StatementEntry]) -> bytes:
    """The file that a format makes of them, read in uneven runs."""
    return await read(FORMATS[name], head, entries)


async def read(
    one: StatementFormat, head: StatementHead, entries: Sequence[StatementEntry]
) -> bytes:
    async with aclosing(runs_of(entries, 7)) as runs:
        return b"".join([piece async for piece in one.write(head, runs)])


async def runs_of(
    entries: Sequence[StatementEntry], length: int = 1_000
) -> AsyncGenerator[Sequence[StatementEntry]]:
    for start in range(0, len(entries), length):
        yield entries[start : start + length]


def _type(amount: int, other_user_id: str | None) -> CommandType:
    if other_user_id is not None:
        return CommandType.TRANSFER
    return CommandType.DEPOSIT if amount > 0 else CommandType.WITHDRAW
