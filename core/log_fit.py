"""Whether a partition of the log is still the one that the ledger posted from."""

from core.entities.log_position import LogPosition
from core.entities.record import Record, record_hash
from core.ports.command_feed import LogExtent


def misfit(position: LogPosition, extent: LogExtent, last_posted: Record | None) -> str | None:
    """None if posting may go on at `position.next_offset`; otherwise a sentence that says why not.

    `last_posted` is the record now found just before that offset, if there is one.
    """
    next_offset = position.next_offset
    if position.topic_id is not None and position.topic_id != extent.topic_id:
        return (
            f"the topic was deleted and created again: the ledger posted from topic "
            f"{position.topic_id} up to offset {next_offset}, and this is topic {extent.topic_id}"
        )
    if next_offset < extent.start_offset:
        return (
            f"records were deleted before they were posted: the ledger needs offset {next_offset}, "
            f"and the log begins at offset {extent.start_offset}"
        )
    if next_offset > extent.end_offset:
        return (
            f"the log lost its tail: the ledger has posted up to offset {next_offset}, "
            f"and the log ends at offset {extent.end_offset}"
        )
    if last_posted is None or position.last_record_hash is None:
        return None
    if record_hash(last_posted) != position.last_record_hash:
        return (
            f"the log lost its tail and grew again: the record at offset {next_offset - 1} "
            "is not the one that was posted"
        )
    return None
