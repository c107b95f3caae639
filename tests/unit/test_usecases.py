"""Submitting and reading, on the fakes: what is promised when something is late or away."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import pytest

from adapters.inbound.worker.pool import WorkerPool
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from bootstrap import Container, make_container
from core.entities.account import AccountKey
from core.entities.command import ANONYMOUS_CLIENT, Command
from core.entities.position import Position
from core.entities.receipt import Pending
from core.entities.shard import shard_of
from core.entities.statement import StatementOrder
from core.entities.transaction import Transaction, TransactionStatus
from core.errors import LedgerUnavailableError, LogUnavailableError
from core.ports.command_log import Appended, LogOffsets
from core.refusals import (
    AccountNotFoundError,
    IdempotencyConflictError,
    InvalidFieldError,
    NotYetPostedError,
    TransactionNotFoundError,
)
from core.usecases import freshness, read_transaction
from core.usecases.drafts import CommandDraft, DepositDraft, WithdrawalDraft
from core.usecases.read_transaction import ReadTransaction
from core.usecases.statement_draft import StatementDraft
from core.usecases.submit_command import SubmitCommand
from entrypoints.settings import Profile, Settings
from tests.builders import broken_record, partition_for, unkeyed_id
from tests.eventually import eventually


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_transaction, "CATCH_UP_SECONDS", 0.05)
    monkeypatch.setattr(freshness, "READ_WAIT_SECONDS", 0.05)


@pytest.fixture
async def container() -> AsyncIterator[Container]:
    made = make_container(Settings(profile=Profile.MEMORY).model_dump())
    async with made.watch():
        yield made


@asynccontextmanager
async def posting(container: Container) -> AsyncIterator[WorkerPool]:
    async with container.feed().membership(container.pool()):
        yield container.pool()


def draft(
    amount: str = "5", user_id: str = "alice", key: str | None = None, verb: str = "deposit"
) -> CommandDraft:
    order = DepositDraft if verb == "deposit" else WithdrawalDraft
    return CommandDraft(order(user_id, amount), None, None, ANONYMOUS_CLIENT, key, "request-1")


async def test_a_receipt_tells_where_the_command_lies(container: Container) -> None:
    accepted = await container.submit_command()(draft(), 0)
    assert accepted.transaction is None
    assert accepted.receipt.position == (partition_for("alice"), 0)


async def test_who_waits_gets_the_transaction(container: Container) -> None:
    async with posting(container):
        accepted = await container.submit_command()(draft(), 5)
    assert accepted.transaction is not None
    assert accepted.transaction.status is TransactionStatus.POSTED
    assert not accepted.replayed


async def test_who_waits_in_vain_gets_the_receipt(container: Container) -> None:
    accepted = await container.submit_command()(draft(), 0.05)
    assert accepted.transaction is None


@pytest.mark.parametrize("wait_seconds", [0, 5])
async def test_a_retry_with_its_key_is_the_same_transaction(
    container: Container, wait_seconds: float
) -> None:
    async with posting(container):
        first = await container.submit_command()(draft(key="k"), 5)
        second = await container.submit_command()(draft("5.00", key="k"), wait_seconds)
    assert second.replayed
    assert second.receipt == first.receipt
    assert second.transaction == first.transaction
    assert len(container.memory_books().transactions) == 1


async def test_retries_that_overtake_posting_are_one_transaction(container: Container) -> None:
    submit = container.submit_command()
    receipts = [(await submit(draft(key="k"), 0)).receipt for _ in range(3)]
    assert len({one.transaction_id for one in receipts}) == 1
    assert len({one.position for one in receipts}) == 3
    async with posting(container):
        last = await submit(draft(key="k"), 5)
    assert last.replayed
    assert container.memory_books().accounts[_alice()].balance == 500


@pytest.mark.parametrize(
    "other", [draft("6", key="k"), draft(verb="withdraw", key="k"), draft("5", "bob", "k")]
)
async def test_a_key_that_belongs_to_another_command_is_refused(
    container: Container, other: CommandDraft
) -> None:
    async with posting(container):
        first = await container.submit_command()(draft(key="k"), 5)
        with pytest.raises(IdempotencyConflictError) as refused:
            await container.submit_command()(other, 0)
    assert refused.value.transaction_id == first.receipt.transaction_id


async def test_who_waits_for_a_conflict_in_the_log_is_told(container: Container) -> None:
    await container.submit_command()(draft(key="k"), 0)
    submit = container.submit_command()
    blind = SubmitCommand(submit.new_command, submit.log, LedgerAway(container), submit.watch)
    async with posting(container):
        with pytest.raises(IdempotencyConflictError):
            await blind(draft("6", key="k"), 5)


class LedgerAway(MemoryLedgerReader):
    """Finds no key, since it cannot be reached."""

    def __init__(self, container: Container) -> None:
        super().__init__(container.memory_books())

    async def transaction_by_key(self, client: str, idempotency_key: str) -> Transaction | None:
        raise LedgerUnavailableError("away")

    async def transactions_by_keys(
        self, client: str, idempotency_keys: Sequence[str]
    ) -> Mapping[str, Transaction]:
        raise LedgerUnavailableError("away")


class Late(MemoryLedgerReader):
    """A ledger that has not posted anything yet, whatever lies in the log."""

    async def next_offsets(self) -> Mapping[int, int]:
        return {}

    async def transactions(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        return {}


class LogAway:
    """A log that cannot be reached."""

    async def append(self, command: Command) -> Appended:
        raise LogUnavailableError("away", may_have_been_accepted=False)

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        return [LogUnavailableError("away", may_have_been_accepted=False) for _ in commands]

    async def end(self, partition: int) -> int:
        raise LogUnavailableError("away", may_have_been_accepted=False)

    async def offsets_after(self, time: datetime) -> LogOffsets:
        raise LogUnavailableError("away", may_have_been_accepted=False)


async def test_accepting_goes_on_without_the_books(container: Container) -> None:
    submit = container.submit_command()
    blind = SubmitCommand(submit.new_command, submit.log, LedgerAway(container), submit.watch)
    first, second = await blind(draft(key="k"), 0), await blind(draft(key="k"), 0)
    assert first.receipt.transaction_id == second.receipt.transaction_id


async def test_an_accepted_id_is_pending_and_then_decided(container: Container) -> None:
    receipt = (await container.submit_command()(draft(), 0)).receipt
    transaction_id, position = str(receipt.transaction_id), str(receipt.position)
    read = container.read_transaction()
    assert await read(transaction_id, position) == Pending(receipt.transaction_id, receipt.position)
    assert await read(transaction_id, None) == Pending(receipt.transaction_id, None)
    async with posting(container):
        assert await container.watch().passed(receipt.position, 5)
        found = await read(transaction_id, None)
    assert isinstance(found, Transaction)


async def test_an_unknown_id_is_unknown_even_with_a_position_ahead_of_the_log(
    container: Container,
) -> None:
    unknown = str(unkeyed_id("alice"))
    for position in (None, f"{partition_for('alice')}:7", "0:3"):
        with pytest.raises(TransactionNotFoundError):
            await container.read_transaction()(unknown, position)


@pytest.mark.parametrize(
    "text", ["", "x", "7f0c2d3e-94b6-4b1e-9c53-0a4f0c3a1d11", "{0}", "urn:uuid:{0}"]
)
async def test_what_is_no_id_of_ours_is_unknown(container: Container, text: str) -> None:
    with pytest.raises(TransactionNotFoundError):
        await container.read_transaction()(text.format(unkeyed_id("alice").hex), None)


async def test_an_id_that_is_behind_the_log_is_never_unknown(container: Container) -> None:
    receipt = (await container.submit_command()(draft(), 0)).receipt
    other = unkeyed_id("alice")
    assert await container.read_transaction()(str(other), None) == Pending(other, None)
    assert receipt.transaction_id != other


async def test_with_some_posted_an_accepted_id_is_still_pending(container: Container) -> None:
    async with posting(container):
        await container.submit_command()(draft(), 5)
    waiting = [(await container.submit_command()(draft(), 0)).receipt for _ in range(3)]
    for receipt in waiting:
        found = await container.read_transaction()(str(receipt.transaction_id), None)
        assert found == Pending(receipt.transaction_id, None)


async def test_a_halted_partition_has_passed_nothing(container: Container) -> None:
    partition = partition_for("alice")
    async with posting(container):
        for _ in range(3):
            await container.submit_command()(draft(), 5)
    container.memory_log().recreate()
    async with posting(container) as pool:
        await eventually(lambda: pool.workers[partition].halted is not None)
        receipt = (await container.submit_command()(draft(), 0)).receipt
        found = await container.read_transaction()(
            str(receipt.transaction_id), str(receipt.position)
        )
        assert found == Pending(receipt.transaction_id, receipt.position)
        with pytest.raises(NotYetPostedError):
            await container.read_balance()("alice", None, str(receipt.position))


async def test_with_the_log_away_a_receipts_position_is_believed(container: Container) -> None:
    receipt = (await container.submit_command()(draft(), 0)).receipt
    read = container.read_transaction()
    blind = ReadTransaction(read.checks, LogAway(), read.reader, read.watch)
    transaction_id = str(receipt.transaction_id)
    assert isinstance(await blind(transaction_id, str(receipt.position)), Pending)
    with pytest.raises(LogUnavailableError):
        await blind(transaction_id, None)


async def test_a_dead_letter_is_pending_and_says_so(container: Container) -> None:
    dead = unkeyed_id("alice")
    broken = broken_record(headers=[("transaction_id", str(dead).encode())])
    container.memory_log().append(
        partition_for("alice"), broken.key, broken.value, broken.headers, broken.recorded_at
    )
    async with posting(container):
        assert await container.watch().outcome(dead, (await _end(container)), 5) is None
        found = await container.read_transaction()(str(dead), None)
    assert found == Pending(dead, None, held_for_operator=True)


async def test_reads_wait_for_their_position(container: Container) -> None:
    receipt = (await container.submit_command()(draft(), 0)).receipt
    position = str(receipt.position)
    with pytest.raises(NotYetPostedError):
        await container.read_balance()("alice", None, position)
    async with posting(container):
        assert await container.watch().passed(receipt.position, 5)
        assert (await container.read_balance()("alice", None, position)).balance == 500


async def test_an_account_that_was_never_posted_to_is_not_found(container: Container) -> None:
    async with posting(container):
        await container.submit_command()(draft(verb="withdraw"), 5)
        with pytest.raises(AccountNotFoundError):
            await container.read_balance()("alice", None, None)
        with pytest.raises(AccountNotFoundError):
            await container.read_statement()(StatementDraft("alice"))


@pytest.mark.parametrize("order", list(StatementOrder))
async def test_pages_of_a_statement_neither_repeat_nor_miss_while_money_moves(
    container: Container, order: StatementOrder
) -> None:
    submit, read = container.submit_command(), container.read_statement()
    async with posting(container):
        for number in range(1, 8):
            await submit(draft(str(number)), 5)
        seen: list[int] = []
        cursor: str | None = None
        while True:
            statement = await read(StatementDraft("alice", order=order, limit=3, cursor=cursor))
            seen += [entry.sequence for entry in statement.entries]
            assert (statement.opening_balance, statement.closing_balance) == (0, 2_800)
            await submit(draft("1000"), 5)
            if statement.next_cursor is None:
                break
            cursor = str(statement.next_cursor)
    assert seen == sorted(range(1, 8), reverse=order is StatementOrder.DESCENDING)


async def test_a_cursor_belongs_to_its_query(container: Container) -> None:
    submit, read = container.submit_command(), container.read_statement()
    async with posting(container):
        for user_id in ("alice", "alice", "bob"):
            await submit(draft(user_id=user_id), 5)
        page = await read(StatementDraft("alice", limit=1))
        cursor = str(page.next_cursor)
        for other in (
            StatementDraft("bob", cursor=cursor),
            StatementDraft("alice", order=StatementOrder.ASCENDING, cursor=cursor),
            StatementDraft("alice", cursor=cursor + "x"),
        ):
            with pytest.raises(InvalidFieldError):
                await read(other)


def _alice() -> AccountKey:
    return AccountKey(shard_of("alice"), "alice", "USD")


async def _end(container: Container) -> Position:
    partition = partition_for("alice")
    return Position(partition, await container.command_log().end(partition) - 1)
