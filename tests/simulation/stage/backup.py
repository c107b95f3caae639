"""Books as they were at an earlier moment."""

from dataclasses import fields
from typing import Any, NamedTuple

from adapters.outbound.memory.books import MemoryBooks


class Backup(NamedTuple):
    """What was committed, and how far the sequence of page numbers had got."""

    books: MemoryBooks
    last_page_number: int


def copied(books: MemoryBooks) -> MemoryBooks:
    """Books that stay as they are."""
    return MemoryBooks(**_parts(books))


def replaced(books: MemoryBooks, by: MemoryBooks) -> None:
    """Have the books be as others are, for everybody who has them in hand."""
    for name, part in _parts(by).items():
        setattr(books, name, part)


def _parts(books: MemoryBooks) -> dict[str, Any]:
    """All that they keep. What is never changed in its place is not copied."""
    return {one.name: _copied(getattr(books, one.name)) for one in fields(books)}


def _copied(part: Any) -> Any:
    if isinstance(part, int):
        return part
    if isinstance(part, list):
        return list(part)
    return {key: list(value) if isinstance(value, list) else value for key, value in part.items()}
