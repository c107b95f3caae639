"""How far posting is behind accepting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One partition: its log ends before `end_offset`, and is posted up to `next_offset`.

    `oldest_age_seconds` is the age of the record at `next_offset`; None if there is none, whether
    all are posted or the log has lost it. `halted` says why nothing is posted, if that is so.
    """

    partition: int
    end_offset: int
    next_offset: int
    oldest_age_seconds: float | None
    halted: str | None

    @property
    def records(self) -> int:
        """How many are not posted yet; 0 where the log ends before what was posted from it."""
        return max(self.end_offset - self.next_offset, 0)
