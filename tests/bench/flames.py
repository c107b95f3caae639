"""Flame graphs of the product's processes under live load, by py-spy."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from infra.local.refused import Refused
from tests.bench.counted import counted
from tests.bench.live import live
from tests.bench.loops import closed_loop
from tests.bench.scale import Scale
from tests.bench.workbench import Workbench

SAMPLES_PER_SECOND: Final = 100
PROFILED: Final = ("api", "processor")
PY_SPY: Final = Path(sys.executable).with_name("py-spy")


async def profile(
    workbench: Workbench, scale: Scale, folder: Path, say: Callable[[str], None]
) -> Sequence[Path]:
    """A picture of each process; `Refused` where the system does not let one be looked into."""
    async with workbench.site() as site, live(site, scale) as running:
        seconds = scale.warm_up_seconds + scale.loop_seconds
        say(f"{counted(scale.connections, 'connection')} for {seconds:g} s, sampled by py-spy")
        load = asyncio.create_task(
            closed_loop(site.api_url, scale.accounts, scale.connections, seconds)
        )
        try:
            await asyncio.sleep(scale.warm_up_seconds)
            pictures = [folder / f"{name}.svg" for name in PROFILED]
            await asyncio.gather(
                *(
                    _record(running.pids[name], picture, scale.loop_seconds)
                    for name, picture in zip(PROFILED, pictures, strict=True)
                )
            )
            await load
        finally:
            load.cancel()
    return pictures


async def _record(pid: int, picture: Path, seconds: float) -> None:
    """Sample the thread that holds the interpreter's lock, if one does.

    Without `--gil`, py-spy takes a pool's idle threads for busy ones.
    """
    recording = await asyncio.create_subprocess_exec(
        *(PY_SPY, "record", "--gil", "--pid", str(pid), "--output", str(picture)),
        *("--duration", str(max(int(seconds), 1)), "--rate", str(SAMPLES_PER_SECOND)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await recording.communicate()
    if recording.returncode != 0:
        raise Refused(
            "py-spy may not look into our processes; as an ordinary user that takes "
            f"sysctl kernel.yama.ptrace_scope=0 (Linux) or sudo (macOS). It said: {said.decode()}"
        )
