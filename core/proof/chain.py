"""The chain: per partition a head over the one before and the next record's leaf.

Record by record, so that it is the same however the records were cut into pages.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from core.entities.chain import Chain
from core.entities.page import Page
from core.proof.leaves import by_offset, leaves_of

_HEAD: Final = b"counterfoil/head/1"
_sha256: Final = hashlib.sha256


def chained(head: bytes, leaves: Iterable[bytes]) -> bytes:
    """The head after records with these leaves, of which the first comes after `head`."""
    for leaf in leaves:
        head = _sha256(_HEAD + head + leaf).digest()
    return head


def head_after_page(chain: Chain, partition: int, offsets: range, page: Page) -> bytes:
    """The head after a page of the records at these offsets."""
    outcomes = by_offset(page.transactions, page.dead_letters)
    return chained(chain.head, leaves_of(chain.secret, partition, offsets, outcomes))
