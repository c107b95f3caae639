"""Discards: a dead letter is given up, and nothing but a dead letter."""

from core.entities.command import Command
from core.entities.page import PageRun
from core.entities.transaction import Rejection, RejectionCode
from core.posting.post import post
from tests.builders import NOON, deposit, discard, letter_of, record, reversal, unkeyed_id
from tests.unit.replay import Replay


def with_a_dead_letter(condemned: Command) -> Replay:
    """Books that say that this command's record was condemned."""
    replay = Replay()
    page = post([], replay.state([]))._replace(dead_letters=(letter_of(record(condemned)),))
    replay.books.store(PageRun(0, 1, 0, 0, b"", 0), page, NOON)
    return replay


def test_a_discarded_command_is_rejected_under_its_own_id_and_says_why() -> None:
    condemned = deposit()
    replay = with_a_dead_letter(condemned)
    (transaction,) = replay.post(discard(condemned.transaction_id, "sent twice"))
    assert transaction.command.transaction_id == condemned.transaction_id
    assert transaction.rejection == Rejection(
        RejectionCode.DISCARDED, facts={"reason": "sent twice"}
    )
    assert (transaction.entries, transaction.money) == ((), None)
    assert not replay.books.accounts


def test_a_discard_of_what_is_no_dead_letter_leaves_the_id_to_whoever_comes() -> None:
    coming = deposit()
    replay = with_a_dead_letter(deposit())
    assert replay.post(discard(coming.transaction_id)) == []
    assert replay.pages[-1].moot == 1
    (transaction,) = replay.post(coming)
    assert transaction.rejection is None


def test_of_a_discard_and_the_record_read_again_the_first_one_counts() -> None:
    condemned = deposit()
    giving_up = discard(condemned.transaction_id)
    for first, second in ((condemned, giving_up), (giving_up, condemned)):
        replay = with_a_dead_letter(condemned)
        (transaction,) = replay.post(first)
        assert replay.post(second, second) == []
        assert replay.pages[-1].conflicts == 2
        assert (transaction.rejection is None) == (first is condemned)


def test_a_discard_given_again_changes_nothing() -> None:
    condemned = deposit()
    replay = with_a_dead_letter(condemned)
    assert len(replay.post(*[discard(condemned.transaction_id)] * 3)) == 1
    assert replay.pages[-1].repeats == 2


def test_what_was_discarded_moved_nothing_that_could_be_reversed() -> None:
    condemned = deposit()
    replay = with_a_dead_letter(condemned)
    replay.post(discard(condemned.transaction_id))
    code = replay.code(reversal(condemned.transaction_id))
    assert code is RejectionCode.NOT_REVERSIBLE
    assert replay.code(reversal(unkeyed_id("alice"))) is RejectionCode.TRANSACTION_NOT_FOUND
