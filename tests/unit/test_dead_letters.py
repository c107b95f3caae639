"""Dead letters, from the record that was condemned to what its client hears in the end."""

from collections.abc import AsyncIterator

import pytest

from adapters.records import encode
from bootstrap import Container, make_container
from core.entities.command import ANONYMOUS_CLIENT, Command
from core.entities.dead_letter import (
    DEAD_LETTER_CLIENT,
    DeadLetter,
    DeadLetterReason,
    FiledLetter,
    LetterFilter,
    LetterState,
    dead_letter_id,
)
from core.entities.orders import Discard
from core.entities.position import Position
from core.entities.receipt import Pending
from core.entities.record import Headers
from core.entities.shard import partition_of, shard_of
from core.entities.transaction import RejectionCode, Transaction
from core.entities.transaction_id import keyed_transaction_id, shard_of_id
from core.refusals import InvalidFieldError
from core.usecases.dead_letter_errors import DeadLetterError
from core.usecases.discard_dead_letter import discard_of
from core.usecases.drafts import CommandDraft, DepositDraft
from core.usecases.follow_dead_letters import Decided
from core.usecases.requeue_dead_letter import REQUEUED_FROM_HEADER
from entrypoints.settings import Profile, Settings
from tests.builders import NOON, PARTITIONS, broken_record, deposit, partition_for, unkeyed_id

HELD = LetterFilter()
SECONDS = 5.0


@pytest.fixture
async def container() -> AsyncIterator[Container]:
    made = make_container(Settings(profile=Profile.MEMORY, partitions=PARTITIONS).model_dump())
    async with made.watch(), made.feed().membership(made.pool()):
        yield made


async def condemned(
    container: Container,
    value: bytes | None,
    headers: Headers = (),
    partition: int = 0,
) -> FiledLetter:
    """What such a record became, once it was read."""
    position = container.memory_log().append(partition, b"key", value, headers, NOON)
    assert await container.watch().passed(position, SECONDS)
    return await container.dead_letter_verbs().find(str(position))


async def astray(container: Container, one: Command) -> FiledLetter:
    """A good command, condemned for lying where none of its user's may."""
    encoded = encode(one)
    home = partition_of(shard_of_id(one.transaction_id), PARTITIONS)
    elsewhere = (home + 1) % PARTITIONS
    return await condemned(container, encoded.value, encoded.headers, elsewhere)


async def outcome(container: Container, decided: Decided) -> Transaction | DeadLetter | None:
    (one,) = await container.dead_letter_verbs().follow([decided], SECONDS)
    return one


async def state(container: Container, filed: FiledLetter) -> LetterState:
    return (await container.dead_letter_verbs().find(str(filed.position))).state


async def test_a_good_record_that_is_requeued_twice_is_posted_once(container: Container) -> None:
    one = deposit()
    filed = await astray(container, one)
    requeue = container.requeue_dead_letter()

    first, second = await requeue(filed), await requeue(filed)

    posted = await outcome(container, first)
    assert isinstance(posted, Transaction)
    assert (posted.command, posted.position, posted.rejection) == (one, first.position, None)
    assert await outcome(container, second) == posted
    assert await state(container, filed) is LetterState.POSTED
    balance = await container.read_balance()("alice", None, str(second.position))
    assert (balance.balance, balance.sequence) == (10_050, 1)


async def test_a_requeued_record_goes_where_it_belongs_byte_for_byte(
    container: Container,
) -> None:
    filed = await astray(container, deposit())

    decided = await container.requeue_dead_letter()(filed)

    assert decided.position.partition == partition_for("alice")
    (again,) = container.memory_log().records(*decided.position, 1)
    before = filed.letter.record
    assert (again.key, again.value) == (before.key, before.value)
    assert list(again.headers) == [
        *before.headers,
        (REQUEUED_FROM_HEADER, str(filed.position).encode()),
    ]


async def test_a_record_that_is_condemned_again_stands_for_the_one_before(
    container: Container,
) -> None:
    dead = unkeyed_id("alice")
    headers = [("transaction_id", str(dead).encode())]
    filed = await condemned(container, b"\xff", headers, partition_for("alice"))
    requeue = container.requeue_dead_letter()

    decided = await requeue(filed, even_unreadable=True)

    again = await outcome(container, decided)
    assert isinstance(again, DeadLetter)
    assert (again.record.position, again.transaction_id) == (decided.position, dead)
    assert await state(container, filed) is LetterState.REQUEUED
    (held,) = [one async for one in container.dead_letter_verbs().list_letters(HELD)]
    assert held.letter == again

    third = await outcome(container, await requeue(held, even_unreadable=True))
    assert isinstance(third, DeadLetter)
    # One header says where it came from, however often it was requeued.
    assert dict(third.record.headers)[REQUEUED_FROM_HEADER] == str(held.position).encode()
    assert len(third.record.headers) == len(headers) + 1


async def test_what_this_version_cannot_read_is_requeued_only_on_purpose(
    container: Container,
) -> None:
    filed = await condemned(container, b"\xff")
    end = await container.command_log().end(filed.position.partition)

    with pytest.raises(DeadLetterError, match="cannot be read yet: "):
        await container.requeue_dead_letter()(filed)

    assert await container.command_log().end(filed.position.partition) == end


async def test_of_a_record_without_an_id_the_copy_is_another_dead_letter(
    container: Container,
) -> None:
    filed = await condemned(container, b"\xff")

    decided = await container.requeue_dead_letter()(filed, even_unreadable=True)

    assert isinstance(await outcome(container, decided), DeadLetter)
    held = [one async for one in container.dead_letter_verbs().list_letters(HELD)]
    assert [one.position for one in held] == [decided.position]
    ended = await container.dead_letter_verbs().find(str(filed.position))
    assert ended.decision is not None
    assert ended.decision.rejection is not None
    assert ended.decision.rejection.facts == {"reason": f"requeued to {decided.position}"}


async def test_a_discarded_command_is_rejected_and_its_client_hears_why(
    container: Container,
) -> None:
    one = deposit()
    filed = await astray(container, one)
    read = container.read_transaction()
    assert await read(str(one.transaction_id), None) == Pending(
        one.transaction_id, None, held_for_operator=True
    )

    decided = await container.discard_dead_letter()(filed, "sent twice")

    told = await outcome(container, decided)
    assert isinstance(told, Transaction)
    assert told.rejection is not None
    assert told.rejection.code is RejectionCode.DISCARDED
    assert told.rejection.facts == {"reason": "sent twice"}
    assert await read(str(one.transaction_id), None) == told
    assert await state(container, filed) is LetterState.DISCARDED


async def test_what_is_decided_is_neither_requeued_nor_discarded(container: Container) -> None:
    filed = await astray(container, deposit())
    await outcome(container, await container.requeue_dead_letter()(filed))
    now = await container.dead_letter_verbs().find(str(filed.letter.transaction_id))

    with pytest.raises(DeadLetterError, match="was posted at "):
        await container.requeue_dead_letter()(now)
    with pytest.raises(DeadLetterError, match="was posted at "):
        await container.discard_dead_letter()(now, "too late")


async def test_a_discard_that_comes_after_the_requeued_record_changes_nothing(
    container: Container,
) -> None:
    filed = await astray(container, deposit())
    requeued = await container.requeue_dead_letter()(filed)
    discarded = await container.discard_dead_letter()(filed, "by another operator")

    posted = await outcome(container, discarded)

    assert isinstance(posted, Transaction)
    assert (posted.position, posted.rejection) == (requeued.position, None)


def draft() -> CommandDraft:
    order = DepositDraft("alice", "100.50")
    return CommandDraft(order, None, None, ANONYMOUS_CLIENT, "key-1", "request-1")


@pytest.mark.parametrize("is_readable", [True, False])
async def test_a_client_that_tries_again_after_a_discard_is_told_of_it(
    container: Container, is_readable: bool
) -> None:
    """Not of a conflict: nobody can say what the record under this key was."""
    one = deposit(idempotency_key="key-1")
    if is_readable:
        filed = await astray(container, one)
    else:
        headers = [("transaction_id", str(one.transaction_id).encode())]
        filed = await condemned(container, b"\xff", headers, partition_for("alice"))
    await outcome(container, await container.discard_dead_letter()(filed, "sent twice"))

    accepted = await container.submit_command()(draft(), SECONDS)

    assert accepted.replayed
    assert accepted.transaction is not None
    assert isinstance(accepted.transaction.command.order, Discard)
    found = await container.find_transactions()(ANONYMOUS_CLIENT, "key-1")
    assert bool(found) == is_readable


def test_a_discard_bears_the_name_of_whose_command_it_was_where_that_can_be_read() -> None:
    for content_of, expected in (
        (deposit(idempotency_key="key-1"), (ANONYMOUS_CLIENT, "key-1")),
        (None, (DEAD_LETTER_CLIENT, None)),
    ):
        one = broken_record(3, 5)
        if content_of is not None:
            one = one._replace(content=content_of)
        letter = DeadLetter(one, DeadLetterReason.UNDECODABLE, "no JSON", dead_letter_id(one))
        command = discard_of(FiledLetter(1, letter, has_newer=False, decision=None), "why")
        assert (command.client, command.idempotency_key) == expected
        assert command.transaction_id == letter.transaction_id


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\nb", "a\0b", "\x1b[2J"])
async def test_a_discard_says_why_in_a_line(container: Container, reason: str) -> None:
    filed = await astray(container, deposit())
    with pytest.raises(InvalidFieldError, match="reason"):
        await container.discard_dead_letter()(filed, reason)
    assert await state(container, filed) is LetterState.HELD


@pytest.mark.parametrize("name", ["", "3", "x:1", "3:", "nonsense", "5:99", str(unkeyed_id("bob"))])
async def test_what_is_no_dead_letter_is_not_found_in_words(
    container: Container, name: str
) -> None:
    with pytest.raises(DeadLetterError):
        await container.dead_letter_verbs().find(name)


def test_the_id_of_a_record_without_one_is_pinned_and_lies_in_its_partition() -> None:
    one = broken_record(17, 5)
    assert str(dead_letter_id(one)) == "9de9528d-76ef-8005-adfd-70ad3433c83c"
    assert shard_of_id(dead_letter_id(one)) == 5
    assert dead_letter_id(one._replace(position=Position(5, 18))) != dead_letter_id(one)
    assert dead_letter_id(one._replace(value=b"\xfe")) != dead_letter_id(one)
    ours = keyed_transaction_id("client", "key", shard_of("alice"))
    headers = (("transaction_id", str(ours).encode()),)
    assert dead_letter_id(broken_record(headers=headers)) == ours
