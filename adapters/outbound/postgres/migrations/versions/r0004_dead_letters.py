"""Dead letters that are decided in the log: each has an id of ours, and what became of it follows
from the transaction of that id. Their `state` goes: nothing ever wrote another one than `held`.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

from core.entities.dead_letter import dead_letter_id
from core.entities.position import Position
from core.entities.record import Record, Undecodable
from core.entities.transaction_id import shard_of_id

revision: Final = "0004"
down_revision: Final = "0003"

_FIND: Final = sa.text(
    "SELECT partition, page_number, log_offset, transaction_id, detail, recorded_at, key, value, "
    "header_names, header_values FROM dead_letter"
)
_FILL: Final = sa.text(
    "UPDATE dead_letter SET transaction_id = :transaction_id, shard = :shard "
    "WHERE partition = :partition AND page_number = :page_number AND log_offset = :log_offset"
)


def upgrade() -> None:
    """Alter, and fill."""
    op.execute("ALTER TABLE dead_letter ADD COLUMN shard smallint")
    for row in op.get_bind().execute(_FIND).mappings().all():
        _fill(row)
    op.execute(
        """
        ALTER TABLE dead_letter
            ALTER COLUMN shard SET NOT NULL,
            ALTER COLUMN transaction_id SET NOT NULL,
            DROP COLUMN state,
            ADD CONSTRAINT dead_letter_shard CHECK (shard BETWEEN 0 AND 4095)
        """
    )
    op.execute("CREATE INDEX dead_letter_by_page ON dead_letter (page_number, log_offset)")
    op.execute("CREATE INDEX dead_letter_by_position ON dead_letter (partition, log_offset)")


def _fill(row: sa.RowMapping) -> None:
    record = Record(
        Position(row["partition"], row["log_offset"]),
        row["recorded_at"],
        row["key"],
        row["value"],
        [
            (name.decode(errors="surrogatepass"), value)
            for name, value in zip(row["header_names"], row["header_values"], strict=True)
        ],
        Undecodable(row["detail"], row["transaction_id"]),
    )
    transaction_id = dead_letter_id(record)
    values = {name: row[name] for name in ("partition", "page_number", "log_offset")}
    op.get_bind().execute(
        _FILL, {**values, "transaction_id": transaction_id, "shard": shard_of_id(transaction_id)}
    )
