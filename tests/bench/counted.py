"""Counts as they are said."""


def counted(count: int, noun: str) -> str:
    """`1 account`, `1,000 accounts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
