"""The books as a whole: the operator's verbs find nothing, and no page that was told is gone."""

from collections.abc import Iterator
from typing import Final

from tests.chaos.evidence import Breach, Evidence, Harm

PROVEN: Final = "P13 the books prove themselves, come of the log, and can be made from it again"
BACK: Final = "P14 what was told comes back when the books are put back"


def every_proof_holds(evidence: Evidence) -> Iterator[Breach]:
    """Each verb ended with 0."""
    for one in evidence.books.proofs:
        if not one.holds:
            yield Breach(Harm.WRONG, PROVEN, f"counterfoil {one.verb}: {'; '.join(one.lines)}")


def told_pages_stay(evidence: Evidence) -> Iterator[Breach]:
    """Each page that was told is in the books, with the head that was told."""
    for page in {*evidence.books.told_pages} - {*evidence.books.pages}:
        yield Breach(Harm.LOST, BACK, f"page {page.number} was told, and is not in the books so")
