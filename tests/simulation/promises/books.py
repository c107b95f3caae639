"""What must hold after every single commit."""

from collections import defaultdict
from collections.abc import Sequence

from core.entities.account import AccountKey
from core.entities.command import LoggedCommand
from core.entities.page import Page, PageRun
from core.entities.record import Record, Undecodable
from core.entities.transaction import Entry
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.changes import Change, PageStored, PositionChanged
from tests.simulation.stage.database import Database
from tests.simulation.stage.log import Broker
from tests.unit.replay import Replay


class BooksChecker:
    """Observes a database's commits."""

    def __init__(self, database: Database, broker: Broker, findings: Findings) -> None:
        self._books = database.books
        self._log = broker.log
        self._findings = findings
        self._begin()

    def _begin(self) -> None:
        self._replay: Replay | None = Replay()
        self._next_offsets: dict[int, int] = defaultdict(int)
        self._entries: dict[AccountKey, list[Entry]] = defaultdict(list)
        self._decided: set[object] = set()

    def put_back(self) -> None:
        """Begin again with the pages that the books still have; whose they were, they were."""
        self._begin()
        for _, run, page, _ in self._books.pages:
            self._page(run, page)
        for partition in self._books.positions:
            self._position(partition)

    def __call__(self, changes: Sequence[Change]) -> None:
        """Look at what one commit changed."""
        for change in changes:
            if isinstance(change, PageStored):
                self._owner(change.run)
                self._page(change.run, change.page)
                self._accounts(change.page)
        for change in changes:
            if isinstance(change, PositionChanged):
                self._position(change.partition)

    def _position(self, partition: int) -> None:
        position, expect = self._books.positions[partition], self._findings.expect
        expect(
            position.next_offset == self._next_offsets[partition],
            Promise.CHAIN,
            f"the position of {partition} is {position.next_offset}, and its last page ends at "
            f"{self._next_offsets[partition]}",
        )
        expect(position.halted is None, Promise.CONDEMNED, f"{partition} halted: {position.halted}")

    def _owner(self, run: PageRun) -> None:
        owner = self._books.positions[run.partition].epoch
        self._findings.expect(
            run.epoch == owner,
            Promise.OWNER,
            f"{_named(run)} is of epoch {run.epoch}, not {owner}",
        )

    def _page(self, run: PageRun, page: Page) -> None:
        partition, what = run.partition, _named(run)
        end_offset = self._next_offsets[partition]
        self._findings.expect(
            run.first_offset == end_offset, Promise.CHAIN, f"{what} follows {end_offset}"
        )
        self._next_offsets[partition] = run.next_offset
        self._transactions(page)
        self._decide_again(run, page, what)

    def _transactions(self, page: Page) -> None:
        for one in page.transactions:
            transaction_id = one.command.transaction_id
            self._findings.expect(
                transaction_id not in self._decided,
                Promise.ONCE,
                f"{transaction_id} was decided twice, then at {one.position}",
            )
            self._decided.add(transaction_id)
            sums: dict[str, int] = defaultdict(int)
            for entry in one.entries:
                sums[entry.account.currency] += entry.amount
                self._entries[entry.account].append(entry)
            self._findings.expect(
                not any(sums.values()), Promise.BALANCED, f"entries of {transaction_id}: {sums}"
            )

    def _accounts(self, page: Page) -> None:
        entered = [entry.account for one in page.transactions for entry in one.entries]
        for key in dict.fromkeys([*entered, *(one.key for one in page.accounts)]):
            self._account(key)

    def _account(self, key: AccountKey) -> None:
        account, entries = self._books.accounts[key], self._entries[key]
        held = sum(one.remaining for one in self._books.holds.values() if one.account == key)
        due = (sum(one.amount for one in entries), len(entries), held)
        self._findings.expect(
            (account.balance, account.sequence, account.held) == due,
            Promise.BALANCED,
            f"{key}: balance, entries, held are {account.balance}, {account.sequence}, "
            f"{account.held}, not {due}",
        )
        self._findings.expect(
            key.is_settlement or account.available >= 0,
            Promise.LIMITS,
            f"{key} has {account.available} available",
        )

    def _decide_again(self, run: PageRun, page: Page, what: str) -> None:
        if self._replay is None:
            return
        count = run.next_offset - run.first_offset
        records = self._log.records(run.partition, run.first_offset, count)
        condemned = [one.position for one in records if isinstance(one.content, Undecodable)]
        self._findings.expect(
            [one.record.position for one in page.dead_letters] == condemned,
            Promise.CONDEMNED,
            f"{what} condemned {[str(one.record.position) for one in page.dead_letters]}",
        )
        again = self._replay.post_logged(_commands(records))
        if (again.transactions, again.accounts) != (page.transactions, page.accounts):
            self._findings.broken(Promise.REPLAY, f"{what} {_first_difference(again, page)}")
            # Whatever comes after it would differ as well.
            self._replay = None


def _named(run: PageRun) -> str:
    return f"page {run.partition}:{run.first_offset} to {run.next_offset}"


def _commands(records: Sequence[Record]) -> list[LoggedCommand]:
    return [
        LoggedCommand(one.position, one.recorded_at, one.content)
        for one in records
        if not isinstance(one.content, Undecodable)
    ]


def _first_difference(again: Page, page: Page) -> str:
    for decided, stored in zip(again.transactions, page.transactions, strict=False):
        if decided != stored:
            return f"has {stored}, and should have {decided}"
    return (
        f"has {len(page.transactions)} transactions and {page.accounts}, and should have "
        f"{len(again.transactions)} and {again.accounts}"
    )
