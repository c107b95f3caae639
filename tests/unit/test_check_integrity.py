"""What the check in the background knows of the books, cycle after cycle."""

import pytest

from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.integrity_checks import MemoryIntegrityChecks
from core.entities.account import user_account
from core.entities.finding import Figure
from core.entities.integrity import MAX_SILENCE_SECONDS, Cycle, IntegrityStatus
from core.usecases.check_integrity import CheckIntegrity, Step
from core.usecases.read_integrity import ReadIntegrity
from tests.builders import FixedClock, deposit, hold
from tests.contracts.books_under_test import PARTITION, Books, books_over

ALICE = user_account("alice", "USD")
PARTITION_COUNT = 8


class Checking:
    """Books in memory, and who checks the partition that has them."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.store = MemoryBooks()
        self.books: Books = books_over(self.store, self.clock)
        self.checks = MemoryIntegrityChecks()
        audit = MemoryBooksAudit(self.store)
        self.check = CheckIntegrity(audit, self.checks, self.clock, PARTITION_COUNT, 2)
        self.read = ReadIntegrity(self.checks, self.clock, 1)
        self.cycle: Cycle | None = None

    async def step(self) -> Step:
        step = await self.check(PARTITION, self.cycle)
        self.cycle = step.cycle
        return step

    async def whole_cycle(self) -> None:
        while (await self.step()).cycle is not None:
            pass

    def set_balance(self, balance: int) -> None:
        self.store.accounts[ALICE] = self.store.accounts[ALICE]._replace(balance=balance)


@pytest.fixture
async def checking() -> Checking:
    checking = Checking()
    await checking.books.take_over()
    await checking.books.post(*[deposit(amount=10) for _ in range(3)], hold(amount=5))
    return checking


async def test_books_are_unknown_until_all_of_them_were_checked(checking: Checking) -> None:
    assert (await checking.read()).status is IntegrityStatus.UNKNOWN
    assert (await checking.step()).cycle is not None
    assert (await checking.read()).status is IntegrityStatus.UNKNOWN

    await checking.whole_cycle()

    integrity = await checking.read()
    assert integrity.status is IntegrityStatus.OK
    [check] = integrity.partitions
    assert (check.counts.accounts, check.counts.entries, check.counts.holds) == (2, 6, 1)
    assert check.finished_at == checking.clock.now()


async def test_a_balance_changed_by_hand_is_named_within_a_cycle(checking: Checking) -> None:
    await checking.whole_cycle()
    checking.set_balance(31)

    await checking.whole_cycle()

    integrity = await checking.read()
    assert integrity.status is IntegrityStatus.BROKEN
    [finding] = integrity.partitions[0].findings
    assert finding[:4] == (Figure.BALANCE, "30", "31", ALICE)


async def test_a_finding_is_told_before_its_cycle_ends(checking: Checking) -> None:
    await checking.whole_cycle()
    checking.set_balance(31)

    while not (await checking.step()).check.findings:
        assert checking.cycle is not None, "the cycle ended without it"

    assert checking.cycle is not None
    assert (await checking.read()).status is IntegrityStatus.BROKEN


async def test_a_finding_stays_until_a_whole_cycle_has_not_found_it_again(
    checking: Checking,
) -> None:
    checking.set_balance(31)
    await checking.whole_cycle()
    checking.set_balance(30)

    await checking.step()
    assert (await checking.read()).status is IntegrityStatus.BROKEN
    await checking.whole_cycle()

    assert (await checking.read()).status is IntegrityStatus.OK


async def test_a_finding_that_lasts_is_kept_once(checking: Checking) -> None:
    checking.set_balance(31)
    await checking.whole_cycle()
    checking.clock.advance(60)

    counts = [len((await checking.step()).check.findings)]
    while checking.cycle is not None:
        counts.append(len((await checking.step()).check.findings))

    assert set(counts) == {1}


async def test_books_that_nobody_checks_any_more_are_unknown(checking: Checking) -> None:
    await checking.whole_cycle()
    checking.clock.advance(MAX_SILENCE_SECONDS + 1)

    assert (await checking.read()).status is IntegrityStatus.UNKNOWN
