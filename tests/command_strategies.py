"""Commands of all types as hypothesis draws them, some of them about what came before them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st

from core.entities.account import AccountStatus
from core.entities.command import Command, LoggedCommand
from core.entities.money import MAX_AMOUNT_MINOR_UNITS
from core.entities.orders import CommandType, Transfer
from tests.builders import (
    NOON,
    capture,
    change,
    command,
    deposit,
    discard,
    expiry,
    hold,
    leg,
    logged,
    reversal,
    unkeyed_id,
    void,
    withdrawal,
)

Make = Callable[[Sequence[Command]], Command]
"""A command, given those before it."""
_HOLDS: Final = (CommandType.HOLD,)
_MOVING: Final = (
    CommandType.DEPOSIT,
    CommandType.WITHDRAW,
    CommandType.TRANSFER,
    CommandType.CAPTURE,
    CommandType.REVERSE,
)

USERS: Final = st.sampled_from(["alice", "bob", "carol"])
_PAIRS: Final = st.permutations(["alice", "bob", "carol"])
_CURRENCIES: Final = st.sampled_from(["USD", "JPY"])
_AMOUNTS: Final = st.integers(1, 50)
_LARGE: Final = st.sampled_from([500, MAX_AMOUNT_MINOR_UNITS])
_PARTS: Final = st.none() | st.sampled_from(["0.01", "0.2", "1", "0.001", "1e17", "1e40"])
_KEYS: Final = st.none() | st.sampled_from(["k1", "k2", "k3"])
_NEVER: Final = 5
_WHICH: Final = st.integers(1, _NEVER)
"""Of what came before: the last one is 1, the one before it 2; 5 is one that never was."""


def _alone(make: Callable[..., Command], *arguments: object, **named: object) -> Make:
    return lambda _: make(*arguments, **named)


def _about(
    make: Callable[..., Command],
    types: Sequence[CommandType],
    which: int,
    *arguments: object,
) -> Make:
    """About an earlier command of one of these types."""

    def made(earlier: Sequence[Command]) -> Command:
        ids = [one.transaction_id for one in earlier if one.type in types]
        if which == _NEVER or not ids:
            return make(unkeyed_id("alice"), *arguments)
        return make(ids[-min(which, len(ids))], *arguments)

    return made


def _transfer(legs: Sequence[Any]) -> Command:
    return command(Transfer(tuple(leg(pair[0], pair[1], *rest) for pair, *rest in legs)))


_EXPIRY: Final = st.sampled_from([None, None, None, 1, 3])
"""In seconds, of which each command comes one or two later than the one before."""
_LEGS: Final = st.lists(st.tuples(_PAIRS, _AMOUNTS, _CURRENCIES), min_size=1, max_size=3)
_HOLD: Final = st.builds(
    partial(_alone, hold), USERS, _AMOUNTS | _LARGE, _CURRENCIES, st.none() | USERS, _EXPIRY
)
_END: Final = st.one_of(
    st.builds(partial(_about, capture, _HOLDS), _WHICH, _PARTS, st.none() | USERS, st.booleans()),
    st.builds(partial(_about, void, _HOLDS), _WHICH),
    st.builds(partial(_about, expiry, _HOLDS), _WHICH),
)
_DISCARD: Final = st.builds(partial(_about, discard, tuple(CommandType)), _WHICH)
"""Of what is no dead letter: it changes nothing, whether the id is decided or not."""
_MOVE: Final = st.one_of(
    st.builds(partial(_alone, deposit), USERS, _LARGE, _CURRENCIES, idempotency_key=_KEYS),
    st.builds(partial(_alone, deposit), USERS, _AMOUNTS, _CURRENCIES, idempotency_key=_KEYS),
    st.builds(partial(_alone, withdrawal), USERS, _AMOUNTS, _CURRENCIES, idempotency_key=_KEYS),
    st.builds(partial(_alone, _transfer), _LEGS),
)
_REVERSAL: Final = st.builds(partial(_about, reversal, _MOVING), _WHICH, _PARTS)
_CHANGE: Final = st.builds(
    partial(_alone, change),
    USERS,
    _CURRENCIES,
    st.none() | st.integers(0, 60) | st.just(MAX_AMOUNT_MINOR_UNITS),
    st.sampled_from([None, None, None, AccountStatus.OPEN, *AccountStatus]),
)
SCENES: Final[st.SearchStrategy[Sequence[Make]]] = st.one_of(
    st.tuples(_MOVE),
    st.tuples(_MOVE, _REVERSAL),
    st.tuples(_HOLD, _END),
    st.tuples(_HOLD, _END, _END, _REVERSAL),
    st.tuples(_CHANGE),
    st.tuples(_MOVE, _DISCARD),
)
"""Commands that belong together, more often than not."""


_FUNDING: Final = st.booleans().map(
    lambda is_funded: [
        _alone(deposit, user_id, 500, currency)
        for user_id in ("alice", "bob", "carol")
        for currency in ("USD", "JPY")
        if is_funded
    ]
)


def _log(makes: Sequence[Make]) -> list[LoggedCommand]:
    commands: list[Command] = []
    for make in makes:
        commands.append(make(commands))
    return [
        logged(one, offset, partition=0, at=NOON + timedelta(seconds=offset + offset * 7 % 5))
        for offset, one in enumerate(commands)
    ]


def _logs(
    scenes: st.SearchStrategy[list[Sequence[Make]]],
) -> st.SearchStrategy[list[LoggedCommand]]:
    return st.tuples(_FUNDING, scenes).map(
        lambda parts: _log([*parts[0], *(make for scene in parts[1] for make in scene)])
    )


LOGS: Final = _logs(st.lists(SCENES, max_size=20))
"""Up to eighty commands as they lie in partition 0."""
LONG_LOGS: Final = _logs(st.lists(SCENES, min_size=10, max_size=30))
"""Some dozens of commands, never few."""
