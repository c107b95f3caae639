"""The operations that prove."""

from typing import Final

from adapters.inbound.http.api_handlers import ApiOperation
from adapters.inbound.http.operation import Answer, Tag
from adapters.inbound.http.parameters import (
    DISPOSITION,
    PARTITION,
    POSITION,
    PROVEN_TO,
    REQUEST_ID,
    TRANSACTION_ID,
)
from adapters.inbound.http.problem_codes import ProblemCode as Code
from adapters.schemas.proofs import ProofFile, SignedHeads

PROOFS: Final[tuple[ApiOperation, ...]] = (
    ApiOperation(
        method="GET",
        path="/transactions/{transaction_id}/proof",
        handler=lambda handlers: handlers.proofs.proof,
        operation_id="getProof",
        tag=Tag.PROOFS,
        summary="A receipt that is checked without us",
        description="Keep the file as it is, byte for byte: `counterfoil verify-receipt` checks it "
        "with the ledger's public key alone. Heads are signed about once a second, of what was "
        "posted by then.",
        path_parameters=(TRANSACTION_ID,),
        query=(PROVEN_TO, POSITION),
        headers=(REQUEST_ID,),
        answers=(Answer(200, "The receipt.", ProofFile, headers=(DISPOSITION,)),),
        problems={
            404: (Code.TRANSACTION_NOT_FOUND, Code.PROOFS_NOT_SIGNED),
            422: (Code.INVALID_FIELD,),
            503: (
                *(Code.NOT_YET_SIGNED, Code.LEDGER_UNAVAILABLE, Code.LOG_UNAVAILABLE),
                Code.TOO_MANY_EXPORTS,
            ),
        },
    ),
    ApiOperation(
        method="GET",
        path="/proofs/head",
        handler=lambda handlers: handlers.proofs.heads,
        operation_id="getSignedHeads",
        tag=Tag.PROOFS,
        summary="Where the chains stood when they were last signed",
        description="Whoever keeps one can prove later that nothing was changed that led to it.",
        query=(PARTITION,),
        headers=(REQUEST_ID,),
        answers=(Answer(200, "The newest of each partition, or of one.", SignedHeads),),
        problems={
            404: (Code.PROOFS_NOT_SIGNED,),
            422: (Code.INVALID_FIELD,),
            503: (Code.LEDGER_UNAVAILABLE,),
        },
    ),
)
