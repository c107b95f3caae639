"""What the operator's own verbs say of the books: `counterfoil verify`, `rebuild`."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping, Sequence

import msgspec

from infra.local.apps import COUNTERFOIL
from infra.local.java import CHECKOUT


class Proof(msgspec.Struct, frozen=True):
    """What a verb said, and whether it found everything right: its exit status was 0."""

    verb: str
    holds: bool
    lines: Sequence[str]


async def proof(environment: Mapping[str, str], *words: str) -> Proof:
    """Run `counterfoil` with these words, in that environment, to its end. Raises `OSError`."""
    process = await asyncio.create_subprocess_exec(
        *(*COUNTERFOIL, *words), cwd=CHECKOUT, env=environment, stdout=PIPE, stderr=STDOUT
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = [line.rstrip() for line in said.decode().splitlines() if line.strip()]
    verb = " ".join(word for word in words if "://" not in word)
    return Proof(verb, process.returncode == 0, lines)
