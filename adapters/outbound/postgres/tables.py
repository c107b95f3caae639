"""The tables as queries see them; the migrations make them."""

from decimal import Decimal
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, NUMERIC, TIMESTAMP, UUID

metadata: Final = sa.MetaData()

_Text = sa.Text(collation="C")
_Time = TIMESTAMP(timezone=True)
_Wide: NUMERIC[Decimal] = NUMERIC(38, 0)
"""The settlement accounts' balances outgrow 64 bits."""

log_position: Final = sa.Table(
    "log_position",
    metadata,
    sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
    sa.Column("published_offset", sa.BigInteger, nullable=False),
    sa.Column("topic_id", sa.Text),
    sa.Column("last_record_hash", BYTEA),
    sa.Column("condemned_in_a_row", sa.Integer, nullable=False),
    sa.Column("halted", sa.Text),
    sa.Column("updated_at", _Time, nullable=False),
    sa.Column("told_page", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column(
        "secret",
        BYTEA,
        nullable=False,
        server_default=sa.text(
            "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"
        ),
    ),
)

account: Final = sa.Table(
    "account",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", _Text, primary_key=True),
    sa.Column("currency", _Text, primary_key=True),
    sa.Column("balance", _Wide, nullable=False, server_default="0"),
    sa.Column("held", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("overdraft_limit", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("status", sa.Text, nullable=False, server_default="open"),
    sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("opened_at", _Time),
    sa.Column("last_entry_at", _Time),
    sa.Column("metadata", JSONB),
)

hold: Final = sa.Table(
    "hold",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("hold_id", UUID, primary_key=True),
    sa.Column("user_id", _Text, nullable=False),
    sa.Column("currency", _Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("exponent", sa.SmallInteger, nullable=False),
    sa.Column("captured", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("to_user_id", _Text),
    sa.Column("expires_at", _Time),
    sa.Column("placed_at", _Time, nullable=False),
    sa.Column("log_partition", sa.SmallInteger, nullable=False),
    sa.Index("hold_by_user", "shard", "user_id", "placed_at", "hold_id"),
    sa.Index(
        "hold_by_account",
        *("shard", "user_id", "currency"),
        postgresql_where=sa.text("status = 'open'"),
    ),
    sa.Index(
        "hold_by_expiry",
        "log_partition",
        "expires_at",
        postgresql_where=sa.text("status = 'open' AND expires_at IS NOT NULL"),
    ),
)

ledger_transaction: Final = sa.Table(
    "ledger_transaction",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("transaction_id", UUID, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("user_id", _Text),
    sa.Column("amount", sa.BigInteger),
    sa.Column("currency", _Text),
    sa.Column("reference", sa.Text),
    sa.Column("metadata", JSONB),
    sa.Column("client", _Text, nullable=False),
    sa.Column("idempotency_key", _Text),
    sa.Column("fingerprint", BYTEA, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("log_partition", sa.SmallInteger, nullable=False),
    sa.Column("log_offset", sa.BigInteger, nullable=False),
    sa.Column("page_number", sa.BigInteger, nullable=False),
    sa.Column("accepted_at", _Time, nullable=False),
    sa.Column("posted_at", _Time, nullable=False),
    sa.Column("rejection_code", sa.Text),
    sa.Column("rejection_figures", JSONB),
    sa.Column("exponent", sa.SmallInteger),
    sa.Column("details", JSONB),
    sa.Column("reversed_id", UUID),
    sa.Column("rejection_currency", sa.Text),
    sa.Column("rejection_facts", JSONB),
    sa.Index(
        "ledger_transaction_by_key",
        "client",
        "idempotency_key",
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    ),
    sa.Index("ledger_transaction_by_position", "log_partition", "log_offset"),
    sa.Index("ledger_transaction_by_page", "log_partition", "page_number", "log_offset"),
    sa.Index(
        "ledger_transaction_by_user",
        *("user_id", "log_partition", "page_number", "log_offset"),
        postgresql_where=sa.text("user_id IS NOT NULL"),
    ),
    sa.Index(
        "ledger_transaction_by_reference",
        *("reference", "log_partition", "page_number", "log_offset"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    ),
    sa.Index(
        "ledger_transaction_by_hold",
        "shard",
        sa.text("(details ->> 'hold_id')"),
        postgresql_where=sa.text("type IN ('capture', 'void', 'expire')"),
    ),
    sa.Index(
        "ledger_transaction_by_change",
        *("shard", "user_id"),
        postgresql_where=sa.text("type = 'account'"),
    ),
    sa.Index(
        "ledger_transaction_by_reversed",
        "shard",
        "reversed_id",
        postgresql_where=sa.text("reversed_id IS NOT NULL"),
    ),
)

party: Final = sa.Table(
    "party",
    metadata,
    sa.Column("user_id", _Text, primary_key=True),
    sa.Column("log_partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("page_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_offset", sa.BigInteger, primary_key=True, autoincrement=False),
)

entry: Final = sa.Table(
    "entry",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", _Text, primary_key=True),
    sa.Column("currency", _Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("transaction_id", UUID, nullable=False),
    sa.Column("leg", sa.SmallInteger, nullable=False),
    sa.Column("log_partition", sa.SmallInteger, nullable=False),
    sa.Column("log_offset", sa.BigInteger, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("balance_after", _Wide, nullable=False),
    sa.Column("posted_at", _Time, nullable=False),
    sa.Index("entry_by_position", "log_partition", "log_offset"),
)

page: Final = sa.Table(
    "page",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("partition", sa.SmallInteger, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("first_offset", sa.BigInteger, nullable=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
    sa.Column("transaction_count", sa.Integer, nullable=False),
    sa.Column("entry_count", sa.Integer, nullable=False),
    sa.Column("rules_version", sa.Integer, nullable=False),
    sa.Column("written_at", _Time, nullable=False),
    sa.Column("head", BYTEA),
    sa.Column("may_cross", sa.Boolean, nullable=False),
    sa.Index("page_by_partition", "partition", "number"),
)

signed_head: Final = sa.Table(
    "signed_head",
    metadata,
    sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("page_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
    sa.Column("head", BYTEA, nullable=False),
    sa.Column("ledger", sa.Text, nullable=False),
    sa.Column("signed_at", _Time, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("signature", BYTEA, nullable=False),
)

dead_letter: Final = sa.Table(
    "dead_letter",
    metadata,
    sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("page_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("transaction_id", UUID, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("recorded_at", _Time, nullable=False),
    sa.Column("key", BYTEA),
    sa.Column("value", BYTEA),
    sa.Column("header_names", ARRAY(BYTEA), nullable=False),
    sa.Column("header_values", ARRAY(BYTEA), nullable=False),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Index("dead_letter_by_transaction", "transaction_id"),
    sa.Index("dead_letter_by_page", "page_number", "log_offset"),
    sa.Index("dead_letter_by_position", "partition", "log_offset"),
)

resumption: Final = sa.Table(
    "resumption",
    metadata,
    sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("from_offset", sa.BigInteger, nullable=False),
    sa.Column("to_offset", sa.BigInteger, nullable=False),
    sa.Column("published_offset", sa.BigInteger, nullable=False),
    sa.Column("topic_id", sa.Text),
    sa.Column("last_page_number", sa.BigInteger, nullable=False),
    sa.Column("halted", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("resumed_at", _Time, nullable=False),
)

partitioning: Final = sa.Table(
    "partitioning",
    metadata,
    sa.Column("only_row", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("partition_count", sa.Integer, nullable=False),
    sa.Column("recorded_at", _Time, nullable=False),
)

integrity_check: Final = sa.Table(
    "integrity_check",
    metadata,
    sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("begun_at", _Time, nullable=False),
    sa.Column("finished_at", _Time),
    sa.Column("checked_at", _Time, nullable=False),
    sa.Column("accounts", sa.BigInteger, nullable=False),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("holds", sa.BigInteger, nullable=False),
    sa.Column("findings", JSONB, nullable=False),
)

webhook_endpoint: Final = sa.Table(
    "webhook_endpoint",
    metadata,
    sa.Column("endpoint_id", UUID, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("event_types", ARRAY(sa.Text), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("disabled_because", sa.Text),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("failures_in_a_row", sa.Integer, nullable=False, server_default="0"),
    sa.Column("pauses", sa.Integer, nullable=False, server_default="0"),
    sa.Column("paused_until", _Time),
)

webhook_secret: Final = sa.Table(
    "webhook_secret",
    metadata,
    sa.Column(
        "endpoint_id",
        UUID,
        sa.ForeignKey("webhook_endpoint.endpoint_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("expires_at", _Time),
)

webhook_cursor: Final = sa.Table(
    "webhook_cursor",
    metadata,
    sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("topic_id", sa.Text, nullable=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
)

webhook_delivery: Final = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column(
        "endpoint_id",
        UUID,
        sa.ForeignKey("webhook_endpoint.endpoint_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("event_id", UUID, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("next_attempt_at", _Time, nullable=False),
    sa.Column("is_claimed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("last_attempt_at", _Time),
    sa.Column("last_status", sa.SmallInteger),
    sa.Column("last_error", sa.Text),
    sa.Index(
        "webhook_delivery_by_due",
        *("endpoint_id", "next_attempt_at", "number"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index("webhook_delivery_by_state", "endpoint_id", "state", "number"),
    sa.Index(
        "webhook_delivery_by_end",
        "last_attempt_at",
        postgresql_where=sa.text("state <> 'waiting'"),
    ),
)

webhook_attempt: Final = sa.Table(
    "webhook_attempt",
    metadata,
    sa.Column("endpoint_id", UUID, primary_key=True),
    sa.Column("event_id", UUID, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("at", _Time, nullable=False),
    sa.Column("duration_seconds", sa.Double, nullable=False),
    sa.Column("status", sa.SmallInteger),
    sa.Column("error", sa.Text),
    sa.Column("answer", BYTEA, nullable=False),
    sa.ForeignKeyConstraint(
        ["endpoint_id", "event_id"],
        ["webhook_delivery.endpoint_id", "webhook_delivery.event_id"],
        ondelete="CASCADE",
    ),
)

webhook_replay: Final = sa.Table(
    "webhook_replay",
    metadata,
    sa.Column(
        "endpoint_id",
        UUID,
        sa.ForeignKey("webhook_endpoint.endpoint_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("since", _Time, nullable=False),
    sa.Column("asked_at", _Time, nullable=False),
    sa.Column("cursor", sa.Text),
)
