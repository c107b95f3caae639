"""What each role may do: as little as it needs. History is only ever added to."""

from typing import Final

import sqlalchemy as sa

PROCESSOR: Final = "counterfoil_processor"
"""The role that posts."""
API: Final = "counterfoil_api"
"""The role that reads."""

_HISTORY: Final = "ledger_transaction, entry, party, page, dead_letter, resumption, partitioning"
_READABLE: Final = f"alembic_version, log_position, account, hold, {_HISTORY}"

_GRANTS: Final = {
    PROCESSOR: (
        ("SELECT", _READABLE),
        ("INSERT", f"log_position, account, hold, {_HISTORY}"),
        ("UPDATE", "log_position, account, hold"),
        # Of accounts that a refused command would otherwise leave behind; a trigger keeps others.
        ("DELETE", "account"),
    ),
    API: (("SELECT", _READABLE),),
}


def grant(connection: sa.Connection) -> None:
    """Grant to those of the roles that exist."""
    existing = set(connection.execute(sa.text("SELECT rolname FROM pg_roles")).scalars())
    for role, privileges in _GRANTS.items():
        for privilege, tables in privileges if role in existing else ():
            connection.execute(sa.text(f"GRANT {privilege} ON {tables} TO {role}"))
