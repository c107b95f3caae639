"""Where no disk can be mounted, files are limited instead, whoever runs the tests."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.disk import LARGEST_FILE, LimitedFiles

NOBODY = 65_534


@pytest.fixture
def server() -> Iterator[int]:
    """A process of another user, as PostgreSQL is where root runs the tests."""
    is_root = os.geteuid() == 0
    process = subprocess.Popen(
        ["sleep", "600"],
        user=NOBODY if is_root else None,
        group=NOBODY if is_root else None,
        extra_groups=[] if is_root else None,
    )
    yield process.pid
    process.kill()
    process.wait()


def largest_file(pid: int) -> str:
    (line,) = [
        line
        for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
        if line.startswith("Max file size")
    ]
    return line.split()[3]


async def test_files_are_limited_and_free_again(server: int) -> None:
    await LimitedFiles().fill(server)
    assert largest_file(server) == LARGEST_FILE
    await LimitedFiles().empty(server)
    assert largest_file(server) == "unlimited"
