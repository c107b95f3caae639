"""Check that what was signed is what the books say."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.entities.signed_head import PageEnd, SignedHead
from core.ports.keys import PublicKey
from core.ports.signed_heads import Proofs
from core.proof.statements import statement_bytes
from core.usecases.verify_books import Checked

MAX_HEADS_AT_ONCE: Final = 500
"""A signature takes a tenth of a millisecond: others have their turn in between."""


@dataclass(frozen=True, slots=True)
class VerifySignatures:
    """Each signed head against its page and, if any `keys` are given, against these (by their ids).

    Whoever changes a page, and makes all heads behind it anew, is found here: without the private
    key nobody signs them.
    """

    proofs: Proofs
    keys: Mapping[str, PublicKey]
    max_heads: int = MAX_HEADS_AT_ONCE

    async def __call__(self) -> AsyncIterator[Checked]:
        """Of all partitions, page after page. Raises `LedgerUnavailableError`."""
        for partition in sorted(await self.proofs.newest()):
            after_page = 0
            while heads := await self.proofs.signed_pages(partition, after_page, self.max_heads):
                yield self._checked(heads)
                after_page = heads[-1][0].statement.page_number

    def _checked(self, heads: Sequence[tuple[SignedHead, PageEnd | None]]) -> Checked:
        findings = []
        for signed, page in heads:
            findings += [*_of_page(signed, page), *self._of_signature(signed)]
        return Checked(Counts(signed_heads=len(heads)), findings)

    def _of_signature(self, signed: SignedHead) -> Sequence[Finding]:
        if not self.keys:
            return []
        key = self.keys.get(signed.key_id)
        number = signed.statement.page_number
        if key is None:
            given = ", ".join(sorted(self.keys))
            return [Finding(Figure.SIGNING_KEY, given, signed.key_id, page_number=number)]
        if key.is_signature(signed.signature, statement_bytes(signed.statement)):
            return []
        return [Finding(Figure.SIGNATURE, None, signed.signature.hex(), page_number=number)]


def _of_page(signed: SignedHead, page: PageEnd | None) -> Sequence[Finding]:
    said, number = signed.statement, signed.statement.page_number
    due = f"{said.partition}:{said.next_offset} {said.head.hex()}"
    found = None if page is None else f"{page.partition}:{page.next_offset} {page.head.hex()}"
    return [] if due == found else [Finding(Figure.SIGNED_HEAD, due, found, page_number=number)]
