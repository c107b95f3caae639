"""Whose event it is: a stream of one user's shows all that is about their money and holds."""

from adapters.outcome_events import event_of
from adapters.representations import Representations
from tests.unit.http.world import CURRENCIES
from tests.unit.told_transactions import told_transactions


def test_an_event_is_about_everyone_whose_money_or_hold_it_is_about() -> None:
    shown = Representations(CURRENCIES)
    for one in told_transactions():
        expected = one.parties | ({one.user_id} - {None})

        assert expected <= event_of(one, shown).users, one.command


def test_a_reversal_names_nobody_and_is_about_those_whose_money_goes_back() -> None:
    shown = Representations(CURRENCIES)
    moved = [one for one in told_transactions() if one.user_id is None and one.entries]

    assert [event_of(one, shown).users for one in moved] == [{"alice"}]
