"""What a verb that talks to the servers itself makes of their errors."""

import pytest

from core.errors import LedgerUnavailableError
from entrypoints.process import CannotStartError, run_once


async def _fails(error: Exception) -> None:
    raise error


def test_what_is_away_is_named() -> None:
    with pytest.raises(CannotStartError, match="postgres is away: no route"):
        run_once(_fails(LedgerUnavailableError("no route")))


def test_what_the_machine_refuses_is_a_sentence() -> None:
    with pytest.raises(CannotStartError, match="Permission denied"):
        run_once(_fails(PermissionError(13, "Permission denied")))


def test_a_reader_who_has_seen_enough_is_no_failure_to_tell_of() -> None:
    with pytest.raises(BrokenPipeError):
        run_once(_fails(BrokenPipeError()))
