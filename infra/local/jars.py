"""Kafka's jars: fetched once by Maven, as infra/kafka/pom.xml lists them."""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

from infra.local.java import CHECKOUT
from infra.local.process import Command, Died, complete
from infra.local.refused import Refused

POM = CHECKOUT / "infra" / "kafka" / "pom.xml"
HOME = CHECKOUT / ".kafka"
LOCK_PAUSE_SECONDS = 0.2


def jars_folder() -> Path:
    """Where the jars of this very pom.xml are, or will be: another list is another folder."""
    return HOME / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def jars_are_here() -> bool:
    """Whether they were fetched already, all of them: the folder gets its name last."""
    return jars_folder().is_dir()


def require_maven() -> None:
    """Refuse where the jars are missing and nothing here could fetch them."""
    if not jars_are_here() and shutil.which("mvn") is None:
        raise Refused(
            "Kafka's jars are fetched by Maven, which is missing: apt-get install maven "
            "(Debian, Ubuntu) or brew install maven (macOS)."
        )


async def fetch_jars(java: Path, say: Callable[[str], None]) -> Path:
    """The folder with the jars, which are downloaded if they are not there yet."""
    folder = jars_folder()
    if jars_are_here():
        return folder
    async with _only_one_fetches():
        if not jars_are_here():
            say("Kafka: fetching its jars with Maven (45 MB, once)")
            await _fetch(folder, java)
    return folder


async def _fetch(folder: Path, java: Path) -> None:
    require_maven()
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    log = HOME / "maven.log"
    try:
        await complete(
            Command(
                name="maven",
                argv=["mvn", "-B", "-Dstyle.color=never", "-f", str(POM), *_copy_to(new)],
                log=log,
                environment=_environment(java),
                folder=HOME,
            )
        )
    except Died as error:
        raise Refused(f"Maven could not fetch Kafka's jars; {log} says why.") from error
    new.rename(folder)


def _environment(java: Path) -> dict[str, str]:
    """Maven is a Java program itself, and takes the one that is named here."""
    return {**os.environ, "JAVA_HOME": str(java.resolve().parents[1])}


def _copy_to(folder: Path) -> list[str]:
    return [
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={folder}",
    ]


@asynccontextmanager
async def _only_one_fetches() -> AsyncIterator[None]:
    with _lock_file() as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(LOCK_PAUSE_SECONDS)
        yield


def _lock_file() -> TextIO:
    HOME.mkdir(exist_ok=True)
    return (HOME / "lock").open("w")
