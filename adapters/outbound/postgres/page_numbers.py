"""Noticing that the books were put back to an earlier moment while this process was posting."""

from core.errors import PutBackError


class PageNumbers:
    """The numbers of pages that were stored since each partition was taken over.

    What is stored later has a higher one, unless the books were put back. Whoever takes a partition
    over has looked for that, so what was seen before does not count any more.
    """

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}

    def taken_over(self, partition: int) -> None:
        """The partition has a new owner."""
        self._highest[partition] = 0

    def seen(self, partition: int) -> int:
        """The highest number that was stored, of any partition, since this one was taken over."""
        return self._highest.get(partition, 0)

    def stored(self, number: int) -> None:
        """A page of this number is stored."""
        for partition, highest in self._highest.items():
            self._highest[partition] = max(highest, number)


def raise_if_put_back(number: int, seen_before: int) -> None:
    """Raise `PutBackError` if a page's number is not higher than all that were seen before it was
    given: to take over again is to find out what is missing.
    """
    if number <= seen_before:
        raise PutBackError(
            f"page {seen_before} was stored, and the next one is to be page {number}: the books "
            "were put back to an earlier moment"
        )
