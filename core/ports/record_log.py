"""The command log, for records that are written as they are."""

from typing import Protocol

from core.entities.record import Headers
from core.ports.command_log import Appended


class RecordLog(Protocol):
    """Appends records durably, whether any code can read them or not."""

    async def append_record(
        self, partition: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> Appended:
        """Write a record to `partition`, byte for byte.

        Promises what `CommandLog.append` does, and raises what it raises; the record may be
        written more than once.
        """
        ...
