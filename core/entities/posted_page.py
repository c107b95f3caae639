"""A page as the ledger keeps it: which records, under whom, when."""

from datetime import datetime
from typing import NamedTuple


class PostedPage(NamedTuple):
    """A row of the books. Numbers rise in the order in which pages were decided.

    It covers offsets `first_offset` to `next_offset` − 1 of `partition`. `epoch` is that of the
    worker that wrote it, `written_at` shortly before its commit.
    """

    number: int
    partition: int
    epoch: int
    first_offset: int
    next_offset: int
    transaction_count: int
    entry_count: int
    rules_version: int
    written_at: datetime
