"""The books balance, whatever is posted, and however it is cut into pages."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.entities.command import LoggedCommand
from core.entities.orders import CaptureHold, Reverse
from core.entities.page import LedgerState, Page, taken_back
from core.posting.naming import accounts_named, most_entries
from core.posting.post import post
from tests.command_strategies import LOGS
from tests.unit.replay import Replay


def replayed(log: Sequence[LoggedCommand], cuts: Sequence[int] = ()) -> Replay:
    """The books after the log, posted in pages that are cut there."""
    edges = [0, *sorted(min(cut, len(log)) for cut in cuts), len(log)]
    replay = Replay()
    for start, end in pairwise(edges):
        replay.post_logged(log[start:end])
    return replay


@given(LOGS)
def test_entries_sum_to_zero_and_balances_to_their_entries(log: list[LoggedCommand]) -> None:
    replay = replayed(log)
    for one in replay.transactions:
        sums: Counter[str] = Counter()
        for entry in one.entries:
            sums[entry.account.currency] += entry.amount
        assert not any(sums.values())
        assert one.rejection is None or not one.entries
    for key, account in replay.books.accounts.items():
        own = [entry for entry in replay.entries if entry.account == key]
        assert sum(entry.amount for entry in own) == account.balance
        assert [entry.sequence for entry in own] == list(range(1, account.sequence + 1))
        assert [entry.posted_at for entry in own] == sorted(entry.posted_at for entry in own)
        assert account.last_entry_at == (own[-1].posted_at if own else None)
        running = 0
        for entry in own:
            running += entry.amount
            assert entry.balance_after == running


@given(LOGS)
def test_nobody_ever_has_less_than_nothing_available(log: list[LoggedCommand]) -> None:
    replay = Replay()
    for one in log:
        replay.post_logged([one])
        for key, account in replay.books.accounts.items():
            assert key.is_settlement or account.available >= 0
            assert account.held >= 0


@given(LOGS)
def test_what_is_held_is_what_open_holds_still_hold(log: list[LoggedCommand]) -> None:
    replay = replayed(log)
    held: Counter[object] = Counter()
    for one in replay.books.holds.values():
        held[one.account] += one.remaining
        assert 0 <= one.captured <= one.amount
    for key, account in replay.books.accounts.items():
        assert account.held == held[key]


@given(LOGS)
def test_captures_and_reversals_take_no_more_than_there_was(log: list[LoggedCommand]) -> None:
    replay = replayed(log)
    captured: defaultdict[UUID, int] = defaultdict(int)
    reversed_amounts: defaultdict[UUID, int] = defaultdict(int)
    for one in replay.transactions:
        order = one.command.order
        if one.rejection is None and isinstance(order, CaptureHold):
            assert one.money is not None
            captured[order.hold_id] += one.money.amount
        if one.rejection is None and isinstance(order, Reverse):
            reversed_amounts[order.reversed_id] += taken_back(one.money)
    for hold_id, amount in captured.items():
        assert replay.books.holds[hold_id].captured == amount
    for reversed_id, amount in reversed_amounts.items():
        assert amount <= taken_back(replay.books.transactions[reversed_id].money)


@given(LOGS)
def test_each_id_has_one_transaction_in_the_order_of_the_log(log: list[LoggedCommand]) -> None:
    replay = replayed(log)
    (page,) = replay.pages
    positions = [one.position for one in page.transactions]
    ids = [one.command.transaction_id for one in page.transactions]
    assert positions == sorted(positions)
    assert len(set(ids)) == len(ids)
    assert len(page.transactions) + page.repeats + page.conflicts + page.moot == len(log)


@given(LOGS, st.lists(st.integers(0, 40)))
def test_pages_cut_anywhere_give_the_same_books(log: list[LoggedCommand], cuts: list[int]) -> None:
    whole, cut = replayed(log), replayed(log, cuts)
    assert cut.transactions == whole.transactions
    assert cut.books.accounts == whole.books.accounts
    assert cut.books.holds == whole.books.holds


@given(LOGS)
def test_posting_names_every_account_that_it_reads(log: list[LoggedCommand]) -> None:
    """With nothing but what is named, it decides the same."""
    replay = Replay()
    for start in range(0, len(log), 7):
        commands = log[start : start + 7]
        full = replay.state(commands)
        named = accounts_named(commands, full.named)
        accounts = {key: one for key, one in full.accounts.items() if key in named}
        page = post(commands, LedgerState(accounts, full.fingerprints, full.named))
        assert {account.key for account in page.accounts} <= named
        assert page == replay.post_logged(commands)


@given(LOGS)
def test_no_command_brings_more_entries_than_it_was_thought_to(log: list[LoggedCommand]) -> None:
    for one in replayed(log).transactions:
        assert len(one.entries) <= most_entries(one.command.order)


def test_an_empty_page_decides_nothing() -> None:
    assert replayed([]).pages == [Page(1, (), ())]
