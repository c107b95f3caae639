"""`python -m tests.load.build_k6 VERSION`: builds k6 into this virtual environment.

Its source comes from the Go module proxy, and is checked against Go's own checksum database.
"""

import subprocess
import sys
from pathlib import Path

from infra.local.refused import Refused
from tests.load.go import environment, find_go

MODULE = "go.k6.io/k6"


def build(version: str) -> None:
    """Build that version, such as 1.8.1; `Refused` where it cannot be built."""
    go = find_go(_say)
    folder = Path(sys.executable).parent
    done = subprocess.run(
        [go, "install", f"{MODULE}@v{version}"],
        env={**environment(), "GOBIN": str(folder)},
        stdout=sys.stderr,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(f"k6 {version} could not be built; what Go said stands above.")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Build it, and put what went wrong into a sentence."""
    try:
        build(*sys.argv[1:])
    except Refused as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
