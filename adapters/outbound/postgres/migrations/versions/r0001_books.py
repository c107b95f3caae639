"""The books: positions, accounts, transactions, entries, pages, dead letters.

Money is in minor units, a balance a 64-bit integer for users and wider for the house. Every key
begins with the shard or the partition; text in keys sorts bytewise, as the core sorts it.
"""

from typing import Final

from alembic import op

revision: Final = "0001"
down_revision: Final = None

_STATEMENTS: Final = (
    """
    CREATE TABLE log_position (
        partition smallint PRIMARY KEY,
        epoch bigint NOT NULL,
        next_offset bigint NOT NULL,
        published_offset bigint NOT NULL,
        topic_id text,
        last_record_hash bytea,
        condemned_in_a_row integer NOT NULL,
        halted text,
        updated_at timestamptz NOT NULL,
        CONSTRAINT log_position_never_negative CHECK (
            partition >= 0 AND epoch >= 0 AND next_offset >= 0 AND published_offset >= 0
            AND condemned_in_a_row >= 0
        )
    ) WITH (fillfactor = 10)
    """,
    """
    CREATE TABLE account (
        shard smallint NOT NULL,
        user_id text COLLATE "C" NOT NULL,
        currency text COLLATE "C" NOT NULL,
        balance numeric(38, 0) NOT NULL DEFAULT 0,
        held bigint NOT NULL DEFAULT 0,
        overdraft_limit bigint NOT NULL DEFAULT 0,
        status text NOT NULL DEFAULT 'open',
        sequence bigint NOT NULL DEFAULT 0,
        opened_at timestamptz,
        last_entry_at timestamptz,
        PRIMARY KEY (shard, user_id, currency),
        CONSTRAINT account_shard CHECK (shard BETWEEN 0 AND 4095),
        CONSTRAINT account_held CHECK (held >= 0),
        CONSTRAINT account_overdraft_limit CHECK (overdraft_limit >= 0),
        CONSTRAINT account_sequence CHECK (sequence >= 0),
        CONSTRAINT account_last_entry CHECK ((sequence > 0) = (last_entry_at IS NOT NULL)),
        CONSTRAINT account_user_balance CHECK (
            user_id LIKE '@settlement:%'
            OR (
                balance BETWEEN -9223372036854775808 AND 9223372036854775807
                AND balance - held + overdraft_limit >= 0
            )
        )
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE ledger_transaction (
        shard smallint NOT NULL,
        transaction_id uuid NOT NULL,
        type text NOT NULL,
        status text NOT NULL,
        user_id text COLLATE "C" NOT NULL,
        amount bigint NOT NULL,
        currency text COLLATE "C" NOT NULL,
        reference text,
        metadata jsonb,
        client text COLLATE "C" NOT NULL,
        idempotency_key text COLLATE "C",
        fingerprint bytea NOT NULL,
        request_id text NOT NULL,
        log_partition smallint NOT NULL,
        log_offset bigint NOT NULL,
        page_number bigint NOT NULL,
        accepted_at timestamptz NOT NULL,
        posted_at timestamptz NOT NULL,
        rejection_code text,
        rejection_figures jsonb,
        PRIMARY KEY (shard, transaction_id),
        CONSTRAINT ledger_transaction_amount CHECK (amount > 0),
        CONSTRAINT ledger_transaction_status CHECK (
            CASE status
                WHEN 'posted' THEN rejection_code IS NULL AND rejection_figures IS NULL
                WHEN 'rejected' THEN rejection_code IS NOT NULL AND rejection_figures IS NOT NULL
                ELSE false
            END
        )
    )
    """,
    """
    CREATE INDEX ledger_transaction_by_key ON ledger_transaction (client, idempotency_key)
        WHERE idempotency_key IS NOT NULL
    """,
    """
    CREATE INDEX ledger_transaction_by_position ON ledger_transaction (log_partition, log_offset)
    """,
    """
    CREATE TABLE entry (
        shard smallint NOT NULL,
        user_id text COLLATE "C" NOT NULL,
        currency text COLLATE "C" NOT NULL,
        sequence bigint NOT NULL,
        transaction_id uuid NOT NULL,
        leg smallint NOT NULL,
        log_partition smallint NOT NULL,
        log_offset bigint NOT NULL,
        amount bigint NOT NULL,
        balance_after numeric(38, 0) NOT NULL,
        posted_at timestamptz NOT NULL,
        PRIMARY KEY (shard, user_id, currency, sequence),
        CONSTRAINT entry_sequence CHECK (sequence > 0)
    )
    """,
    # Leads from a transaction to its entries: new ones go to one end of it, unlike ids'.
    """
    CREATE INDEX entry_by_position ON entry (log_partition, log_offset)
    """,
    """
    CREATE TABLE page (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        partition smallint NOT NULL,
        epoch bigint NOT NULL,
        first_offset bigint NOT NULL,
        next_offset bigint NOT NULL,
        transaction_count integer NOT NULL,
        entry_count integer NOT NULL,
        rules_version integer NOT NULL,
        written_at timestamptz NOT NULL
    )
    """,
    # Offsets come again when a topic is created anew; page numbers never do.
    """
    CREATE TABLE dead_letter (
        partition smallint NOT NULL,
        page_number bigint NOT NULL,
        log_offset bigint NOT NULL,
        transaction_id uuid,
        reason text NOT NULL,
        detail text NOT NULL,
        recorded_at timestamptz NOT NULL,
        key bytea,
        value bytea,
        header_names bytea[] NOT NULL,
        header_values bytea[] NOT NULL,
        state text NOT NULL DEFAULT 'held',
        PRIMARY KEY (partition, page_number, log_offset)
    )
    """,
    """
    CREATE INDEX dead_letter_by_transaction ON dead_letter (transaction_id)
    """,
    """
    CREATE TABLE resumption (
        partition smallint NOT NULL,
        epoch bigint NOT NULL,
        from_offset bigint NOT NULL,
        to_offset bigint NOT NULL,
        published_offset bigint NOT NULL,
        topic_id text,
        last_page_number bigint NOT NULL,
        halted text NOT NULL,
        reason text NOT NULL,
        resumed_at timestamptz NOT NULL,
        PRIMARY KEY (partition, epoch)
    )
    """,
    """
    CREATE TABLE partitioning (
        only_row boolean PRIMARY KEY DEFAULT true,
        partition_count integer NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT partitioning_one_row CHECK (only_row),
        CONSTRAINT partitioning_partition_count CHECK (partition_count > 0)
    )
    """,
    """
    CREATE FUNCTION entries_sum_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM inserted GROUP BY transaction_id, currency HAVING sum(amount) <> 0 LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'entries of a transaction do not sum to zero' USING ERRCODE = '23514';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER entries_sum_to_zero AFTER INSERT ON entry
        REFERENCING NEW TABLE AS inserted
        FOR EACH STATEMENT EXECUTE FUNCTION entries_sum_to_zero()
    """,
    """
    CREATE FUNCTION opened_accounts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'an account that was opened is never deleted' USING ERRCODE = '23001';
    END
    $$
    """,
    """
    CREATE TRIGGER opened_accounts_stay BEFORE DELETE ON account
        FOR EACH ROW WHEN (OLD.opened_at IS NOT NULL) EXECUTE FUNCTION opened_accounts_stay()
    """,
)


def upgrade() -> None:
    """Create everything."""
    for statement in _STATEMENTS:
        op.execute(statement)
