"""What the promises are held against, and how a broken one is told."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

from tests.chaos.books import BookEntry, Books, BookTransaction
from tests.chaos.eras import Eras
from tests.chaos.history import Call, History

One = TypeVar("One")


class Harm(StrEnum):
    """What kind of harm a broken promise does."""

    LOST = "lost"
    DOUBLED = "doubled"
    NEGATIVE = "negative"
    WRONG = "wrong"


class Breach(NamedTuple):
    """Something that was promised and is not so."""

    harm: Harm
    promise: str
    sentence: str


class Evidence:
    """History and books, with the indexes that several checks look things up in."""

    def __init__(self, history: History, books: Books) -> None:
        self.history = history
        self.books = books

    @cached_property
    def by_reference(self) -> Mapping[str, Sequence[BookTransaction]]:
        """The transactions under each reference; none where there is none."""
        return _grouped(self.books.transactions, lambda one: one.reference or "")

    @cached_property
    def by_id(self) -> Mapping[str, BookTransaction]:
        """The transactions by their ids."""
        return {one.transaction_id: one for one in self.books.transactions}

    @cached_property
    def entries(self) -> Mapping[str, Sequence[BookEntry]]:
        """Each user's entries, by sequence; none where there is none."""
        return _grouped(self.books.entries, lambda one: one.user_id)

    @cached_property
    def entries_at(self) -> Mapping[tuple[int, int], Sequence[BookEntry]]:
        """The entries of each record, by partition and offset."""
        return _grouped(self.books.entries, lambda one: (one.log_partition, one.log_offset))

    @cached_property
    def eras(self) -> Eras:
        """What was in the books before they were put back."""
        return Eras(self.books.lost, self.entries)

    @cached_property
    def calls(self) -> Mapping[str, Call]:
        """The calls by their references."""
        return {call.reference: call for call in self.history.calls}


Check = Callable[[Evidence], Iterator[Breach]]
"""Yields a breach for each thing that is wrong, and nothing where its promise was kept."""

Name = TypeVar("Name")


def _grouped(ones: Sequence[One], name_of: Callable[[One], Name]) -> Mapping[Name, Sequence[One]]:
    groups: dict[Name, list[One]] = defaultdict(list)
    for one in ones:
        groups[name_of(one)].append(one)
    return groups
