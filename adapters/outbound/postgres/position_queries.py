"""Positions: taking them over, reading and moving them."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import log_position, page

_now = sa.bindparam("now", type_=TIMESTAMP(timezone=True))
_partition = sa.bindparam("partition", type_=sa.SmallInteger)
_epoch = sa.bindparam("epoch", type_=sa.BigInteger)

_first_owner = insert(log_position).values(
    partition=_partition,
    epoch=1,
    next_offset=0,
    published_offset=0,
    condemned_in_a_row=0,
    updated_at=_now,
)
TAKE_OVER: Final = Query(
    _first_owner.on_conflict_do_update(
        index_elements=[log_position.c.partition],
        set_={"epoch": log_position.c.epoch + 1, "updated_at": _now},
    ).returning(log_position)
)

ALL: Final = Query(sa.select(log_position).order_by(log_position.c.partition))

NEXT_OFFSETS: Final = Query(
    sa.select(log_position.c.partition, log_position.c.next_offset).where(
        log_position.c.halted.is_(None)
    )
)

SETTLED: Final = Query(
    sa.select(log_position)
    .where(log_position.c.partition == _partition)
    .with_for_update(key_share=True)
)
"""The row once no page holds it: its lock is what every page takes first and holds to its end."""

_owned = (
    sa.update(log_position)
    .where(log_position.c.partition == _partition, log_position.c.epoch == _epoch)
    .values(updated_at=_now)
    .returning(log_position.c.partition)
)

IDENTIFY_LOG: Final = Query(_owned.values(topic_id=sa.bindparam("topic_id_", type_=sa.Text)))

_any_page = sa.select(page.c.number).where(page.c.partition == _partition).exists()
ADOPT_SECRET: Final = Query(
    _owned.values(
        secret=sa.case(
            (_any_page, log_position.c.secret), else_=sa.bindparam("secret_", type_=sa.LargeBinary)
        )
    ).returning(log_position.c.secret)
)

HALT: Final = Query(_owned.values(halted=sa.bindparam("reason", type_=sa.Text)))

_to_offset = sa.bindparam("to_offset", type_=sa.BigInteger)
_last_page = sa.func.coalesce(
    sa.select(sa.func.max(page.c.number)).where(page.c.partition == _partition).scalar_subquery(),
    sa.literal_column("0"),
)
# What was told cannot be ahead of the books, unless they were put back; pages are told ahead of
# outcomes, so that the offset alone does not show it.
MARK_PUBLISHED: Final = Query(
    _owned.where(log_position.c.next_offset >= _to_offset).values(
        published_offset=sa.func.greatest(log_position.c.published_offset, _to_offset),
        told_page=sa.func.greatest(
            log_position.c.told_page,
            sa.func.least(sa.bindparam("to_page", type_=sa.BigInteger), _last_page),
        ),
    )
)
