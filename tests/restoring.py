"""What puts back lost pages, as bootstrap wires it."""

from adapters.inbound.worker.restoring import Restoring
from core.ports.command_feed import CommandFeed
from core.ports.pages import PageFeed
from core.usecases.find_missing_pages import FindMissingPages
from core.usecases.reposting import Books, Reposting, as_marked


def restoring(books: Books, pages: PageFeed, feed: CommandFeed, partition_count: int) -> Restoring:
    """Over these ports."""
    return Restoring(
        FindMissingPages(books.ledger, books.partitions, pages, partition_count),
        lambda: Reposting(books, feed, partition_count, as_marked),
    )
