"""A disk for PostgreSQL that can be full: one in memory, or else a limit on the size of files."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import psutil

from infra.local.accounts import running_as_root
from infra.local.waiting import until

ROOMY: Final = "3g"
"""Of memory no more is used than the files need."""
LEFT_KIB: Final = 64
"""What a full disk has left: the log's next block may fit, the next segment does not."""
RESIZE_SECONDS: Final = 5.0
LARGEST_FILE: Final = "65536"
"""Bytes, as `prlimit` takes them."""


class Disk(Protocol):
    """Where PostgreSQL keeps its data."""

    @property
    def spares_server(self) -> bool:
        """Whether the server goes on by itself once there is room again."""

    async def fill(self, server_pid: int) -> None:
        """Nothing more can be written, but for a few blocks. Raises `OSError`."""

    async def empty(self, server_pid: int | None) -> None:
        """There is room again; `OSError`. Without a server there is nobody to be told."""


@dataclass(frozen=True)
class MemoryDisk:
    """A file system in memory, made smaller until it is full."""

    folder: Path
    spares_server: bool = True

    async def fill(self, server_pid: int) -> None:
        """Make it as small as what is on it, which may grow meanwhile."""

        async def is_full() -> bool:
            used_kib = shutil.disk_usage(self.folder).used // 1024
            return await self._resized(f"{used_kib + LEFT_KIB}k")

        if not await until(is_full, RESIZE_SECONDS):
            raise OSError(f"{self.folder} could not be filled")

    async def empty(self, server_pid: int | None) -> None:
        """Make it large again."""
        if not await self._resized(ROOMY):
            raise OSError(f"{self.folder} could not be made larger again")

    async def _resized(self, size: str) -> bool:
        return await asyncio.to_thread(_mount, self.folder, "-o", f"remount,size={size}")


@dataclass(frozen=True)
class LimitedFiles:
    """The disk that there is; whoever writes a file of PostgreSQL's may not make it large.

    The log's segments are large already: so this takes the server down. What it starts to recover
    may die of the limit as well, and then it waits for that for ever.
    """

    spares_server: bool = False

    async def fill(self, server_pid: int) -> None:
        """Limit the server, and the sessions that it has."""
        _limit(server_pid, LARGEST_FILE)

    async def empty(self, server_pid: int | None) -> None:
        """Lift the limit."""
        if server_pid is not None:
            _limit(server_pid, "unlimited")


@contextmanager
def disk_in(folder: Path) -> Iterator[Disk]:
    """A disk at that empty folder, as good as this machine allows; gone at the end."""
    if not running_as_root() or not _mount(folder, "-t", "tmpfs", "-o", f"size={ROOMY},mode=711"):
        yield LimitedFiles()
        return
    try:
        yield MemoryDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _mount(folder: Path, *options: str) -> bool:
    source = ["tmpfs"] if "-t" in options else []
    done = subprocess.run(
        ["mount", *options, *source, str(folder)], check=False, capture_output=True
    )
    return done.returncode == 0


def _limit(server_pid: int, size: str) -> None:
    """As the server's own user: root may not, where it has been left only half of its powers."""
    with suppress(psutil.NoSuchProcess):
        server = psutil.Process(server_pid)
        for process in (server, *server.children(recursive=True)):
            done = subprocess.run(
                # Only the soft limit, so that it can be lifted again.
                ["prlimit", "--pid", str(process.pid), f"--fsize={size}:"],
                check=False,
                capture_output=True,
                **_identity(server),
            )
            # A session may end meanwhile.
            if process == server and done.returncode != 0:
                raise OSError(f"prlimit failed: {done.stderr.decode().strip()}")


def _identity(server: psutil.Process) -> dict[str, Any]:
    if not running_as_root():
        return {}
    user, group = server.uids().real, server.gids().real
    return {"user": user, "group": group, "extra_groups": [], "cwd": "/"}
