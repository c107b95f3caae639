"""A worker that is paused in the middle of a COPY: run as a process, it stops itself there.

Arguments: the DSN and the partition, which it is the owner of.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import asyncpg

_TRANSACTION_ID = "01890000-0000-7abc-8000-000000000001"


async def half_of_the_rows() -> AsyncIterator[bytes]:
    # Enough to leave the process: the server is in the middle of reading when it hears no more.
    for sequence in range(1, 1_001):
        row = (1, "stalled", "USD", sequence, _TRANSACTION_ID, 0, 0, 0, 1, 1, "2026-01-31")
        yield ("\t".join(map(str, row)) + "\n").encode()
        await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGSTOP)


async def stall(dsn: str, partition: int) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("BEGIN")
    await connection.execute(
        "UPDATE log_position SET next_offset = next_offset + 1 WHERE partition = $1", partition
    )
    await connection.copy_to_table("entry", source=half_of_the_rows())


if __name__ == "__main__":
    asyncio.run(stall(sys.argv[1], int(sys.argv[2])))
