"""The `counterfoil` command in a process of its own, which can be ended at any moment."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Final

# A shell that runs the tests in the background has them, and their children, ignore SIGINT.
AS_FROM_A_TERMINAL: Final = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from entrypoints.cli import main; main()"
)


async def started(*words: str, **environment: str) -> Process:
    """The process, just started; its output is kept for `communicate`."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", AS_FROM_A_TERMINAL, *words),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, **environment},
    )
