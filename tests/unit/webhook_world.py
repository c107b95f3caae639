"""The webhooks' process in memory: its clock stands still, endpoints answer as they are told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.inbound.webhooks.bodies import WebhookBodies
from adapters.inbound.webhooks.courier import Courier, CourierLimits
from adapters.inbound.webhooks.dispatch import Dispatch
from adapters.inbound.webhooks.intake import EventIntake
from adapters.inbound.webhooks.upkeep import Upkeep
from adapters.metrics.instruments import Metrics
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.event_feed import MemoryEventFeed
from adapters.outbound.memory.event_log import MemoryEventLog
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.webhooks.endpoints import MemoryWebhookEndpoints, MemoryWebhookLog
from adapters.outbound.memory.webhooks.intake import (
    MemoryWebhookIntake,
    MemoryWebhookReplays,
    MemoryWebhookUpkeep,
)
from adapters.outbound.memory.webhooks.queue import MemoryWebhookQueue
from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from adapters.outcome_events import event_of
from adapters.representations import Representations
from core.entities.page import PageRun
from core.entities.transaction import Transaction
from core.entities.webhooks.delivery import Attempt
from core.entities.webhooks.endpoint import Endpoint
from core.ports.webhooks.sender import Call
from core.posting.post import post
from core.usecases.checks import Checks
from core.usecases.list_transactions import ListTransactions
from core.usecases.webhooks.work_off_replay import WorkOffReplay
from tests.builders import PARTITIONS, FixedClock, deposit, endpoint, logged, partition_for
from tests.unit.http.world import CURRENCIES, Foreseen, World

SECRET: Final = "whsec_" + "c2VjcmV0" * 5
PARTITION: Final = partition_for("alice")
Answer = Callable[[Call], Awaitable[int]]


def says(status: int) -> Answer:
    async def answer(_: Call) -> int:
        return status

    return answer


async def hangs(_: Call) -> int:
    """Until the test is over."""
    await asyncio.Event().wait()
    raise AssertionError


@dataclass
class Endpoints:
    """A `WebhookSender` in which every URL answers as it is told."""

    clock: FixedClock
    answers: dict[str, Answer] = field(default_factory=dict)
    retry_after_seconds: int | None = None
    calls: list[Call] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def send(self, call: Call) -> Attempt:
        self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0)
        try:
            status = await self.answers.get(call.url, says(204))(call)
        finally:
            self.in_flight -= 1
        return Attempt(call.at, 0.1, status, None, b"", self.retry_after_seconds)

    def ids(self, url: str) -> list[str]:
        return [one.message_id for one in self.calls if one.url == url]


class WebhookWorld:
    """Books, what was told of them, and the process that tells endpoints."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self.clock = FixedClock()
        self.metrics = metrics or Metrics()
        self.books = MemoryBooks()
        self.ledger = MemoryLedger(self.books, self.clock)
        self.events = MemoryEventLog(PARTITIONS, self.clock)
        self.store = MemoryWebhookStore()
        self.endpoints = MemoryWebhookEndpoints(self.store)
        self.log = MemoryWebhookLog(self.store)
        self.replays = MemoryWebhookReplays(self.store)
        self.queue = MemoryWebhookQueue(self.store)
        self.reader = MemoryLedgerReader(self.books)
        self.sender = Endpoints(self.clock)
        self.representations = Representations(CURRENCIES)
        self.courier = Courier(
            queue=self.queue,
            bodies=WebhookBodies(self.reader, self.representations),
            sender=self.sender,
            clock=self.clock,
            chance=Foreseen(),
            metrics=self.metrics.webhooks,
            limits=CourierLimits(),
        )
        self.dispatch = Dispatch(self.queue, self.courier, self.clock, drain_seconds=5)
        self.intake = EventIntake(
            feed=MemoryEventFeed(self.events),
            intake=MemoryWebhookIntake(self.store),
            endpoints=self.endpoints,
            clock=self.clock,
            metrics=self.metrics.webhooks,
            arrived=self.dispatch.arrived,
        )

        self.care = Upkeep(
            upkeep=MemoryWebhookUpkeep(self.store),
            work_off_replay=WorkOffReplay(
                self.replays,
                ListTransactions(Checks(CURRENCIES, "USD", PARTITIONS), self.reader, World()),
                self.clock,
            ),
            arrived=self.dispatch.arrived,
            clock=self.clock,
            metrics=self.metrics.webhooks,
            kept_days=30,
        )

    async def added(self, url: str = "https://example.com/hook") -> Endpoint:
        one = endpoint(url)
        await self.endpoints.add(one, SECRET, 100)
        return one

    async def posted(self, count: int = 1) -> list[str]:
        """Post so many deposits, and tell of them; their ids."""
        position = await self.ledger.take_over(PARTITION)
        start = position.next_offset
        commands = [
            logged(deposit("alice"), start + number, PARTITION, self.clock.now())
            for number in range(count)
        ]
        run = PageRun(PARTITION, position.epoch, start, start + count, b"", start)
        page = await self.ledger.post_page(run, commands, lambda state: post(commands, state))
        for transaction in page.transactions:
            self.tell(transaction)
        return [str(one.command.transaction_id) for one in commands]

    def tell(self, transaction: Transaction) -> None:
        self.events.append(PARTITION, event_of(transaction, self.representations))
