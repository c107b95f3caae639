"""Whether the heads in the books follow from what the books say was decided."""

from collections.abc import Sequence
from typing import NamedTuple

from core.entities.audit import ChainPlace
from core.entities.chain import GENESIS
from core.entities.finding import Figure, Finding
from core.proof.chain import chained


class ChainedPage(NamedTuple):
    """A page with a leaf for each of its records; without them if what it decided is nothing that
    could ever have been written.
    """

    number: int
    head: bytes | None
    leaves: Sequence[bytes] | None


def off_heads(place: ChainPlace, pages: Sequence[ChainedPage]) -> tuple[list[Finding], ChainPlace]:
    """The pages whose head is off, and where the chain stands after all.

    Each page is checked by the head that the one before it has: so a page that was changed is
    found, and not all that follow it. Pages of before there were heads are passed over.
    """
    findings = []
    head, has_begun = place.head or GENESIS, place.head is not None
    for page in pages:
        if page.head is None and not has_begun:
            continue
        due = None if page.leaves is None else chained(head, page.leaves)
        if due is None or due != page.head:
            findings.append(_finding(page, due))
        head, has_begun = page.head or due or head, True
    last = pages[-1].number if pages else place.number
    return findings, ChainPlace(last, head if has_begun else None)


def _finding(page: ChainedPage, due: bytes | None) -> Finding:
    return Finding(
        Figure.HEAD,
        None if due is None else due.hex(),
        None if page.head is None else page.head.hex(),
        page_number=page.number,
    )
