"""Reading accounts and their entries, always by the whole key."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import account, entry, ledger_transaction
from core.entities.orders import CommandType

_shard = sa.bindparam("shard", type_=sa.SmallInteger)
_user_id = sa.bindparam("user_id", type_=sa.Text)
_currency = sa.bindparam("currency", type_=sa.Text)

# The driver makes Decimals of numerics, slowly, to be made integers.
_accounts = sa.select(
    *(
        sa.cast(column, sa.Text).label("balance") if column is account.c.balance else column
        for column in account.c
    ),
).where(account.c.opened_at.is_not(None))

ACCOUNT: Final = Query(
    _accounts.where(
        account.c.shard == _shard,
        account.c.user_id == _user_id,
        account.c.currency == _currency,
    )
)

ACCOUNTS_OF_USER: Final = Query(
    _accounts.where(account.c.shard == _shard, account.c.user_id == _user_id).order_by(
        account.c.currency
    )
)

_wanted_status = sa.bindparam("status", type_=sa.Text)
_wanted_currency = sa.bindparam("wanted_currency", type_=sa.Text)
ACCOUNTS: Final = Query(
    _accounts.where(
        sa.tuple_(account.c.shard, account.c.user_id, account.c.currency)
        > sa.tuple_(_shard, _user_id, _currency),
        sa.func.left(account.c.user_id, 1) != "@",
        sa.or_(_wanted_status.is_(None), account.c.status == _wanted_status),
        sa.or_(_wanted_currency.is_(None), account.c.currency == _wanted_currency),
    )
    .order_by(account.c.shard, account.c.user_id, account.c.currency)
    .limit(sa.bindparam("at_most", type_=sa.Integer))
)
"""Users' accounts after a key, in the order of keys."""

_kind = sa.bindparam("kind", type_=sa.Text)
_of_entry = (
    sa.select(
        ledger_transaction.c.type,
        ledger_transaction.c.reference,
        ledger_transaction.c.reversed_id,
        sa.case(
            (
                ledger_transaction.c.type == CommandType.CAPTURE,
                sa.cast(ledger_transaction.c.details["hold_id"].astext, UUID),
            )
        ).label("hold_id"),
    )
    .where(
        ledger_transaction.c.log_partition == entry.c.log_partition,
        ledger_transaction.c.log_offset == entry.c.log_offset,
        ledger_transaction.c.transaction_id == entry.c.transaction_id,
        sa.or_(_kind.is_(None), ledger_transaction.c.type == _kind),
    )
    .limit(sa.literal_column("1"))
    .lateral("of_entry")
)
_other = entry.alias("other")
# Legs come in pairs, who paid and who received: 0 and 1, 2 and 3.
_other_side = (
    sa.select(_other.c.user_id)
    .where(
        _other.c.log_partition == entry.c.log_partition,
        _other.c.log_offset == entry.c.log_offset,
        _other.c.transaction_id == entry.c.transaction_id,
        _other.c.leg == entry.c.leg.bitwise_xor(sa.literal_column("1")),
    )
    .limit(sa.literal_column("1"))
    .lateral("other_side")
)
_entries = (
    sa.select(
        entry.c.sequence,
        entry.c.transaction_id,
        _of_entry.c.type,
        entry.c.amount,
        sa.cast(entry.c.balance_after, sa.Text).label("balance_after"),
        entry.c.posted_at,
        _of_entry.c.reference,
        sa.case((sa.func.left(_other_side.c.user_id, 1) != "@", _other_side.c.user_id)).label(
            "other_user_id"
        ),
        _of_entry.c.reversed_id,
        _of_entry.c.hold_id,
    )
    .select_from(entry.join(_of_entry, sa.true()).outerjoin(_other_side, sa.true()))
    .where(
        entry.c.shard == _shard,
        entry.c.user_id == _user_id,
        entry.c.currency == _currency,
        entry.c.sequence.between(
            sa.bindparam("first", type_=sa.BigInteger), sa.bindparam("last", type_=sa.BigInteger)
        ),
    )
    .limit(sa.bindparam("at_most", type_=sa.Integer))
)
ENTRIES_ASCENDING: Final = Query(_entries.order_by(entry.c.sequence))
ENTRIES_DESCENDING: Final = Query(_entries.order_by(entry.c.sequence.desc()))
