"""Finding holds."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import hold
from core.entities.hold import HoldStatus

_shard = sa.bindparam("shard", type_=sa.SmallInteger)
_status = sa.bindparam("status", type_=sa.Text)
_at_most = sa.bindparam("at_most", type_=sa.Integer)
_Time = TIMESTAMP(timezone=True)

HOLD: Final = Query(
    sa.select(hold).where(
        hold.c.shard == _shard, hold.c.hold_id == sa.bindparam("hold_id", type_=UUID)
    )
)

HOLDS_OF_USER: Final = Query(
    sa.select(hold)
    .where(
        hold.c.shard == _shard,
        hold.c.user_id == sa.bindparam("user_id", type_=sa.Text),
        sa.tuple_(hold.c.placed_at, hold.c.hold_id)
        < sa.tuple_(
            sa.bindparam("before_time", type_=_Time), sa.bindparam("before_id", type_=UUID)
        ),
        sa.or_(_status.is_(None), hold.c.status == _status),
    )
    .order_by(hold.c.placed_at.desc(), hold.c.hold_id.desc())
    .limit(_at_most)
)
"""A user's holds before a place, the newest first."""

_partitions = (
    sa.func.unnest(sa.bindparam("partitions", type_=ARRAY(sa.SmallInteger)))
    .table_valued(sa.column("number", sa.SmallInteger))
    .render_derived("asked")
)
_due = (
    sa.select(hold.c.hold_id)
    .where(
        hold.c.log_partition == _partitions.c.number,
        hold.c.status == sa.literal_column(f"'{HoldStatus.OPEN}'"),
        hold.c.expires_at.is_not(None),
        hold.c.expires_at < sa.bindparam("at", type_=_Time),
    )
    .order_by(hold.c.expires_at, hold.c.hold_id)
    .limit(_at_most)
    .lateral("due")
)
DUE_HOLDS: Final = Query(sa.select(_due.c.hold_id).select_from(_partitions.join(_due, sa.true())))
"""Open holds whose time is over: of each of `partitions` at most so many, the earliest first."""
