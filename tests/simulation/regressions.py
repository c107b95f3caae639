"""Seeds worth keeping, each with what it found. They run at every `make test`.

A seed that fails is added here with its mend. The low ones are the first to show planted bugs that
few worlds show.

A seed means a world only as long as nothing that draws from it changes; where a change moves the
draws, the unit test named beside the seed still holds the mend.
"""

from collections.abc import Mapping
from typing import Final

REGRESSIONS: Final[Mapping[int, str]] = {
    9: "locks that were not sorted waited in a circle",
    18: "a page was posted again after a commit whose answer was lost",
    27: "two pages changed an account that neither had locked",
    34: "a stalled session kept its locks, and nobody ended it",
    # tests/unit/test_worker_pool.py: a partition with nothing to post does not fail for ever
    1_004_212: "a partition failed once while it had nothing to post, and its holds never expired",
}
