"""The log files of the processes, bounded."""

import shutil
from pathlib import Path

SIZE_LIMIT_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 16 * 1024
TAIL_LINES = 15


def rotate(log: Path) -> None:
    """Keep the log within its limit, with one older part beside it as `NAME.log.1`.

    Copied and cut rather than renamed: the process that writes keeps its open file,
    which is in append mode and goes on at the new end.
    """
    if log.exists() and log.stat().st_size > SIZE_LIMIT_BYTES:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        with log.open("r+b") as file:
            file.truncate(0)


def tail(log: Path) -> list[str]:
    """The last lines of the log."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
