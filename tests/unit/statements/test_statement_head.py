"""What a whole period's statement is of."""

from datetime import timedelta

from tests.builders import NOON
from tests.unit.statements.examples import head_of, history

DAY = timedelta(days=1)


def test_entries_are_counted_from_their_sequences() -> None:
    assert head_of(history(first_sequence=8)).entry_count == 4
    assert head_of(()).entry_count == 0
    assert head_of(())._replace(first_sequence=9, last_sequence=3).entry_count == 0


def test_an_unbounded_period_is_from_the_opening_to_now() -> None:
    head = head_of(())
    assert (head.starts_at, head.ends_at) == (head.opened_at, head.produced_at)


def test_a_bounded_period_is_what_was_asked_for() -> None:
    head = head_of((), since=NOON - DAY, until=NOON + DAY)
    assert (head.starts_at, head.ends_at) == (NOON - DAY, NOON + DAY)


def test_what_is_to_come_is_not_told() -> None:
    head = head_of((), until=NOON + 365 * DAY)
    assert head.ends_at == head.produced_at
    later = head._replace(since=NOON + 300 * DAY)
    assert later.ends_at == later.starts_at == NOON + 300 * DAY
