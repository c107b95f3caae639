"""`GET /transactions/{transaction_id}/proof` and `GET /proofs/head`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from aiohttp import hdrs, web

from adapters.inbound.http.answers import JSON, SERVER, json_answer
from adapters.inbound.http.export_slots import ExportSlots
from adapters.inbound.http.query import query_of
from adapters.proof_records import encode_proof, signed_head_record
from core.refusals import InvalidFieldError
from core.usecases.read_proof import ReadProof
from core.usecases.read_signed_heads import ReadSignedHeads

_FORMAT: Final = "receipt"
_PARTITION: Final = re.compile(r"[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProofHandlers:
    """Hands out what convinces others."""

    read_proof: ReadProof
    read_signed_heads: ReadSignedHeads
    slots: ExportSlots

    async def proof(self, request: web.Request) -> web.Response:
        """A file that is checked without us."""
        query = query_of(request)
        with self.slots.taken(_FORMAT):
            proof = await self.read_proof(
                request.match_info["transaction_id"], query.get("user_id"), query.get("position")
            )
            content = encode_proof(proof)
        name = f"receipt-{proof.facts.transaction_id}.json"
        return web.Response(
            body=content,
            headers={
                hdrs.CONTENT_TYPE: JSON,
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
                hdrs.CACHE_CONTROL: "no-store",
                hdrs.SERVER: SERVER,
            },
        )

    async def heads(self, request: web.Request) -> web.Response:
        """The newest of each partition, or of one."""
        heads = await self.read_signed_heads(_partition_in(query_of(request)))
        return json_answer(
            {"heads": [msgspec.to_builtins(signed_head_record(one)) for one in heads]}
        )


def _partition_in(query: Mapping[str, str]) -> int | None:
    text = query.get("partition")
    if text is None:
        return None
    if not _PARTITION.fullmatch(text):
        raise InvalidFieldError("partition", "must be the number of a partition")
    return int(text)
