"""Seeds worth keeping, each with what it found. They run at every `make test`.

A seed that fails is added here with its mend. The low ones are the first to show planted bugs that
few worlds show.

A seed means a world only as long as nothing that draws from it changes; where a change moves the
draws, the unit test named beside the seed still holds the mend.
"""

from collections.abc import Mapping
from typing import Final

REGRESSIONS: Final[Mapping[int, str]] = {
    # tests/unit/test_webhook_process.py: an endpoint made before the first start misses nothing
    9: "the first intake of webhooks began at the end, and an endpoint was there already",
    # tests/unit/test_webhook_process.py: an endpoint that its operator disables while it is called
    15: "who disabled an endpoint was told so as an error",
    # tests/unit/test_webhook_process.py: what another process takes in at its start
    27: "what another process had taken in was taken for lost",
    13: "who read with a position did not wait for it",
    36: "the id of an event forgot the other partitions",
    65: "locks that were not sorted waited in a circle",
    68: "a stalled session kept its locks, and nobody ended it",
    98: "a listener's failure was swallowed",
    261: "outcomes were published that the books had forgotten",
    540: "two processes took events in without a fence",
    # tests/contracts/test_ledger.py: nothing is marked that the books do not have
    155: "a page was marked as told in books that did not have it any more",
    492: "a reader compared what it had read of books with those that were put back after it",
    751: "an idle worker did not see that books were put back with its partition as before",
    # tests/unit/test_worker_pool.py: a partition with nothing to post does not fail for ever
    1_004_212: "a partition failed once while it had nothing to post, and its holds never expired",
}
