"""Dead letters: listed, shown, requeued, discarded."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import stamina

from adapters.inbound.cli.columns import DEAD_LETTERS, OUTCOMES
from adapters.inbound.cli.dead_letter_views import outcome_of, row_of, show
from adapters.inbound.cli.output import Output
from adapters.representations import Representations
from core.entities.dead_letter import DeadLetter, FiledLetter, LetterFilter
from core.entities.record import Undecodable
from core.errors import LogUnavailableError
from core.refusals import InvalidFieldError
from core.usecases.dead_letter_errors import DeadLetterError
from core.usecases.discard_dead_letter import DiscardDeadLetter
from core.usecases.find_dead_letter import FindDeadLetter
from core.usecases.follow_dead_letters import Decided, FollowDeadLetters
from core.usecases.list_dead_letters import ListDeadLetters
from core.usecases.requeue_dead_letter import RequeueDeadLetter

MAX_REQUEUED_AT_ONCE: Final = 500
OUTCOME_SECONDS: Final = 10.0
KAFKA_PATIENCE_SECONDS: Final = 15.0

# Written twice is decided once, so whatever the log did not confirm may be tried again.
_until_written: Final = stamina.AsyncRetryingCaller(
    attempts=None, timeout=KAFKA_PATIENCE_SECONDS, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
).on(LogUnavailableError)

Decide = Callable[[FiledLetter], Awaitable[Decided]]


@dataclass(frozen=True, slots=True)
class DeadLetterVerbs:
    """Each prints, and returns whether all was done as asked. What could not be done is told in
    sentences on standard error. They raise `UnavailableError`.
    """

    list_letters: ListDeadLetters
    find: FindDeadLetter
    requeue_letter: RequeueDeadLetter
    discard_letter: DiscardDeadLetter
    follow: FollowDeadLetters
    representations: Representations
    output: Output

    async def list(self, wanted: LetterFilter, limit: int) -> bool:
        """The oldest `limit` of those that are wanted."""
        found = await _first(self.list_letters(wanted), limit + 1)
        self.output.many(DEAD_LETTERS, [row_of(one) for one in found[:limit]])
        if len(found) > limit:
            self.output.note("There are more: --limit N shows so many.")
        if not found:
            self.output.note("no dead letter" + (" waits" if wanted.only_held else ""))
        return True

    async def show(self, name: str, *, raw: bool) -> bool:
        """One of them, or with `raw` nothing but the bytes of its value."""
        try:
            filed = await self.find(name)
        except DeadLetterError as error:
            self.output.failure(str(error))
            return False
        if raw:
            sys.stdout.buffer.write(filed.letter.record.value or b"")
        else:
            show(filed, self.representations, self.output)
        return True

    async def requeue(self, names: Sequence[str], *, even_unreadable: bool) -> bool:
        """Let these be read again."""

        async def decide(filed: FiledLetter) -> Decided:
            return await self.requeue_letter(filed, even_unreadable=even_unreadable)

        return await self._decide_named(names, decide)

    async def requeue_all(self, wanted: LetterFilter) -> bool:
        """The same for the oldest of all that wait and that this version can read."""
        letters: list[FiledLetter] = []
        unreadable = 0
        async for one in self.list_letters(wanted):
            if isinstance(one.letter.record.content, Undecodable):
                unreadable += 1
            elif len(letters) < MAX_REQUEUED_AT_ONCE:
                letters.append(one)
            else:
                self.output.note(f"The oldest {MAX_REQUEUED_AT_ONCE}; there are more: do it again.")
                break
        if unreadable:
            self.output.note(f"Left as they are, since this version cannot read them: {unreadable}")
        if not letters:
            self.output.note("no dead letter waits that this version can read")
        return await self._decide(letters, self.requeue_letter)

    async def discard(self, names: Sequence[str], reason: str) -> bool:
        """Give these up."""

        async def decide(filed: FiledLetter) -> Decided:
            return await self.discard_letter(filed, reason)

        return await self._decide_named(names, decide)

    async def _decide_named(self, names: Sequence[str], decide: Decide) -> bool:
        try:
            letters = [await self.find(name) for name in names]
            return await self._decide(letters, decide)
        except (DeadLetterError, InvalidFieldError) as error:
            self.output.failure(str(error))
            return False

    async def _decide(self, letters: Sequence[FiledLetter], decide: Decide) -> bool:
        decided: list[Decided] = []
        for filed in letters:
            try:
                decided.append(await _until_written(decide, filed))
            except DeadLetterError as error:
                self.output.failure(str(error))
        outcomes = await self.follow(decided, OUTCOME_SECONDS)
        rows = [outcome_of(*one) for one in zip(decided, outcomes, strict=True)]
        self.output.many(OUTCOMES, rows)
        if None in outcomes:
            self.output.note("What is pending lies in the log, and is decided when it is read.")
        is_dead = any(isinstance(one, DeadLetter) for one in outcomes)
        return len(decided) == len(letters) and not is_dead


async def _first(letters: AsyncIterator[FiledLetter], most: int) -> list[FiledLetter]:
    found: list[FiledLetter] = []
    async for one in letters:
        found.append(one)
        if len(found) == most:
            break
    return found
