"""`python -m tests.build_go PROGRAM VERSION`: builds a program into this virtual environment.

Its source comes from the Go module proxy, and is checked against Go's own checksum database.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.local.refused import Refused
from tests.load.go import environment, find_go

PACKAGES: Final[Mapping[str, str]] = {
    "k6": "go.k6.io/k6",
    "toxiproxy": "github.com/Shopify/toxiproxy/v2/cmd/server",
}


def build(program: str, version: str) -> None:
    """Build that version, such as 1.8.1; `Refused` where it cannot be built."""
    go, package = find_go(_say), PACKAGES[program]
    folder = Path(sys.executable).parent
    # Go names a program after its package; ours are named here, and on the same file system.
    with tempfile.TemporaryDirectory(dir=folder) as built:
        done = subprocess.run(
            [go, "install", f"{package}@v{version}"],
            env={**environment(), "GOBIN": built},
            stdout=sys.stderr,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            raise Refused(f"{program} {version} could not be built; what Go said stands above.")
        Path(built, package.rpartition("/")[2]).rename(folder / program)


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
