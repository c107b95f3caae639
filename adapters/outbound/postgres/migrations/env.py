"""Alembic's way in: upgrades on the connection that `migrate` hands over, in its transaction."""

from alembic import context

from adapters.outbound.postgres.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
