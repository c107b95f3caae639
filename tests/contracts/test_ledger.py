"""What every `Ledger` promises."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from core.entities.account import settlement_account, user_account
from core.entities.chain import GENESIS, Chain
from core.entities.command import Command
from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.money import MAX_AMOUNT_MINOR_UNITS
from core.entities.page import LedgerState, Page
from core.entities.page_row import Condemned
from core.entities.record import Headers, Undecodable
from core.entities.transaction import RejectionCode
from core.errors import FencedError
from core.posting.post import RULES_VERSION
from infra.local.postgres import LocalPostgres
from tests.builders import NOON, broken_record, deposit, record, transfer, withdrawal
from tests.contracts.books_under_test import ADAPTERS, PARTITION, SIMULATED, Books, open_books

ALICE = user_account("alice", "USD")
HOUSE = settlement_account(PARTITION, "USD")
HOSTILE = 'back\\slash \\N \\. "quoted" {json} tab? no: → ü 𝄞 \u00a0 \\x00 \\\\'


@pytest.fixture(params=[*ADAPTERS, SIMULATED])
async def books(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Books]:
    async with open_books(request.param, postgres) as books:
        yield books


def undecodable(offset: int, headers: Headers = (), detail: str = "no JSON") -> DeadLetter:
    one = broken_record(offset, PARTITION, headers=headers)
    assert isinstance(one.content, Undecodable)
    content = one.content._replace(reason=detail)
    return DeadLetter(
        one._replace(content=content),
        DeadLetterReason.UNDECODABLE,
        detail,
        dead_letter_id(one),
    )


async def test_a_partition_never_posted_from_begins_at_offset_0(books: Books) -> None:
    position = await books.ledger.take_over(5)

    assert (position.partition, position.next_offset, position.published_offset) == (5, 0, 0)
    assert position.topic_id is None
    assert position.last_record_hash is None
    assert position.halted is None
    assert position.condemned_in_a_row == 0


async def test_the_position_of_a_partition_that_nobody_took_over_is_the_beginning(
    books: Books,
) -> None:
    position = await books.ledger.position(6)

    assert (position.epoch, position.next_offset, position.halted) == (0, 0, None)


async def test_each_take_over_raises_the_epoch_and_keeps_the_position(books: Books) -> None:
    await books.post(deposit())
    before = await books.ledger.position(PARTITION)

    after = await books.ledger.take_over(PARTITION)

    assert after.epoch == before.epoch + 1
    assert after.next_offset == before.next_offset == 1


async def test_a_page_moves_the_position_and_what_it_remembers(books: Books) -> None:
    books.clock.advance(seconds=60)
    await books.post(deposit(), deposit("bob"))

    position = await books.ledger.position(PARTITION)

    assert position.next_offset == 2
    assert position.last_record_hash == books.run(1).last_record_hash
    assert position.updated_at == books.clock.now()


async def test_a_page_of_an_earlier_owner_is_fenced_and_never_decided(books: Books) -> None:
    await books.ledger.take_over(PARTITION)

    with pytest.raises(FencedError):
        await books.post(deposit())

    assert books.seen == []
    assert await books.reader.account(ALICE) is None


@pytest.mark.parametrize("first_offset", [0, 2])
async def test_a_page_that_does_not_begin_at_the_position_is_fenced(
    books: Books, first_offset: int
) -> None:
    await books.post(deposit())
    books.next_offset = first_offset

    with pytest.raises(FencedError):
        await books.post(deposit())

    account = await books.reader.account(ALICE)
    assert account is not None
    assert account.sequence == 1


async def test_a_page_of_a_halted_partition_is_fenced(books: Books) -> None:
    await books.ledger.halt(PARTITION, books.epoch, "the log has a gap")

    with pytest.raises(FencedError):
        await books.post(deposit())


async def test_a_page_of_a_partition_that_nobody_took_over_is_fenced(books: Books) -> None:
    run = books.run(1)._replace(partition=7)

    with pytest.raises(FencedError):
        await books.ledger.post_page(run, [], books.deciding([]))


async def test_deciding_sees_the_accounts_that_are_open_and_no_others(books: Books) -> None:
    await books.post(deposit(amount=500))
    await books.post(withdrawal(amount=100), withdrawal("nobody"))

    first, second = books.seen

    assert first.accounts == {}
    assert set(second.accounts) == {ALICE, HOUSE}
    assert second.accounts[ALICE].balance == 500
    assert second.accounts[ALICE].opened_at == NOON
    assert second.accounts[HOUSE].balance == -500


async def test_deciding_sees_the_fingerprints_of_ids_that_are_known(books: Books) -> None:
    known = deposit(idempotency_key="k")
    await books.post(known)

    page = await books.post(known, deposit(amount=7, idempotency_key="k"), deposit())

    assert books.seen[1].fingerprints == {known.transaction_id: known.fingerprint}
    assert (page.repeats, page.conflicts, len(page.transactions)) == (1, 1, 1)


async def test_an_id_that_was_refused_is_known_too(books: Books) -> None:
    refused = withdrawal(idempotency_key="k")
    await books.post(refused)

    page = await books.post(refused)

    assert (page.repeats, page.transactions) == (1, ())


async def test_what_deciding_raises_is_passed_on_and_nothing_is_stored(books: Books) -> None:
    class Astray(Exception):
        pass

    def decide(_: LedgerState) -> Page:
        raise Astray

    commands = books.logged(deposit())
    with pytest.raises(Astray):
        await books.ledger.post_page(books.run(1), commands, decide)

    assert (await books.ledger.position(PARTITION)).next_offset == 0
    assert await books.reader.account(ALICE) is None
    await books.post_logged(commands)
    assert await books.reader.account(ALICE) is not None


async def test_deciding_may_raise_what_the_ledger_itself_would(books: Books) -> None:
    def decide(_: LedgerState) -> Page:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        await books.ledger.post_page(books.run(1), books.logged(deposit()), decide)


@pytest.mark.parametrize("count", [1, 8, 63, 64, 200])
async def test_a_page_is_stored_whole_whatever_its_size(books: Books, count: int) -> None:
    commands: list[Command] = []
    for number in range(count):
        who = f"user-{number % 5}"
        commands.append(
            deposit(who, 100 + number, reference=HOSTILE, request_id=HOSTILE)
            if number % 3
            else withdrawal(who, 100_000, idempotency_key=f"key {number} {HOSTILE}")
        )

    page = await books.post(*commands)
    stored = await books.reader.transactions([one.transaction_id for one in commands])

    assert stored == {one.command.transaction_id: one for one in page.transactions}
    assert len(stored) == count
    for account in page.accounts:
        assert await books.reader.account(account.key) == account


async def test_a_page_split_anywhere_leaves_the_same_accounts(books: Books) -> None:
    await books.post(*[deposit("whole", 10 + number) for number in range(100)])
    for number in range(100):
        await books.post(deposit("split", 10 + number))

    whole = await books.reader.account(user_account("whole", "USD"))
    split = await books.reader.account(user_account("split", "USD"))

    assert whole is not None
    assert split is not None
    assert whole._replace(key=split.key) == split


async def test_times_keep_their_microseconds(books: Books) -> None:
    books.clock.advance(seconds=0.123457)
    command = deposit()
    await books.post(command)

    stored = (await books.reader.transactions([command.transaction_id]))[command.transaction_id]

    assert stored.accepted_at == stored.posted_at == NOON + timedelta(microseconds=123457)


async def test_a_refused_command_leaves_no_account_behind(books: Books) -> None:
    page = await books.post(withdrawal("nobody"))

    assert page.transactions[0].rejection is not None
    assert page.transactions[0].rejection.code is RejectionCode.ACCOUNT_NOT_FOUND
    assert await books.reader.account(user_account("nobody", "USD")) is None
    await books.post(withdrawal("nobody"), deposit("nobody", 5))
    account = await books.reader.account(user_account("nobody", "USD"))
    assert account is not None
    assert (account.balance, account.sequence) == (5, 1)


async def test_the_house_may_owe_more_than_a_user_can_have(books: Books) -> None:
    most = MAX_AMOUNT_MINOR_UNITS
    for page in range(10):
        await books.post(*[deposit(f"rich-{page}-{one}", most) for one in range(100)])

    house = await books.reader.account(HOUSE)

    assert house is not None
    assert house.balance == -1_000 * most < -(2**63)
    await books.post(deposit("rich", most))
    assert books.seen[-1].accounts[HOUSE].balance == -1_000 * most


async def test_the_published_offset_goes_with_a_page_and_never_back(books: Books) -> None:
    books.published_offset = 1
    await books.post(deposit(), deposit())
    assert (await books.ledger.position(PARTITION)).published_offset == 1

    books.published_offset = 0
    await books.post(deposit())

    assert (await books.ledger.position(PARTITION)).published_offset == 1


async def test_what_is_published_can_be_marked_without_a_page_and_never_goes_back(
    books: Books,
) -> None:
    await books.post(deposit(), deposit())

    await books.ledger.mark_published(PARTITION, books.epoch, 2)
    await books.ledger.mark_published(PARTITION, books.epoch, 1)

    assert (await books.ledger.position(PARTITION)).published_offset == 2


async def test_dead_letters_are_kept_as_they_lay_in_the_log(books: Books) -> None:
    named = UUID("01890000-0000-7abc-8000-000000000001")
    headers = (("transaction_id", str(named).encode()), ("nul \0 \\", b"\0\xff"), ("", b""))
    applied = record(deposit(), 2, PARTITION)
    empty = undecodable(3).record._replace(key=None, value=None)
    letters = (
        undecodable(0, headers),
        undecodable(1, detail="line\nfeed, \\N, ü"),
        DeadLetter(
            applied,
            DeadLetterReason.NOT_APPLICABLE,
            "ValueError: by itself",
            dead_letter_id(applied),
        ),
        DeadLetter(
            empty,
            DeadLetterReason.UNDECODABLE,
            "no JSON",
            dead_letter_id(empty),
        ),
    )

    await books.condemn(*letters, in_a_row=4)
    outcomes = await books.ledger.outcomes(PARTITION, 0, 4)

    assert tuple(outcomes.dead_letters) == letters
    assert await books.reader.is_dead_letter(named)


async def test_a_dead_letter_whose_reason_quotes_broken_text_is_kept(books: Books) -> None:
    await books.condemn(undecodable(0, detail="it says \0 and \ud800"), in_a_row=1)

    assert len((await books.ledger.outcomes(PARTITION, 0, 1)).dead_letters) == 1


async def test_condemned_records_in_a_row_are_counted_until_a_sound_page(books: Books) -> None:
    await books.condemn(undecodable(0), in_a_row=1)
    await books.condemn(undecodable(1), in_a_row=2)
    assert (await books.ledger.position(PARTITION)).condemned_in_a_row == 2

    await books.post(deposit())

    assert (await books.ledger.position(PARTITION)).condemned_in_a_row == 0


async def test_outcomes_come_in_the_order_of_the_log_and_from_the_stretch_alone(
    books: Books,
) -> None:
    page = await books.post(*[deposit(f"user-{one % 3}", 1 + one) for one in range(6)])
    await books.condemn(undecodable(6), in_a_row=1)
    last = await books.post(withdrawal(amount=10**9))

    outcomes = await books.ledger.outcomes(PARTITION, 2, 8)

    assert list(outcomes.transactions) == [*page.transactions[2:], *last.transactions]
    assert [one.record.position.offset for one in outcomes.dead_letters] == [6]
    assert not (await books.ledger.outcomes(PARTITION + 1, 0, 8)).transactions
    assert not (await books.ledger.outcomes(PARTITION, 8, 8)).transactions


async def test_the_topic_is_remembered(books: Books) -> None:
    await books.ledger.identify_log(PARTITION, books.epoch, "topic-1")

    assert (await books.ledger.take_over(PARTITION)).topic_id == "topic-1"


async def test_a_halt_is_remembered_with_its_reason(books: Books) -> None:
    await books.post(deposit())
    await books.ledger.halt(PARTITION, books.epoch, "the log has a gap")

    position = await books.ledger.take_over(PARTITION)

    assert position.halted == "the log has a gap"
    assert position.next_offset == 1


async def test_only_the_owner_may_identify_halt_or_mark(books: Books) -> None:
    earlier = books.epoch
    await books.ledger.take_over(PARTITION)

    with pytest.raises(FencedError):
        await books.ledger.identify_log(PARTITION, earlier, "topic-1")
    with pytest.raises(FencedError):
        await books.ledger.halt(PARTITION, earlier, "a zombie says so")
    with pytest.raises(FencedError):
        await books.ledger.mark_published(PARTITION, earlier, 1)

    position = await books.ledger.position(PARTITION)
    assert (position.topic_id, position.halted, position.published_offset) == (None, None, 0)


async def test_nothing_is_marked_that_the_books_do_not_have(books: Books) -> None:
    await books.post(deposit(), deposit())

    with pytest.raises(FencedError):
        await books.ledger.mark_published(PARTITION, books.epoch, 3, 99)

    position = await books.ledger.position(PARTITION)
    assert (position.published_offset, position.told_page) == (0, 0)

    [row] = await books.ledger.untold_pages()
    await books.ledger.mark_published(PARTITION, books.epoch, 2, row.number + 1)

    position = await books.ledger.position(PARTITION)
    assert (position.published_offset, position.told_page) == (2, row.number)


async def test_rows_of_pages_are_untold_until_they_are_marked(books: Books) -> None:
    first = await books.post(deposit(), withdrawal("nobody"))
    await books.post(transfer("alice", "bob"))
    rows = await books.ledger.untold_pages()

    assert [row.head for row in rows] == [first.head, books.chain.head]
    one, other = rows
    assert one.number < other.number
    assert (one.partition, one.epoch, one.first_offset, one.next_offset) == (
        *(PARTITION, books.epoch),
        *(0, 2),
    )
    assert (one.transaction_count, one.entry_count, one.rules_version) == (2, 2, RULES_VERSION)
    assert (one.secret, one.condemned) == (books.chain.secret, ())
    heads = await books.ledger.known_heads([one.number, other.number, other.number + 1])
    assert heads == {one.number: one.head, other.number: other.head}

    await books.ledger.mark_published(PARTITION, books.epoch, 2, one.number)
    assert [row.number for row in await books.ledger.untold_pages()] == [other.number]
    await books.ledger.mark_published(PARTITION, books.epoch, 3, other.number)
    await books.ledger.mark_published(PARTITION, books.epoch, 3, one.number)
    assert await books.ledger.untold_pages() == []


async def test_the_row_of_a_page_names_the_records_that_were_condemned(books: Books) -> None:
    await books.condemn(undecodable(0), undecodable(1), in_a_row=2)

    [row] = await books.ledger.untold_pages()

    assert row.condemned == (
        Condemned(0, DeadLetterReason.UNDECODABLE),
        Condemned(1, DeadLetterReason.UNDECODABLE),
    )


async def test_a_page_that_is_posted_again_keeps_its_number_and_later_ones_go_on_from_there(
    books: Books,
) -> None:
    commands = books.logged(deposit())
    again = books.run(1)._replace(number=70)
    await books.ledger.post_page(again, commands, books.deciding(commands))
    books.next_offset += 1
    await books.post(deposit())

    assert [row.number for row in await books.ledger.untold_pages()] == [70, 71]


async def test_a_chain_can_have_another_secret_until_its_first_page(books: Books) -> None:
    adopted = b"another".ljust(32, b"\0")

    assert await books.ledger.adopt_secret(PARTITION, books.epoch, adopted)
    books.chain = await books.ledger.chain(PARTITION)
    assert books.chain == Chain(adopted, GENESIS)
    await books.post(deposit())

    assert not await books.ledger.adopt_secret(PARTITION, books.epoch, b"late".ljust(32, b"\0"))
    assert await books.ledger.chain(PARTITION) == books.chain
    with pytest.raises(FencedError):
        await books.ledger.adopt_secret(PARTITION, books.epoch - 1, adopted)
