"""`counterfoil lag` compares the log with the ledger, whatever state they are in."""

import pytest

from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_feed import MemoryCommandFeed
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.log import MemoryLog
from adapters.outbound.memory.partitions import MemoryPartitions
from core.entities.lag import PartitionLag
from core.entities.page import PageRun
from core.posting.post import post
from core.usecases.measure_lag import MeasureLag
from tests.builders import PARTITIONS, FixedClock, deposit, partition_for

PARTITION = partition_for("alice")


class Product:
    """A log and books, and the use case over them."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.log = MemoryLog(PARTITIONS)
        self.command_log = MemoryCommandLog(self.log, self.clock)
        books = MemoryBooks()
        self.ledger = MemoryLedger(books, self.clock)
        self.measure = MeasureLag(
            MemoryPartitions(books, self.clock),
            MemoryCommandFeed(self.log),
            self.clock,
            PARTITIONS,
        )

    async def accept(self, count: int) -> None:
        for _ in range(count):
            await self.command_log.append(deposit("alice"))

    async def post(self, count: int) -> None:
        owned = await self.ledger.take_over(PARTITION)
        run = PageRun(PARTITION, owned.epoch, owned.next_offset, count, b"", 0)
        await self.ledger.post_page(run, [], lambda state: post([], state))

    async def lag(self) -> PartitionLag:
        return (await self.measure())[PARTITION]


@pytest.fixture
def product() -> Product:
    return Product()


async def test_every_partition_is_told_of_in_order_also_those_never_posted_from(
    product: Product,
) -> None:
    lags = await product.measure()
    assert lags == [PartitionLag(number, 0, 0, None, None) for number in range(PARTITIONS)]


async def test_the_oldest_record_that_waits_is_the_first_not_posted(product: Product) -> None:
    await product.accept(2)
    product.clock.advance(40)
    await product.accept(3)
    await product.post(2)
    product.clock.advance(2.5)
    lag = await product.lag()
    assert (lag.end_offset, lag.next_offset, lag.records) == (5, 2, 3)
    assert lag.oldest_age_seconds == 2.5


async def test_a_halted_partition_says_why(product: Product) -> None:
    await product.accept(1)
    await product.ledger.take_over(PARTITION)
    await product.ledger.halt(PARTITION, 1, "the log has a gap")
    lag = await product.lag()
    assert (lag.halted, lag.records) == ("the log has a gap", 1)


async def test_a_log_that_was_recreated_has_no_lag(product: Product) -> None:
    await product.accept(3)
    await product.post(3)
    product.log.recreate()
    lag = await product.lag()
    assert (lag.end_offset, lag.records, lag.oldest_age_seconds) == (0, 0, None)


async def test_a_record_that_retention_ate_has_no_age(product: Product) -> None:
    await product.accept(3)
    product.log.delete_before(PARTITION, 2)
    lag = await product.lag()
    assert (lag.records, lag.oldest_age_seconds) == (3, None)
