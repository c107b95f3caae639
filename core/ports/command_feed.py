"""The reading side of the command log: who owns which partition, and its records in order."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from core.entities.record import Record


class LogExtent(NamedTuple):
    """What a partition holds: offsets `start_offset` to `end_offset` − 1 of the topic `topic_id`.

    The id is another one when the topic was deleted and created again.
    """

    topic_id: str
    start_offset: int
    end_offset: int


class PartitionOwner(Protocol):
    """Whoever posts. Told of its partitions as members of its group come and go."""

    async def assigned(self, partitions: frozenset[int]) -> None:
        """These partitions are ours from now on. Must return at once and never raise."""
        ...

    async def revoked(self, partitions: frozenset[int]) -> None:
        """These are to be given up. Returns when their work in hand is done; never raises."""
        ...


class RecordReader(Protocol):
    """The records of one partition, in order, each once."""

    async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
        """The next records, at least one; waits for as long as there is none.

        Offsets follow each other; where they do not, the log has lost records, and the caller
        must notice. A record larger than `max_bytes` comes alone. Cancelling loses nothing.

        Raises `LogUnavailableError` when the log is away, or another one of the same name;
        `HaltError` when the next record is not in the log any more, or no client can read it.
        """
        ...


class CommandFeed(Protocol):
    """Shares the partitions out among the members of a group, and reads them.

    Membership tells who ought to post. It is no lock: for a moment two members may believe that
    they own a partition. The ledger's fence settles that.
    """

    def membership(self, owner: PartitionOwner) -> AbstractAsyncContextManager[None]:
        """Be a member of the group while the context lasts; leaving revokes all partitions."""
        ...

    def reader(
        self, partition: int, from_offset: int, topic_id: str
    ) -> AbstractAsyncContextManager[RecordReader]:
        """Read `partition` from `from_offset` on, wherever the group's own position is.

        Of the topic with this id alone: it may be deleted, and another one made under its name.
        """
        ...

    async def extent(self, partition: int) -> LogExtent:
        """What the partition holds now. Raises `LogUnavailableError`."""
        ...

    async def record_at(self, partition: int, offset: int) -> Record | None:
        """The record at `offset`; None if it is not in the log. Raises `LogUnavailableError`."""
        ...

    async def advise(self, partition: int, next_offset: int) -> None:
        """Let the group's own offset follow, for lag tools and autoscalers.

        Advisory: nothing ever starts from it, and a failure is not reported.
        """
        ...
