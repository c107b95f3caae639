"""Seeds that once failed, each with what it had found. They run at every `make test`.

A seed means a world only as long as nothing that draws from it changes; where a change moves the
draws, the unit test named beside the seed still holds the mend.
"""

from collections.abc import Mapping
from typing import Final

REGRESSIONS: Final[Mapping[int, str]] = {}
