"""A batch is many commands, each by itself, in their order."""

from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.outbound.memory.command_log import MemoryCommandLog
from bootstrap import Container, make_container
from core.entities.command import ANONYMOUS_CLIENT, Command
from core.entities.receipt import Accepted
from core.errors import CommandUnconfirmedError, LogUnavailableError
from core.ports.command_log import Appended
from core.refusals import HoldNotFoundError, IdempotencyConflictError, InvalidFieldError
from core.usecases.drafts import (
    CommandDraft,
    DepositDraft,
    OrderDraft,
    TransferDraft,
    VoidDraft,
    WithdrawalDraft,
)
from core.usecases.submit_batch import Answer, SubmitBatch
from entrypoints.settings import Profile, Settings


@pytest.fixture
async def container() -> AsyncIterator[Container]:
    made = make_container(Settings(profile=Profile.MEMORY).model_dump())
    async with made.watch():
        yield made


def draft(order: OrderDraft, key: str | None = None, item: int | None = None) -> CommandDraft:
    return CommandDraft(order, None, None, ANONYMOUS_CLIENT, key, "request-1", item)


def deposit(amount: str = "5", key: str | None = None, item: int | None = None) -> CommandDraft:
    return draft(DepositDraft("alice", amount), key, item)


def accepted(answer: Answer) -> Accepted:
    assert isinstance(answer, Accepted)
    return answer


async def test_what_cannot_be_accepted_does_not_stop_the_others(container: Container) -> None:
    drafts = [
        deposit(), deposit("0"), draft(VoidDraft("x")), draft(TransferDraft(())), deposit(),
    ]  # fmt: skip
    first, zero, void, transfer, last = await container.submit_batch()(drafts, 0)
    assert isinstance(zero, InvalidFieldError)
    assert isinstance(void, HoldNotFoundError)
    assert isinstance(transfer, InvalidFieldError)
    assert accepted(first).receipt.position.offset == 0
    assert accepted(last).receipt.position.offset == 1


async def test_items_lie_in_the_log_in_their_order_whatever_their_keys(
    container: Container,
) -> None:
    drafts = [deposit(str(amount), f"k{amount}" if amount % 3 else None) for amount in range(1, 99)]
    answers = await container.submit_batch()(drafts, 0)
    assert [accepted(one).receipt.position.offset for one in answers] == list(range(98))


async def test_who_waits_gets_the_outcome_of_each(container: Container) -> None:
    drafts = [
        deposit("5"),
        draft(WithdrawalDraft("alice", "9")),
        draft(WithdrawalDraft("alice", "5")),
    ]
    async with container.feed().membership(container.pool()):
        answers = await container.submit_batch()(drafts, 5)
    outcomes = [accepted(one).transaction for one in answers]
    assert [one and one.status.value for one in outcomes] == ["posted", "rejected", "posted"]


async def test_a_batchs_key_covers_each_of_its_items_by_its_number(container: Container) -> None:
    drafts = [deposit("5", "batch", 0), deposit("5", "batch", 1), deposit("7", "own")]
    async with container.feed().membership(container.pool()):
        first = await container.submit_batch()(drafts, 5)
        again = await container.submit_batch()(drafts, 5)
        (other,) = await container.submit_batch()([deposit("6", "batch", 1)], 5)
    ids = [accepted(one).receipt.transaction_id for one in first]
    assert len(set(ids)) == 3
    assert [accepted(one).receipt.transaction_id for one in again] == ids
    assert [accepted(one).replayed for one in [*first, *again]] == [False] * 3 + [True] * 3
    assert isinstance(other, IdempotencyConflictError)
    assert other.transaction_id == ids[1]


async def test_one_key_twice_in_a_batch_is_one_transaction(container: Container) -> None:
    async with container.feed().membership(container.pool()):
        first, same, other = await container.submit_batch()(
            [deposit("5", "k"), deposit("5", "k"), deposit("6", "k")], 5
        )
    assert accepted(same).replayed
    assert accepted(same).receipt.position == accepted(first).receipt.position
    assert isinstance(other, IdempotencyConflictError)


class SecondFails(MemoryCommandLog):
    """Confirms every other command only."""

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        return [
            LogUnavailableError("no answer", may_have_been_accepted=True)
            if number % 2
            else await self.append(command)
            for number, command in enumerate(commands)
        ]


async def test_an_item_that_kafka_did_not_confirm_says_so_with_its_id(
    container: Container,
) -> None:
    batch = container.submit_batch()
    log = SecondFails(container.memory_log(), container.clock())
    flaky = SubmitBatch(batch.new_command, log, batch.reader, batch.watch)
    first, second, third = await flaky([deposit(key="a"), deposit(key="b"), deposit(key="c")], 0)
    assert isinstance(second, CommandUnconfirmedError)
    assert second.may_have_been_accepted
    assert second.transaction_id == batch.new_command(deposit(key="b")).transaction_id
    assert [accepted(one).receipt.position.offset for one in (first, third)] == [0, 1]


async def test_one_key_for_two_users_is_one_users(container: Container) -> None:
    bob = draft(DepositDraft("bob", "7"), "k")
    first, second, third = await container.submit_batch()(
        [deposit("5", "k"), bob, deposit("5", "k")], 0
    )
    assert isinstance(second, IdempotencyConflictError)
    ids = [accepted(one).receipt.transaction_id for one in (first, third)]
    assert set(ids) == {second.transaction_id}
