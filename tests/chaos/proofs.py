"""What the operator's verbs say of the books after everything."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from infra.local.postgres import OWNER
from infra.local.postgres_cluster import SUPERUSER
from tests.chaos.stack import ChaosStack
from tests.proof import Proof, proof

_REBUILT: Final = "rebuilt"


async def proofs(stack: ChaosStack) -> Sequence[Proof]:
    """Of books that stand still: whether they are right, come of the log, and can be made anew."""
    await _make_database(stack)
    return [
        await proof(stack.environment, "verify"),
        await proof(stack.environment, "verify", "--replay"),
        await proof(stack.environment, "rebuild", "--into", stack.postgres.dsn(OWNER, _REBUILT)),
    ]


async def _make_database(stack: ChaosStack) -> None:
    connection = await asyncpg.connect(stack.postgres.dsn(SUPERUSER, "postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {_REBUILT} OWNER {OWNER}")
    finally:
        await connection.close()
