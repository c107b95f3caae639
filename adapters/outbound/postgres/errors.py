"""What PostgreSQL, its driver and the network raise, in the core's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

from core.errors import BrokenInvariantError, CounterfoilError, LedgerUnavailableError

FOREIGN_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    AsyncAdapt_asyncpg_dbapi.Error,
    sa.exc.SQLAlchemyError,
    OSError,
    TimeoutError,
)
"""All that can come out of talking to PostgreSQL, but for cancellation."""

_DATA_CLASSES: Final = ("22", "23")
"""SQLSTATE classes of a value or a row that the tables refuse; our triggers raise the latter."""


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Raise `BrokenInvariantError` for data that the tables refuse, `LedgerUnavailableError` for
    everything else: a server that is away, a forgotten grant, a full disk, a deadline.
    """
    try:
        yield
    except FOREIGN_ERRORS as error:
        raise translated(error) from error


def translated(error: Exception) -> CounterfoilError:
    """The error of ours that says what `error` says."""
    error = _original(error)
    sqlstate = _sqlstate(error)
    sentence = str(error) or type(error).__name__
    if sqlstate is not None and sqlstate.startswith(_DATA_CLASSES):
        return BrokenInvariantError(f"PostgreSQL refused the data ({sqlstate}): {sentence}")
    return LedgerUnavailableError(sentence if sqlstate is None else f"{sentence} ({sqlstate})")


def _original(error: Exception) -> Exception:
    """The driver's own error, without what SQLAlchemy wrote around it."""
    if isinstance(error, sa.exc.DBAPIError) and isinstance(error.orig, Exception):
        error = error.orig
    cause = error.__cause__
    return cause if isinstance(cause, asyncpg.PostgresError) else error


def _sqlstate(error: Exception) -> str | None:
    sqlstate = getattr(error, "sqlstate", None)
    return sqlstate if isinstance(sqlstate, str) else None
