"""The books balance, whatever is posted, and however it is cut into pages."""

from datetime import timedelta

from core.entities.account import Account, settlement_account, user_account
from core.entities.command import Command
from core.entities.money import MAX_AMOUNT_MINOR_UNITS, MAX_BALANCE_MINOR_UNITS
from core.entities.page import LedgerState, Page
from core.entities.transaction import RejectionCode
from core.posting.post import post
from tests.builders import NOON, deposit, logged, withdrawal

EMPTY = LedgerState({}, {})


def one_page(*commands: Command, state: LedgerState = EMPTY) -> Page:
    return post([logged(one, offset) for offset, one in enumerate(commands)], state)


def after(state: LedgerState, page: Page) -> LedgerState:
    """The state that the next page finds."""
    accounts = dict(state.accounts) | {account.key: account for account in page.accounts}
    fingerprints = dict(state.fingerprints) | {
        one.command.transaction_id: one.command.fingerprint for one in page.transactions
    }
    return LedgerState(accounts, fingerprints)


def with_account(**fields: object) -> LedgerState:
    key = user_account("alice", "USD")
    account = Account(key, opened_at=NOON, last_entry_at=NOON)._replace(**fields)  # type: ignore[arg-type]
    return LedgerState({key: account}, {})


def test_a_deposit_opens_the_account_and_takes_from_settlement() -> None:
    page = one_page(deposit(amount=10_050))
    settlement, user = page.transactions[0].entries
    assert (user.account, user.amount, user.sequence, user.balance_after) == (
        user_account("alice", "USD"), 10_050, 1, 10_050,
    )  # fmt: skip
    assert settlement.account.is_settlement
    assert (settlement.amount, settlement.sequence, settlement.balance_after) == (
        -10_050,
        1,
        -10_050,
    )
    assert [account.balance for account in page.accounts] == [-10_050, 10_050]
    assert page.accounts[1].opened_at == NOON


def test_a_withdrawal_takes_what_is_there_to_the_last_unit() -> None:
    page = one_page(deposit(amount=5), withdrawal(amount=5), withdrawal(amount=1))
    assert [one.rejection and one.rejection.code for one in page.transactions] == [
        None, None, RejectionCode.INSUFFICIENT_FUNDS,
    ]  # fmt: skip
    assert page.accounts[1].balance == 0


def test_a_withdrawal_from_nothing_leaves_a_rejected_transaction_and_no_account() -> None:
    page = one_page(withdrawal())
    rejection = page.transactions[0].rejection
    assert rejection is not None
    assert rejection.code is RejectionCode.ACCOUNT_NOT_FOUND
    assert page.accounts == ()
    assert page.transactions[0].entries == ()


def test_insufficient_funds_tells_what_was_needed_and_what_there_was() -> None:
    page = one_page(withdrawal(amount=700), state=with_account(balance=500, held=100))
    rejection = page.transactions[0].rejection
    assert rejection is not None
    assert dict(rejection.figures) == {"needed": 700, "available": 400}


def test_an_overdraft_limit_lets_the_balance_go_below_zero_and_no_further() -> None:
    state = with_account(balance=0, overdraft_limit=100)
    page = one_page(withdrawal(amount=100), withdrawal(amount=1), state=state)
    assert page.accounts[0].balance == -100
    assert page.transactions[1].rejection is not None


def test_a_balance_beyond_64_bits_is_refused_not_wrapped() -> None:
    state = with_account(balance=MAX_BALANCE_MINOR_UNITS - 1)
    page = one_page(deposit(amount=1), deposit(amount=1), state=state)
    assert page.accounts[1].balance == MAX_BALANCE_MINOR_UNITS
    rejection = page.transactions[1].rejection
    assert rejection is not None
    assert rejection.code is RejectionCode.BALANCE_LIMIT_EXCEEDED


def test_settlement_goes_beyond_64_bits() -> None:
    users = [f"user{number}" for number in range(1_000)]
    commands = [
        logged(deposit(user, MAX_AMOUNT_MINOR_UNITS), offset, partition=0)
        for offset, user in enumerate(users)
    ]
    page = post(commands, EMPTY)
    settlement = {one.key: one for one in page.accounts}[settlement_account(0, "USD")]
    assert settlement.balance == -1_000 * MAX_AMOUNT_MINOR_UNITS
    assert settlement.balance < -MAX_BALANCE_MINOR_UNITS


def test_the_same_id_is_posted_once_within_a_page_and_across_pages() -> None:
    one = deposit(idempotency_key="key")
    page = one_page(one, one)
    again = one_page(one, state=after(EMPTY, page))
    assert (len(page.transactions), page.repeats) == (1, 1)
    assert (again.transactions, again.accounts, again.repeats) == ((), (), 1)


def test_another_command_under_the_same_id_changes_nothing_and_is_counted() -> None:
    first = deposit(amount=100, idempotency_key="key")
    second = deposit(amount=200, idempotency_key="key")
    page = one_page(first, second)
    assert (len(page.transactions), page.repeats, page.conflicts) == (1, 0, 1)
    assert page.accounts[1].balance == 100


def test_a_rejected_command_stays_rejected_when_it_comes_again() -> None:
    refused = withdrawal(idempotency_key="key")
    page = one_page(refused)
    state = after(after(EMPTY, page), one_page(deposit()))
    assert one_page(refused, state=state).transactions == ()


def test_an_entry_is_never_earlier_than_the_one_before_it() -> None:
    later, earlier = NOON + timedelta(seconds=5), NOON
    page = post([logged(deposit(), 0, at=later), logged(deposit(), 1, at=earlier)], EMPTY)
    assert [one.posted_at for one in page.transactions] == [later, later]
    assert page.transactions[1].accepted_at == earlier
