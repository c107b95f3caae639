"""All promises that a history can be held against."""

from collections.abc import Iterator, Sequence
from typing import Final

from tests.chaos import (
    audience_promises,
    book_promises,
    command_promises,
    event_promises,
    money_promises,
    read_promises,
)
from tests.chaos.books import Books
from tests.chaos.evidence import Breach, Check, Evidence, Harm
from tests.chaos.history import History

ANSWERED: Final = "every answer is one that the API describes"

CHECKS: Final[Sequence[Check]] = (
    command_promises.posted_once,
    command_promises.each_key_once,
    command_promises.accepted_is_decided,
    command_promises.accepted_is_never_unknown,
    command_promises.failed_is_not_there,
    command_promises.nothing_is_invented,
    money_promises.balances_are_what_was_asked_for,
    money_promises.no_account_is_negative,
    read_promises.reads_wait_for_their_position,
    read_promises.reads_never_step_back,
    read_promises.reads_show_what_stays,
    event_promises.every_transaction_is_told,
    event_promises.events_say_what_the_books_say,
    event_promises.events_are_in_order,
    event_promises.events_alone_make_the_accounts,
    audience_promises.every_endpoint_is_told,
    audience_promises.endpoints_are_told_nothing_else,
    audience_promises.followers_miss_nothing,
    book_promises.every_proof_holds,
    book_promises.told_pages_stay,
)


def unheard(evidence: Evidence) -> Iterator[Breach]:
    """What somebody has still to be told."""
    yield from audience_promises.every_endpoint_is_told(evidence)
    yield from audience_promises.followers_miss_nothing(evidence)


def breaches(history: History, books: Books) -> Iterator[Breach]:
    """Everything that was promised and is not so."""
    evidence = Evidence(history, books)
    for surprise in history.surprises:
        yield Breach(Harm.WRONG, ANSWERED, f"{surprise}")
    for check in CHECKS:
        yield from check(evidence)
