"""Wheels that stand in for programs that are missing here."""

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from infra.local.refused import Refused


def stand_in(
    package: str, lock: Path, say: Callable[[str], None], *, announcement: str, advice: str
) -> ModuleType:
    """The package, installed from its lock into this virtual environment if it is not there.

    `Refused` with `advice` where that fails; `announcement` is said before it is tried.
    """
    if importlib.util.find_spec(package) is None:
        say(announcement)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
        done = subprocess.run(
            [*pip, "-r", lock], stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False
        )
        importlib.invalidate_caches()
        if done.returncode != 0 or importlib.util.find_spec(package) is None:
            raise Refused(advice)
    return importlib.import_module(package)
