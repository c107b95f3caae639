"""`counterfoil verify`: whether all that is stored adds up."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from adapters.inbound.cli.answers import JsonObject
from adapters.inbound.cli.bulk.progress import Bar, bar
from adapters.inbound.cli.columns import FINDINGS
from adapters.inbound.cli.output import Output
from adapters.representations import Representations
from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.usecases.verify_books import Checked

MAX_FINDINGS_KEPT: Final = 10_000
"""Where more is off, the rest is only counted."""
FINDINGS_SHOWN: Final = 50


@dataclass(slots=True)
class _Sum:
    """What the slices come to so far."""

    counts: Counts = field(default_factory=Counts)
    findings: list[Finding] = field(default_factory=list)
    finding_count: int = 0
    seconds: float = 0.0

    def add(self, one: Checked) -> None:
        """One more slice."""
        self.counts = self.counts.plus(one.counts)
        self.finding_count += len(one.findings)
        self.findings += one.findings[: MAX_FINDINGS_KEPT - len(self.findings)]

    @property
    def entries_per_second(self) -> int:
        """How fast it went."""
        return int(self.counts.entries / self.seconds)

    def in_order(self) -> list[Finding]:
        """The findings of the first page first; those of no page last."""
        return sorted(self.findings, key=lambda one: (one.page_number is None, one.page_number))


class Step(NamedTuple):
    """A part of the verb's work: iterators that may be gone through at the same time."""

    name: str
    parts: Callable[[], Sequence[AsyncIterator[Checked]]]


@dataclass(frozen=True, slots=True)
class VerifyVerb:
    """Goes through the books, step after step, and tells what is off."""

    steps: Sequence[Step]
    representations: Representations
    output: Output

    async def __call__(self) -> bool:
        """Whether everything is right.

        Raises `UnavailableError`, `HaltError`, `EventsLostError`.
        """
        sums = {step.name: await _done(step) for step in self.steps}
        self._tell(sums)
        return not any(one.finding_count for one in sums.values())

    def _tell(self, sums: Mapping[str, _Sum]) -> None:
        if self.output.as_json:
            steps = {name: self._document(one) for name, one in sums.items()}
            self.output.json({"status": _status(sums.values()), "steps": steps})
            return
        for name, one in sums.items():
            self._show(name, one)
        self.output.heading(_verdict(sums))

    def _document(self, found: _Sum) -> JsonObject:
        return {
            **_counted(found.counts),
            "seconds": round(found.seconds, 3),
            "entries_per_second": found.entries_per_second,
            "finding_count": found.finding_count,
            "findings": [self.representations.finding(one) for one in found.in_order()],
        }

    def _show(self, name: str, found: _Sum) -> None:
        findings = found.in_order()
        rows, sentences = _apart(findings[:FINDINGS_SHOWN])
        self.output.many(FINDINGS, [self._row(one) for one in rows])
        for one in sentences:
            self.output.heading(f"{one.figure}: {one.found}")
        if found.finding_count > FINDINGS_SHOWN:
            self.output.heading(f"and {found.finding_count - FINDINGS_SHOWN} more (--json)")
        counts = _counted(found.counts).items()
        counted = ", ".join(f"{count:,} {one.replace('_', ' ')}" for one, count in counts)
        speed = f": {found.entries_per_second:,} entries/s" if found.counts.entries else ""
        self.output.heading(f"{name}: {counted or 'nothing'} in {found.seconds:.1f} s{speed}")

    def _row(self, one: Finding) -> JsonObject:
        row = self.representations.finding(one)
        return {**row, "due": _shown(one.due, row["due"]), "found": _shown(one.found, row["found"])}


async def _done(step: Step) -> _Sum:
    found, started = _Sum(), time.perf_counter()
    with bar(step.name, None) as shown:
        await asyncio.gather(*(_gone_through(one, found, shown) for one in step.parts()))
    found.seconds = time.perf_counter() - started
    return found


async def _gone_through(half: AsyncIterator[Checked], found: _Sum, shown: Bar) -> None:
    async for one in half:
        found.add(one)
        shown.reach(found.counts.entries)


def _apart(findings: Sequence[Finding]) -> tuple[Sequence[Finding], Sequence[Finding]]:
    """Those that have a figure, and those that are a sentence: a table would cut it off."""
    sentences = [one for one in findings if one.figure is Figure.REPLAY]
    return [one for one in findings if one not in sentences], sentences


def _shown(figure: str | None, text: str) -> str:
    return "nothing" if figure is None else text


def _counted(counts: Counts) -> Mapping[str, int]:
    """What the step looked at."""
    return {name: count for name, count in counts._asdict().items() if count}


def _status(sums: Collection[_Sum]) -> str:
    return "broken" if any(one.finding_count for one in sums) else "ok"


def _verdict(sums: Mapping[str, _Sum]) -> str:
    count = sum(one.finding_count for one in sums.values())
    if not count:
        return "The books are right."
    pages = [one.page_number for found in sums.values() for one in found.findings]
    first = min((one for one in pages if one is not None), default=None)
    where = "" if first is None else f" The first is on page {first}."
    return f"The books are NOT right. Figures that are off: {count}.{where}"
