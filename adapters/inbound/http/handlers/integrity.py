"""`GET /integrity`."""

from dataclasses import dataclass

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.representations import Representations
from core.usecases.read_integrity import ReadIntegrity


@dataclass(frozen=True, slots=True)
class IntegrityHandlers:
    """Tells what the check of the books in the background has found."""

    read_integrity: ReadIntegrity
    representations: Representations

    async def integrity(self, request: web.Request) -> web.Response:
        """Of all partitions."""
        return json_answer(self.representations.integrity(await self.read_integrity()))
