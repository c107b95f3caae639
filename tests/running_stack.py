"""A stack as `make run` makes it, run from a test."""

import asyncio
import json
import os
import shlex
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from infra.local.apps import COUNTERFOIL
from infra.local.identity import started
from tests.eventually import eventually

CHECKOUT = Path(__file__).parents[1]
STAND_IN = shlex.join([sys.executable, str(CHECKOUT / "tests" / "infra_local" / "standin.py")])
"""A stand-in for the product, for tests of the supervisor alone."""
PATIENCE_SECONDS = 120.0
NAMES = {"supervisor", "api", "processor", "webhooks", "kafka", "postgres"}


@dataclass
class Run:
    """One `python -m infra.local run` on a DATA of its own."""

    data: Path
    port: int
    counterfoil: str = shlex.join(COUNTERFOIL)
    child: asyncio.subprocess.Process | None = None

    @property
    def output(self) -> str:
        """All that was said so far, by all runs of this DATA."""
        return self.said.read_text() if self.said.exists() else ""

    @property
    def said(self) -> Path:
        """The file of `output`."""
        return self.data.with_name("said")

    @property
    def url(self) -> str:
        """Of the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        """The owner's way into the books; it must run."""
        dsn: str = json.loads((self.data / "stack.json").read_text())["postgres"]
        return dsn

    def settings(self, role: str) -> dict[str, str]:
        """The environment of one more process beside it, which is this role in the books."""
        stack = json.loads((self.data / "stack.json").read_text())
        passwords = json.loads((self.data / "passwords.json").read_text())
        books = urlsplit(stack["postgres"])
        known = books.netloc.rpartition("@")[2]
        dsn = books._replace(netloc=f"{role}:{passwords[role]}@{known}").geturl()
        return {
            "COUNTERFOIL_PROFILE": "embedded",
            "COUNTERFOIL_KAFKA_BOOTSTRAP_SERVERS": stack["kafka"],
            "COUNTERFOIL_POSTGRES_DSN": dsn,
        }

    def pids(self) -> dict[str, int]:
        """What stack.json says; nothing where it is not there."""
        try:
            stack = json.loads((self.data / "stack.json").read_text())
        except FileNotFoundError:
            return {}
        return {process["name"]: process["pid"] for process in stack["processes"]}

    async def begin(self, *, by_make: bool = False, **environment: str) -> None:
        """Start it, and wait for nothing. `by_make`: the child is a make that runs it."""
        arguments = [
            "--data",
            str(self.data),
            "--port",
            str(self.port),
            "--counterfoil",
            self.counterfoil,
        ]
        command = [sys.executable, "-m", "infra.local", "run", *arguments]
        if by_make:
            makefile = self.data.with_name("Makefile")
            makefile.write_text(f"run:\n\t@{shlex.join(command)}\n")
            command = ["make", "-f", str(makefile)]
        with self.said.open("ab") as said:
            self.child = await asyncio.create_subprocess_exec(
                *command,
                stdout=said,
                stderr=said,
                cwd=CHECKOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    async def up(self, *, by_make: bool = False) -> dict[str, int]:
        """Start it and wait until it has said that it runs; the processes."""
        seen = self.output.count("Counterfoil runs.")
        await self.begin(by_make=by_make)
        await eventually(
            lambda: self.output.count("Counterfoil runs.") > seen or self.is_over,
            PATIENCE_SECONDS,
        )
        assert not self.is_over, self.output
        return self.pids()

    @property
    def is_over(self) -> bool:
        """Whether the supervisor has ended."""
        return self.child is None or self.child.returncode is not None

    async def over(self) -> int:
        """The exit status, at the end."""
        assert self.child is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.child.wait()

    async def stop(self) -> int:
        """As Ctrl-C does."""
        assert self.child is not None
        if not self.is_over:
            os.killpg(self.child.pid, signal.SIGINT)
        return await self.over()

    async def is_ready(self) -> bool:
        """Whether the API answers."""
        try:
            async with aiohttp.ClientSession() as session, session.get(self.url + "/readyz") as got:
                return got.status == 200
        except aiohttp.ClientError:
            return False


def none_lives(pids: dict[str, int]) -> bool:
    """Whether all of these are gone."""
    return not any(started(pid) for pid in pids.values())
