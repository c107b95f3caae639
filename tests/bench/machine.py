"""What the figures were taken on."""

import os
import platform
import subprocess
from datetime import UTC
from pathlib import Path

import aiokafka
import asyncpg
import msgspec
import psutil

from adapters.outbound.system.clock import SystemClock
from tests.running_stack import CHECKOUT


class Machine(msgspec.Struct, frozen=True):
    """The machine, the versions, the day."""

    date: str
    commit: str
    cpu: str
    cores: int
    memory_gib: int
    system: str
    python: str
    postgres: str
    asyncpg: str
    aiokafka: str


def describe(postgres: str) -> Machine:
    """This machine, now; `postgres` is the server's version."""
    return Machine(
        date=SystemClock().now().astimezone(UTC).date().isoformat(),
        commit=_commit(),
        cpu=_cpu(),
        cores=os.cpu_count() or 0,
        memory_gib=round(psutil.virtual_memory().total / 1024**3),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=postgres,
        asyncpg=asyncpg.__version__,
        aiokafka=aiokafka.__version__,
    )


def _commit() -> str:
    """Of the checkout; with a plus sign if it was changed since."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
