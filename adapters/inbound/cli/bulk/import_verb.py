"""`import`: a file's commands, checked as a whole, then given to the service, each of them once."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.inbound.cli.bulk.csv_file import BadRowError, CsvFile, open_file
from adapters.inbound.cli.bulk.outcomes import Outcome, Tally
from adapters.inbound.cli.bulk.progress import Bar, bar
from adapters.inbound.cli.bulk.rejected_rows import RejectedRows, rejected_file
from adapters.inbound.cli.bulk.row_keys import KeyedRow, keyed
from adapters.inbound.cli.bulk.rows import Row, RowReader
from adapters.inbound.cli.bulk.sending import Sending
from adapters.inbound.cli.bulk.waves import lanes, waves
from adapters.inbound.cli.failures import CliFailure, NotDoneError
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.safe_text import safe_text
from adapters.inbound.cli.service import Service
from core.usecases.checks import Checks

MAX_ERRORS_SHOWN: Final = 20
_ROWS_BETWEEN_BREATHS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ImportVerb:
    """Imports files."""

    service: Service
    checks: Checks
    output: Output

    async def __call__(
        self, path: Path, name: str, default_type: str | None, default_currency: str | None
    ) -> None:
        """Send every row of a file that is well-formed from its first line to its last.

        `name` is the import's: rows of one name are posted once. The defaults stand in for empty
        cells.

        Raises `CliFailure` unless every row is posted, by this run or by one before.
        """
        with open_file(path) as stream:
            reader = RowReader(self.checks, default_type, default_currency)
            file = CsvFile(stream, reader)
            total = await self._checked(file)
            with RejectedRows(rejected_file(path), file.header()) as rejected:
                run = _Run(Sending(self.service), rejected, total)
                try:
                    await self._send(run, keyed(islice(_good(file.rows()), total), name))
                finally:
                    self._tell(run)
            self._judge(path, name, run)

    async def _checked(self, file: CsvFile) -> int:
        """How many rows there are. Raises `NotDoneError` naming the lines that are wrong."""
        wrong: list[BadRowError] = []
        count = more = 0
        with bar("checking", None) as progress:
            for row in file.rows():
                count += 1
                if isinstance(row, BadRowError):
                    more += len(wrong) == MAX_ERRORS_SHOWN
                    wrong += [row] if len(wrong) < MAX_ERRORS_SHOWN else []
                if count % _ROWS_BETWEEN_BREATHS == 0:
                    progress.reach(count)
                    await asyncio.sleep(0)
        for one in wrong:
            self.output.note(str(one))
        if wrong:
            shown = f", of which {len(wrong)} are shown" if more else ""
            raise NotDoneError(
                f"nothing was sent: {len(wrong) + more:,} of {count:,} rows are wrong{shown}"
            )
        return count

    async def _send(self, run: "_Run", rows: Iterator[KeyedRow]) -> None:
        try:
            with bar("posting", run.total) as progress:
                for wave in waves(rows):
                    await run.send(wave, progress)
        except asyncio.CancelledError:
            raise NotDoneError(f"interrupted. {_AGAIN}") from None
        except CliFailure as failure:
            raise NotDoneError(f"{str(failure).rstrip('.')}. {_AGAIN}") from failure

    def _tell(self, run: "_Run") -> None:
        counts = {"rows": run.total, **run.tally.counts}
        counts["not_decided"] = run.total - run.tally.decided
        self.output.one(counts)

    def _judge(self, path: Path, name: str, run: "_Run") -> None:
        replayed = run.tally.counts["replayed"]
        if replayed:
            self.output.note(
                f"{replayed:,} rows were posted before by the import {safe_text(name)!r} and "
                "were not posted again. If they are other commands, import them under another "
                "--name."
            )
        if run.tally.not_posted:
            where = rejected_file(path)
            raise NotDoneError(
                f"{run.tally.not_posted:,} of {run.total:,} rows were not posted: {where} has them "
                "and says why"
            )
        if run.tally.decided < run.total:
            raise NotDoneError(f"{path} became shorter while it was read. {_AGAIN}")


_AGAIN: Final = (
    "Give the same import again to go on: what is posted is not posted twice, under the same name"
)


@dataclass(slots=True)
class _Run:
    """One run over a file, and what came of it so far."""

    sending: Sending
    rejected: RejectedRows
    total: int
    tally: Tally = field(default_factory=Tally)

    async def send(self, wave: Sequence[KeyedRow], progress: Bar) -> None:
        """Send a wave, its lanes at once; what is decided is kept whatever happens."""
        decided: list[Outcome] = []

        def decide(outcome: Outcome) -> None:
            decided.append(outcome)
            progress.reach(self.tally.decided + len(decided))

        try:
            sent = [self.sending(lane, decide) for lane in lanes(wave)]
            # One lane's failure lets the others finish what they have under way.
            for failure in await asyncio.gather(*sent, return_exceptions=True):
                if isinstance(failure, BaseException):
                    raise failure
        finally:
            self._keep(decided)

    def _keep(self, decided: Sequence[Outcome]) -> None:
        for outcome in decided:
            self.tally.add(outcome)
        failed = [one for one in decided if not one.is_posted]
        self.rejected.add(sorted(failed, key=lambda one: one.keyed.row.line))


def _good(rows: Iterator[Row | BadRowError]) -> Iterator[Row]:
    """Rows that were checked before. Raises `BadRowError` if the file changed meanwhile."""
    for row in rows:
        if isinstance(row, BadRowError):
            raise row
        yield row
