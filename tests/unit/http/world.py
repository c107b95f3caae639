"""The whole product behind the HTTP side, in memory, posting when it is told to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse, ClientSession

from adapters.inbound.http.app import ApiParts, HealthParts, build_app
from adapters.inbound.http.handlers.webhooks import WebhookUseCases
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.server import HttpServer
from adapters.live_events.limits import StreamLimits
from adapters.live_events.streams import EventStreams
from adapters.metrics.instruments import Metrics
from adapters.outbound.memory.audit.books_audit import MemoryBooksAudit
from adapters.outbound.memory.books import MemoryBooks
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.integrity_checks import MemoryIntegrityChecks
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.ledger_reader import MemoryLedgerReader
from adapters.outbound.memory.log import MemoryLog
from adapters.outbound.memory.signed_heads import MemorySignedHeads
from adapters.outbound.memory.webhooks.endpoints import MemoryWebhookEndpoints, MemoryWebhookLog
from adapters.outbound.memory.webhooks.intake import MemoryWebhookReplays
from adapters.outbound.memory.webhooks.queue import MemoryWebhookQueue
from adapters.outbound.memory.webhooks.store import MemoryWebhookStore
from adapters.outbound.system.currencies import IsoCurrencies
from adapters.outbound.system.ids import SystemIds
from adapters.representations import Representations
from core.entities.chain import Chain
from core.entities.command import Command, LoggedCommand
from core.entities.integrity import Cycle
from core.entities.page import LedgerState, Page, PageRun
from core.entities.position import Position
from core.entities.record import Record
from core.entities.transaction import Transaction
from core.entities.transaction_id import with_shard
from core.entities.webhooks.delivery import Attempt, Made
from core.entities.webhooks.schedule import settled
from core.posting.post import post
from core.proof.chain import head_after_page
from core.usecases.accepting import NewCommand
from core.usecases.check_integrity import CheckIntegrity
from core.usecases.checks import Checks
from core.usecases.export_statement import ExportStatement
from core.usecases.find_transactions import FindTransactions
from core.usecases.follow_events import FollowEvents
from core.usecases.list_accounts import ListAccounts
from core.usecases.list_holds import ListHolds
from core.usecases.list_transactions import ListTransactions
from core.usecases.read_balance import ReadBalance
from core.usecases.read_balances import ReadBalances
from core.usecases.read_hold import ReadHold
from core.usecases.read_integrity import ReadIntegrity
from core.usecases.read_past_balances import ReadPastBalances
from core.usecases.read_proof import ReadProof
from core.usecases.read_signed_heads import ReadSignedHeads
from core.usecases.read_statement import ReadStatement
from core.usecases.read_transaction import ReadTransaction
from core.usecases.sign_heads import SignHeads
from core.usecases.submit_batch import SubmitBatch
from core.usecases.submit_command import SubmitCommand
from core.usecases.webhooks.add_endpoint import AddEndpoint
from core.usecases.webhooks.call_endpoint import CallEndpoint
from core.usecases.webhooks.change_endpoint import ChangeEndpoint
from core.usecases.webhooks.fields import WebhookFields
from core.usecases.webhooks.read_deliveries import ReadDeliveries
from core.usecases.webhooks.read_endpoint import ReadEndpoint
from core.usecases.webhooks.remove_endpoint import RemoveEndpoint
from core.usecases.webhooks.replay_events import ReplayEvents
from core.usecases.webhooks.rotate_secret import RotateSecret
from tests.builders import PARTITIONS, FixedClock
from tests.proving import SIGNER, PublishedHeads
from tests.staged_feed import StagedFeed
from tests.unit.http.conformance import assert_described

CURRENCIES = IsoCurrencies()
MAX_ENDPOINTS = 3
STREAM_LIMITS = StreamLimits(max_streams=3, max_catch_ups=1)
JSON = {"Content-Type": "application/json"}


class Breakable:
    """Stands before a port; while there is an `error`, every method raises it."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        if self.error is None:
            return getattr(self._port, name)
        return self._raise

    async def _raise(self, *_: object) -> None:
        assert self.error is not None
        raise self.error


class Foreseen:
    """`Ids` and `Chance` that give the same in every world."""

    def __init__(self) -> None:
        self._given = 0

    def new_transaction_id(self, shard: int) -> UUID:
        self._given += 1
        return with_shard(UUID(int=0x1A20697BF10 << 80 | 7 << 76 | 2 << 62 | self._given), shard)

    def fraction(self) -> float:
        return 0.0

    def key(self, size_bytes: int) -> bytes:
        self._given += 1
        return sha256(str(self._given).encode()).digest()[:size_bytes]


class Switch:
    """A `Dependency` that can be switched off."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sentence: str | None = None

    async def trouble(self) -> str | None:
        return self.sentence


class World:
    """Log and books, and who posts from the one to the other."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.log = MemoryLog(PARTITIONS)
        self.books = MemoryBooks()
        self.command_log = Breakable(MemoryCommandLog(self.log, self.clock))
        self.reader = Breakable(MemoryLedgerReader(self.books))
        self.ledger = MemoryLedger(self.books, self.clock)
        self.webhooks = MemoryWebhookStore()
        self.webhook_endpoints = Breakable(MemoryWebhookEndpoints(self.webhooks))
        self.kafka = Switch("kafka")
        self.postgres = Switch("postgres")
        self.metrics = Metrics()
        self.feed = StagedFeed(PARTITIONS)
        self.streams = EventStreams(self.feed, STREAM_LIMITS)
        self.signed_heads = MemorySignedHeads(self.books)
        self.integrity_checks = Breakable(MemoryIntegrityChecks())
        self.posts = True
        self.waits: list[float] = []

    @property
    def records(self) -> list[Record]:
        return [one for number in range(PARTITIONS) for one in self.log.records(number, 0, 10_000)]

    @property
    def commands(self) -> list[Command]:
        return [one.content for one in self.records if isinstance(one.content, Command)]

    async def post(self) -> None:
        """Post everything that lies in the log."""
        for partition in range(PARTITIONS):
            position = await self.ledger.take_over(partition)
            records = self.log.records(partition, position.next_offset, 10_000)
            if not records:
                continue
            next_offset = position.next_offset + len(records)
            run = PageRun(
                partition, position.epoch, position.next_offset, next_offset, b"", next_offset
            )
            logged = [
                LoggedCommand(one.position, one.recorded_at, one.content)
                for one in records
                if isinstance(one.content, Command)
            ]
            chain = await self.ledger.chain(partition)
            await self.ledger.post_page(run, logged, _deciding(logged, run, chain))

    async def sign(self) -> None:
        """Tell all pages, and sign where the chains stand."""
        untold = await self.ledger.untold_pages()
        for partition in {row.partition for row in untold}:
            position = await self.ledger.position(partition)
            await self.ledger.mark_published(
                partition, position.epoch, position.next_offset, untold[-1].number
            )
            await SignHeads(self.signed_heads, PublishedHeads(), SIGNER, self.clock, "tests")(
                partition, {}
            )

    async def check_integrity(self) -> None:
        """Check the books of each partition as a whole."""
        check = CheckIntegrity(
            MemoryBooksAudit(self.books), self.integrity_checks, self.clock, PARTITIONS
        )
        for partition in range(PARTITIONS):
            cycle: Cycle | None = None
            while (cycle := (await check(partition, cycle)).cycle) is not None:
                pass

    async def answer_webhooks(self, status: int) -> None:
        """Make the calls that are due; each is answered by this status."""
        queue, now = MemoryWebhookQueue(self.webhooks), self.clock.now()
        for endpoint_id in await queue.due(now):
            claim = await queue.claim(endpoint_id, 100, now, now)
            assert claim is not None
            made = [Made(one, Attempt(now, 0.1, status, None, b"no")) for one in claim.deliveries]
            settle = partial(
                settled,
                called_url=claim.endpoint.url,
                made=made,
                now=now,
                fraction=lambda: 0.0,
            )
            await queue.record(endpoint_id, made, (), settle)

    async def outcomes(
        self, asked: Sequence[tuple[UUID, Position]], within_seconds: float
    ) -> Sequence[Transaction | None]:
        return [await self.outcome(*one, within_seconds) for one in asked]

    def release(self) -> None:
        """Nobody is kept waiting here."""

    # PositionWatch: what it waits for either happens at once, or never.

    async def passed(self, position: Position, within_seconds: float) -> bool:
        self.waits.append(within_seconds)
        if self.posts:
            await self.post()
        known = self.books.positions.get(position.partition)
        return known is not None and position.offset < known.next_offset

    async def outcome(
        self, transaction_id: UUID, position: Position, within_seconds: float
    ) -> Transaction | None:
        if not await self.passed(position, within_seconds):
            return None
        return self.books.transactions.get(transaction_id)


def _deciding(logged: list[LoggedCommand], run: PageRun, chain: Chain) -> Any:
    def decide(state: LedgerState) -> Page:
        page = post(logged, state)
        head = head_after_page(chain, run.partition, run.offsets, page)
        return page._replace(head=head)

    return decide


def parts_of(world: World, limits: HttpLimits) -> ApiParts:
    checks = Checks(CURRENCIES, "USD", PARTITIONS)
    log: Any = world.command_log
    reader: Any = world.reader
    new_command = NewCommand(checks, SystemIds())
    read_transaction = ReadTransaction(checks, log, reader, world)
    return ApiParts(
        checks=checks,
        submit_command=SubmitCommand(new_command, log, reader, world),
        submit_batch=SubmitBatch(new_command, log, reader, world),
        read_transaction=read_transaction,
        find_transactions=FindTransactions(checks, reader),
        list_transactions=ListTransactions(checks, reader, world),
        read_balance=ReadBalance(checks, reader, world),
        read_balances=ReadBalances(checks, reader, world),
        read_past_balances=ReadPastBalances(checks, log, reader, world, world.clock),
        read_statement=ReadStatement(checks, reader, world),
        export_statement=ExportStatement(checks, reader, world, world.clock),
        read_hold=ReadHold(reader, read_transaction, world),
        list_holds=ListHolds(checks, reader, world),
        list_accounts=ListAccounts(checks, reader),
        read_signed_heads=ReadSignedHeads(checks, world.signed_heads),
        read_proof=ReadProof(checks, read_transaction, world.signed_heads, world.clock),
        read_integrity=ReadIntegrity(world.integrity_checks, world.clock, PARTITIONS),
        webhooks=webhook_usecases(world, checks),
        representations=Representations(CURRENCIES),
        health=HealthParts((world.kafka, world.postgres), frozenset({"kafka"}), world.metrics),
        limits=limits,
        describe_topics=lambda: {"asyncapi": "3.0.0"},
        follow_events=FollowEvents(checks, world.streams),
        release_waiters=(world.release, world.streams.release),
    )


def webhook_usecases(world: World, checks: Checks) -> WebhookUseCases:
    endpoints: Any = world.webhook_endpoints
    reader: Any = world.reader
    store, clock = world.webhooks, world.clock
    ids = chance = Foreseen()
    fields, read = WebhookFields(allow_loopback=False), ReadEndpoint(endpoints)
    return WebhookUseCases(
        add=AddEndpoint(fields, endpoints, ids, clock, chance, MAX_ENDPOINTS),
        read=read,
        change=ChangeEndpoint(checks, fields, endpoints, clock),
        remove=RemoveEndpoint(endpoints),
        rotate=RotateSecret(fields, endpoints, clock, chance),
        call=CallEndpoint(read, endpoints, ids, clock),
        replay=ReplayEvents(read, reader, MemoryWebhookReplays(store), clock),
        read_deliveries=ReadDeliveries(checks, read, MemoryWebhookLog(store)),
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any
    text: str = field(repr=False, default="")


class Api:
    """A client of a server of a world. Every answer must be one that the API describes."""

    def __init__(self, world: World, server: HttpServer, session: ClientSession) -> None:
        self.world = world
        self.server = server
        self.session = session

    async def call(self, method: str, path: str, **how: Any) -> Answer:
        async with self.session.request(method, self.server.url + path, **how) as response:
            answer = await _answer(response)
        if method != "HEAD":
            assert_described(method, path, answer.status, answer.headers, answer.body)
        return answer

    async def get(self, path: str, **how: Any) -> Answer:
        return await self.call("GET", path, **how)

    async def post(self, path: str, body: bytes | str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, data=body, headers=JSON | named)

    async def deposit(
        self, user_id: str = "alice", amount: str = "100.50", **headers: str
    ) -> Answer:
        return await self.post("/deposit", command_body(user_id, amount), **headers)

    async def withdraw(self, user_id: str = "alice", amount: str = "1", **headers: str) -> Answer:
        return await self.post("/withdraw", command_body(user_id, amount), **headers)


def command_body(user_id: str, amount: str) -> str:
    return f'{{"user_id": "{user_id}", "amount": {amount}}}'


async def _answer(response: ClientResponse) -> Answer:
    text = await response.text()
    is_json = "json" in response.headers.get("Content-Type", "") and text != ""
    body = await response.json(content_type=None) if is_json else None
    return Answer(response.status, response.headers, body, text)


@asynccontextmanager
async def served(world: World, limits: HttpLimits | None = None) -> AsyncIterator[Api]:
    """A client of a server on a port of its own."""
    limits = limits or HttpLimits()
    app = build_app(parts_of(world, limits))
    async with (
        HttpServer(app, "127.0.0.1", 0, world.metrics.http, limits) as server,
        ClientSession() as session,
    ):
        yield Api(world, server, session)
