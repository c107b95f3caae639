"""Post a page again as it was told: the same records, under its number, by the rules of its time.

It must arrive at the head that was told, which stands for every transaction and entry of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.condemning import Post, dead_letter_of, in_its_place
from core.entities.chain import Chain
from core.entities.command import LoggedCommand
from core.entities.dead_letter import DeadLetter, DeadLetterReason, dead_letter_id
from core.entities.ownership import Ownership
from core.entities.page import LedgerState, Page, PageRun
from core.entities.page_row import PageRow
from core.entities.record import Record, Undecodable, record_hash
from core.errors import CommitUnknownError, DifferenceError, LedgerUnavailableError
from core.ports.ledger import Ledger
from core.posting.versions import RULES
from core.proof.chain import head_after_page

CONDEMNED_AGAIN = "condemned again, as it was when it was posted first"


@dataclass(frozen=True, slots=True)
class RepostPage:
    """Stores a page that was stored before, in these books or in others."""

    ledger: Ledger
    partition_count: int

    async def __call__(
        self, ownership: Ownership, row: PageRow, records: Sequence[Record]
    ) -> tuple[Page, Ownership]:
        """The page, and the hold on its partition after it.

        Raises `DifferenceError` when the records do not bring about what was told, and nothing is
        stored; `FencedError`; `LedgerUnavailableError`, after which the page may be stored.
        """
        records = [in_its_place(record, self.partition_count) for record in records]
        decision = _Decision(ownership.chain, row, records)
        run = PageRun(
            partition=row.partition,
            epoch=ownership.epoch,
            first_offset=row.first_offset,
            next_offset=row.next_offset,
            last_record_hash=record_hash(records[-1]),
            published_offset=ownership.published_offset,
            told_page=ownership.told_page,
            may_cross=row.may_cross,
            number=row.number,
        )
        try:
            page = await self.ledger.post_page(run, decision.commands, decision.decide)
        except CommitUnknownError as error:
            raise LedgerUnavailableError(f"page {row.number} may be stored") from error
        return page, replace(
            ownership,
            next_offset=row.next_offset,
            chain=Chain(ownership.chain.secret, page.head or ownership.chain.head),
        )


class _Decision:
    """Decides a page's records as they were decided."""

    def __init__(self, chain: Chain, row: PageRow, records: Sequence[Record]) -> None:
        self._chain = chain
        self._row = row
        self._rules = _rules_of(row)
        reasons = dict(row.condemned)
        self.commands: list[LoggedCommand] = []
        self._letters: list[DeadLetter] = []
        for record in records:
            position, content = record.position, record.content
            if position.offset in reasons:
                self._letters.append(_condemned(record, reasons[position.offset]))
            elif isinstance(content, Undecodable):
                raise DifferenceError(
                    f"{_named(row)}: the record at {position} cannot be read any more: "
                    f"{content.reason}"
                )
            else:
                self.commands.append(LoggedCommand(position, record.recorded_at, content))

    def decide(self, state: LedgerState) -> Page:
        """The page. Raises `DifferenceError` if it is not the one that was told."""
        row = self._row
        page = self._rules(self.commands, state)._replace(dead_letters=tuple(self._letters))
        offsets = range(row.first_offset, row.next_offset)
        page = page._replace(head=head_after_page(self._chain, row.partition, offsets, page))
        if row.head is not None and page.head != row.head:
            entries = sum(len(one.entries) for one in page.transactions)
            raise DifferenceError(
                f"{_named(row)} had {row.transaction_count} transactions and {row.entry_count} "
                f"entries that left the chain at {row.head.hex()}; posted again it has "
                f"{len(page.transactions)} and {entries}, and leaves it at {_text(page.head)}"
            )
        return page


def _rules_of(row: PageRow) -> Post:
    rules = RULES.get(row.rules_version)
    if rules is None:
        raise DifferenceError(
            f"{_named(row)} was decided by version {row.rules_version} of the rules, which this "
            "version of Counterfoil does not have"
        )
    return rules


def _condemned(record: Record, reason: DeadLetterReason) -> DeadLetter:
    letter = dead_letter_of(record, None)
    detail = CONDEMNED_AGAIN if letter is None else letter.detail
    return DeadLetter(record, reason, detail, dead_letter_id(record))


def _named(row: PageRow) -> str:
    return (
        f"page {row.number} (partition {row.partition}, offsets {row.first_offset} to "
        f"{row.next_offset - 1})"
    )


def _text(head: bytes | None) -> str:
    return "" if head is None else head.hex()
