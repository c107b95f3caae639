"""The audit of the books: `python -m tests.audit --data DATA` is what `make audit` calls."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from infra.local.__main__ import INTERRUPTED
from infra.local.files import read_json
from infra.local.refused import Refused
from infra.local.screen import Screen
from tests.audit_rules import RULES

ROWS_SHOWN: Final = 5
CONNECT_SECONDS: Final = 10.0


class Finding(msgspec.Struct, frozen=True):
    """A rule, and what breaks it: how many rows, and some of them. Money is in minor units."""

    rule: str
    row_count: int
    rows: list[str]

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it."""
        return self.row_count == 0


async def findings(dsn: str) -> AsyncIterator[Finding]:
    """Every rule, all on one state of the books, however much is posted meanwhile.

    Raises `OSError` or `asyncpg.PostgresError` where the books cannot be read.
    """
    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for rule, query in RULES.items():
                yield await _finding(connection, rule, query)
    finally:
        await connection.close()


async def audit(dsn: str) -> None:
    """Raise `AssertionError` naming each rule that is broken, and some of the rows."""
    broken = [f"{one.rule}: {one.rows}" async for one in findings(dsn) if not one.holds]
    assert not broken, "\n".join(broken)


async def _finding(connection: asyncpg.Connection, rule: str, query: str) -> Finding:
    rows = await connection.fetch(
        f"SELECT *, count(*) OVER () AS row_count FROM ({query}) AS broken LIMIT {ROWS_SHOWN}"
    )
    return Finding(rule, rows[0]["row_count"] if rows else 0, [_words(row) for row in rows])


def _words(row: asyncpg.Record) -> str:
    named = {name: value for name, value in row.items() if name != "row_count"}
    return " ".join(f"{name}={value}" for name, value in named.items())


def show(screen: Screen, finding: Finding) -> None:
    """The rule with its verdict, and what breaks it."""
    if finding.holds:
        screen.say(f"holds   {finding.rule}")
        return
    screen.say(f"BROKEN  {finding.rule}", style="bold red")
    for row in finding.rows:
        screen.say(f"          {row}")
    if finding.row_count > len(finding.rows):
        screen.say(f"          and {finding.row_count - len(finding.rows)} more")


async def audit_data(data: Path, screen: Screen) -> int:
    """Audit the books of the stack that runs on this DATA; the exit status."""
    broken = 0
    try:
        async for finding in findings(_dsn(data)):
            show(screen, finding)
            broken += not finding.holds
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise Refused(
            f"The books of {data} cannot be read: {str(error) or 'no answer'}."
        ) from error
    if broken:
        screen.say(
            f"\nThe books are NOT right: {broken} of {len(RULES)} rules broken. (Minor units.)"
        )
        return 1
    screen.say(f"\nThe books are right: all {len(RULES)} rules hold.")
    return 0


def _dsn(data: Path) -> str:
    stack = read_json(data / "stack.json")
    if not isinstance(stack, dict):
        raise Refused(f"Nothing runs on {data}; make run DATA={data} starts it.")
    return str(stack["postgres"])


def main() -> int:
    """Parse the command line, do it, and put what went wrong into a sentence."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".counterfoil"))
    try:
        return asyncio.run(audit_data(parser.parse_args().data, Screen()))
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
