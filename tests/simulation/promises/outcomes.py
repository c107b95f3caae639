"""What must hold of all that is published."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from core.entities.transaction import Transaction
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.events import Topic


class OutcomesChecker:
    """Looks at each outcome when it is published, and at all of them in the end."""

    def __init__(
        self,
        books: MemoryBooks,
        standing: Mapping[UUID, Transaction],
        topic: Topic,
        findings: Findings,
    ) -> None:
        self._books = books
        self._standing = standing
        self._topic = topic
        self._findings = findings

    def __call__(self, told: Sequence[Transaction]) -> None:
        """That these are committed; of books that were put back, if their pages had been told."""
        for one in told:
            transaction_id = one.command.transaction_id
            self._findings.expect(
                self._standing.get(transaction_id) == one,
                Promise.COMMITTED,
                f"{transaction_id} was published, and is not in the books so",
            )

    def at_the_end(self) -> None:
        """That each committed one is published, and came in the order of the log."""
        for partition, told in enumerate(self._topic.told):
            first_told = {one.command.transaction_id: one.position for one in reversed(told)}
            in_order = list(dict.fromkeys(one.command.transaction_id for one in told))
            due = sorted(
                (one.position, transaction_id)
                for transaction_id, one in self._books.transactions.items()
                if one.position.partition == partition
            )
            missing = [str(position) for position, one in due if one not in first_told]
            self._findings.expect(
                not missing, Promise.PUBLISHED, f"outcomes of {missing} were never published"
            )
            positions = [first_told[one] for one in in_order]
            self._findings.expect(
                positions == sorted(positions),
                Promise.PUBLISHED,
                f"partition {partition} was told in the order {positions}",
            )
