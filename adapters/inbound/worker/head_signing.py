"""Signing where the chains of this process's partitions stand, beside its workers."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from adapters.background import repeat
from adapters.inbound.worker.pool import WorkerPool
from adapters.inbound.worker.signing_report import SigningReport
from adapters.inbound.worker.worker import Worker
from core.errors import DifferenceError, UnavailableError
from core.usecases.sign_heads import SignHeads

MAX_HEADS_AT_ONCE: Final = 16
"""Of one partition before the next one has its turn: after a time without signing there are many.
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HeadSigning:
    """Signs again and again; nothing where there is no key."""

    pool: WorkerPool
    sign_heads: SignHeads | None
    interval_seconds: float
    report: SigningReport
    _refused: dict[int, str] = field(default_factory=dict, init=False, repr=False)
    _served: dict[int, tuple[Worker, int]] = field(default_factory=dict, init=False, repr=False)
    """Of each partition whose turn it was: its worker, and how often that had taken it over."""

    async def run(self) -> None:
        """Sign until cancelled. Whatever fails is tried again at the next interval."""
        if self.sign_heads is None:
            _log.info("heads_are_not_signed")
            return
        signer = self.sign_heads.signer
        _log.info("heads_are_signed", key_id=signer.key_id, public_key=signer.public_text)
        sign = partial(self.sign, self.sign_heads)
        await repeat(sign, self.interval_seconds, "head_signing_failed")

    async def sign(self, sign_heads: SignHeads) -> None:
        """Sign what has gone on since the last time."""
        self.report.keep_only(self.pool.workers.keys())
        for partition in self._served.keys() - self.pool.workers.keys():
            del self._served[partition]
        for worker in list(self.pool.workers.values()):
            next_offset = worker.next_offset
            if next_offset is None:
                continue
            self._look_anew_after_a_take_over(sign_heads, worker)
            has_signed = False
            if sign_heads.is_due(worker.partition, next_offset):
                has_signed = await self._sign(sign_heads, worker) > 0
            is_due = sign_heads.is_due(worker.partition, next_offset)
            self.report.tell(worker.partition, has_signed=has_signed, is_due=is_due)

    def _look_anew_after_a_take_over(self, sign_heads: SignHeads, worker: Worker) -> None:
        # A partition that went away and came back has another worker, whose count begins again.
        taken_over = (worker, worker.take_overs)
        if self._served.get(worker.partition) != taken_over:
            self._served[worker.partition] = taken_over
            sign_heads.forget(worker.partition)

    async def _sign(self, sign_heads: SignHeads, worker: Worker) -> int:
        """How many heads were signed; what is in the way is logged."""
        partition = worker.partition
        count = 0
        try:
            while count < MAX_HEADS_AT_ONCE:
                if await sign_heads(partition, worker.heads) is None:
                    break
                count += 1
        except UnavailableError as error:
            _log.warning("head_not_signed_yet", partition=partition, reason=str(error))
        except DifferenceError as error:
            self._refuse(partition, str(error))
        else:
            self._refused.pop(partition, None)
        return count

    def _refuse(self, partition: int, reason: str) -> None:
        """Say it once: it stays so until an operator does something."""
        if self._refused.get(partition) != reason:
            self._refused[partition] = reason
            _log.error("head_refused", partition=partition, reason=reason)
