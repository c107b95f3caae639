"""A statement as a file, written while it is read."""

from contextlib import aclosing
from typing import Final

import structlog
from aiohttp import hdrs, web

from adapters.inbound.http.answers import SERVER
from adapters.inbound.http.request_id import REQUEST_ID, X_REQUEST_ID
from adapters.statements.format import StatementFormat
from adapters.statements.registry import file_name
from core.usecases.export_statement import Export

_log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


async def export_answer(
    request: web.Request, export: Export, statement_format: StatementFormat
) -> web.StreamResponse:
    """The whole file. What fails before its first byte is raised; later, the connection is broken
    off, so that no client takes a part for the whole.
    """
    async with aclosing(export.runs) as runs:
        pieces = statement_format.write(export.head, runs)
        first = await anext(pieces, b"")
        answer = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: statement_format.content_type,
                hdrs.CONTENT_DISPOSITION: (
                    f'attachment; filename="{file_name(export.head, statement_format)}"'
                ),
                hdrs.CACHE_CONTROL: "no-store",
                hdrs.SERVER: SERVER,
                X_REQUEST_ID: request[REQUEST_ID],
            }
        )
        await answer.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return answer
        try:
            await answer.write(first)
            async for piece in pieces:
                await answer.write(piece)
            await answer.write_eof()
        except ConnectionError:
            _log.info("export_not_taken", format=statement_format.name)
        except Exception as error:  # noqa: BLE001 (there is no answer left to tell it by)
            _log.error("export_broken_off", format=statement_format.name, exc_info=error)
            if request.transport is not None:
                request.transport.abort()
        return answer
