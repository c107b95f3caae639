"""What must hold of what clients were told."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from core.entities.orders import ExpireHold
from core.entities.receipt import Accepted
from core.entities.record import Record, Undecodable
from core.entities.transaction import Transaction
from core.refusals import IdempotencyConflictError, Refusal
from core.usecases.checks import Checks
from core.usecases.drafts import CommandDraft
from core.usecases.orders import order_of
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.log import Broker


class Verdict(StrEnum):
    """How an attempt to give a command ended for its client."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed for certain"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Attempt:
    """One request, and what came of it. Its request id is no other's, its reference its intent's:
    the same for every retry of it.
    """

    draft: CommandDraft
    verdict: Verdict = Verdict.UNKNOWN
    accepted: Accepted | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class History:
    """All attempts of all clients, and every transaction that any of them was shown."""

    attempts: list[Attempt] = field(default_factory=list)
    shown: list[Transaction] = field(default_factory=list)

    def accepted(self) -> list[tuple[CommandDraft, Accepted]]:
        """Those that were accepted."""
        return [(one.draft, one.accepted) for one in self.attempts if one.accepted is not None]


@dataclass(frozen=True, slots=True)
class HistoryChecker:
    """Holds what clients were told against the log and the books, when all is over.

    Books that were put back change none of it but this: a transaction that a client was shown may
    have become another one if its id is one of `forgotten`, whose pages were never told before. A
    receipt holds, since the log was not put back; so do every failure for certain, and every
    refusal, which names an id and no outcome.
    """

    history: History
    broker: Broker
    books: MemoryBooks
    forgotten: Collection[UUID]
    checks: Checks
    findings: Findings

    def at_the_end(self) -> None:
        """All of it."""
        self._intents()
        self._failures()
        self._records()
        self._shown()
        for draft, accepted in self.history.accepted():
            self._accepted(draft, accepted)
        for attempt in self.history.attempts:
            if isinstance(attempt.refusal, IdempotencyConflictError):
                self._conflict(attempt.draft, attempt.refusal)

    def _intents(self) -> None:
        references = Counter(one.command.reference for one in self.books.transactions.values())
        for reference, count in references.items():
            self.findings.expect(
                count == 1 or reference is None,
                Promise.ONCE,
                f"{reference} became {count} transactions",
            )

    def _shown(self) -> None:
        answered = [one.transaction for _, one in self.history.accepted() if one.transaction]
        for one in (*self.history.shown, *answered):
            transaction_id = one.command.transaction_id
            self.findings.expect(
                self.books.transactions.get(transaction_id) == one
                or transaction_id in self.forgotten,
                Promise.RESTORED,
                f"a client was shown {one}, and it is not in the books so",
            )

    def _failures(self) -> None:
        logged = {
            one.content.request_id
            for one in self._all_records()
            if not isinstance(one.content, Undecodable)
        }
        for attempt in self.history.attempts:
            self.findings.expect(
                attempt.verdict is not Verdict.FAILED or attempt.draft.request_id not in logged,
                Promise.HONEST,
                f"{attempt.draft.request_id} failed for certain, and is in the log",
            )

    def _records(self) -> None:
        for record in self._all_records():
            content = record.content
            if isinstance(content, Undecodable) or isinstance(content.order, ExpireHold):
                continue
            self.findings.expect(
                content.transaction_id in self.books.transactions,
                Promise.DECIDED,
                f"{record.position} was never decided",
            )

    def _accepted(self, draft: CommandDraft, accepted: Accepted) -> None:
        receipt, transaction = accepted.receipt, accepted.transaction
        lies_there = [
            one.content.transaction_id
            for one in self.broker.log.records(*receipt.position, 1)
            if not isinstance(one.content, Undecodable)
        ]
        self.findings.expect(
            lies_there == [receipt.transaction_id],
            Promise.HONEST,
            f"{receipt.transaction_id} is not at {receipt.position}, where its receipt says",
        )
        self.findings.expect(
            receipt.transaction_id in self.books.transactions,
            Promise.DECIDED,
            f"{receipt.transaction_id} was accepted, and never decided",
        )
        if transaction is None:
            return
        order = order_of(draft.order, self.checks)
        self.findings.expect(
            (transaction.command.order, transaction.command.reference) == (order, draft.reference),
            Promise.CONFLICT,
            f"{draft.reference} was answered with {transaction.command.reference}",
        )

    def _conflict(self, draft: CommandDraft, refusal: IdempotencyConflictError) -> None:
        known = self.books.transactions.get(refusal.transaction_id)
        self.findings.expect(
            known is not None and known.command.reference != draft.reference,
            Promise.CONFLICT,
            f"{draft.reference} was refused for {refusal.transaction_id}, which it is",
        )

    def _all_records(self) -> Iterator[Record]:
        log = self.broker.log
        for partition in range(log.partition_count):
            yield from log.records(partition, 0, log.extent(partition).end_offset)
