"""What each role may do: as little as it needs. History is only ever added to."""

from typing import Final

import sqlalchemy as sa

PROCESSOR: Final = "counterfoil_processor"
"""The role that posts."""
API: Final = "counterfoil_api"
"""The role that reads, and manages webhook endpoints."""
WEBHOOKS: Final = "counterfoil_webhooks"
"""The role that calls webhook endpoints."""

_HISTORY: Final = (
    "ledger_transaction, entry, party, page, signed_head, dead_letter, resumption, partitioning"
)
_READABLE: Final = f"alembic_version, log_position, account, hold, {_HISTORY}"

_POSITION_COLUMNS: Final = (
    "epoch, next_offset, published_offset, told_page, secret, topic_id, last_record_hash, "
    "condemned_in_a_row, halted, updated_at"
)
_WEBHOOK_TABLES: Final = (
    "webhook_endpoint, webhook_secret, webhook_cursor, webhook_delivery, webhook_attempt, "
    "webhook_replay"
)
_ACCOUNT_COLUMNS: Final = (
    "balance, held, overdraft_limit, status, sequence, opened_at, last_entry_at, metadata"
)

_GRANTS: Final = {
    PROCESSOR: (
        ("SELECT", _READABLE),
        ("INSERT", f"log_position, account, hold, {_HISTORY}"),
        (f"UPDATE ({_POSITION_COLUMNS})", "log_position"),
        (f"UPDATE ({_ACCOUNT_COLUMNS})", "account"),
        ("UPDATE (captured, status)", "hold"),
        # Of accounts that a refused command would otherwise leave behind; a trigger keeps others.
        ("DELETE", "account"),
        ("SELECT, INSERT, UPDATE", "integrity_check"),
    ),
    API: (
        ("SELECT", _READABLE),
        ("SELECT, INSERT, UPDATE, DELETE", "webhook_endpoint, webhook_replay"),
        # Whoever gets hold of the API's role cannot sign as we do.
        ("SELECT (endpoint_id, number, created_at, expires_at)", "webhook_secret"),
        ("INSERT, UPDATE (expires_at), DELETE", "webhook_secret"),
        ("SELECT, INSERT, UPDATE (next_attempt_at)", "webhook_delivery"),
        ("SELECT", "webhook_attempt, integrity_check"),
    ),
    WEBHOOKS: (("SELECT", _READABLE), ("SELECT, INSERT, UPDATE, DELETE", _WEBHOOK_TABLES)),
}


def grant(connection: sa.Connection) -> None:
    """Grant to those of the roles that exist, and take away what they had beyond that."""
    existing = set(connection.execute(sa.text("SELECT rolname FROM pg_roles")).scalars())
    if PROCESSOR in existing:
        # Pages that are posted again have their numbers already, and later ones go on from there.
        connection.execute(
            sa.text(f"GRANT SELECT, UPDATE ON SEQUENCE page_number_seq TO {PROCESSOR}")
        )
    for role, privileges in _GRANTS.items():
        if role in existing:
            connection.execute(sa.text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"))
            for privilege, tables in privileges:
                connection.execute(sa.text(f"GRANT {privilege} ON {tables} TO {role}"))
