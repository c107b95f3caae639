"""Webhooks: endpoints, their secrets, what is on its way to them, and how it went.

Nothing here is money: all of it may be changed and forgotten.
"""

from typing import Final

from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

_STATEMENTS: Final = (
    """
    CREATE TABLE webhook_endpoint (
        endpoint_id uuid PRIMARY KEY,
        url text NOT NULL,
        description text,
        event_types text[] NOT NULL,
        status text NOT NULL CHECK (status IN ('enabled', 'disabled', 'removed')),
        disabled_because text CHECK (disabled_because IN ('by_operator', 'gone', 'failing')),
        created_at timestamptz NOT NULL,
        failures_in_a_row integer NOT NULL DEFAULT 0 CHECK (failures_in_a_row >= 0),
        pauses integer NOT NULL DEFAULT 0 CHECK (pauses >= 0),
        paused_until timestamptz,
        CHECK ((status = 'disabled') = (disabled_because IS NOT NULL))
    )
    """,
    """
    CREATE TABLE webhook_secret (
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
        number bigint GENERATED ALWAYS AS IDENTITY,
        secret text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        PRIMARY KEY (endpoint_id, number)
    )
    """,
    """
    CREATE TABLE webhook_cursor (
        partition smallint PRIMARY KEY CHECK (partition >= 0),
        topic_id text NOT NULL,
        next_offset bigint NOT NULL CHECK (next_offset >= 0)
    )
    """,
    """
    CREATE TABLE webhook_delivery (
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
        event_id uuid NOT NULL,
        type text NOT NULL,
        number bigint GENERATED ALWAYS AS IDENTITY,
        state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
        attempts integer NOT NULL CHECK (attempts >= 0),
        created_at timestamptz NOT NULL,
        next_attempt_at timestamptz NOT NULL,
        is_claimed boolean NOT NULL DEFAULT false,
        last_attempt_at timestamptz,
        last_status smallint,
        last_error text,
        PRIMARY KEY (endpoint_id, event_id)
    )
    """,
    """
    CREATE INDEX webhook_delivery_by_due
        ON webhook_delivery (endpoint_id, next_attempt_at, number) WHERE state = 'waiting'
    """,
    "CREATE INDEX webhook_delivery_by_state ON webhook_delivery (endpoint_id, state, number)",
    """
    CREATE INDEX webhook_delivery_by_end
        ON webhook_delivery (last_attempt_at) WHERE state <> 'waiting'
    """,
    """
    CREATE TABLE webhook_attempt (
        endpoint_id uuid NOT NULL,
        event_id uuid NOT NULL,
        number bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL,
        duration_seconds double precision NOT NULL,
        status smallint,
        error text,
        answer bytea NOT NULL,
        PRIMARY KEY (endpoint_id, event_id, number),
        FOREIGN KEY (endpoint_id, event_id) REFERENCES webhook_delivery ON DELETE CASCADE,
        CHECK ((status IS NULL) <> (error IS NULL))
    )
    """,
    """
    CREATE TABLE webhook_replay (
        endpoint_id uuid PRIMARY KEY REFERENCES webhook_endpoint ON DELETE CASCADE,
        since timestamptz NOT NULL,
        asked_at timestamptz NOT NULL,
        cursor text
    )
    """,
)


def upgrade() -> None:
    """Create."""
    for statement in _STATEMENTS:
        op.execute(statement)
