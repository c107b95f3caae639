"""Files of commands, as the command line imports them."""

import io
from typing import Final

from adapters.inbound.cli.bulk.csv_file import BadFileError, BadRowError, CsvFile
from adapters.inbound.cli.bulk.rows import Row, RowReader
from adapters.inbound.http.batch_body import item_draft
from adapters.inbound.http.json_body import JsonObject
from tests.fuzz.decoders.checking import CHECKS, NEW_COMMAND

_READ_ROW: Final = RowReader(CHECKS, default_type="deposit", default_currency="USD")


def read_rows(data: bytes) -> None:
    """A row is named as bad, or is an item that the API takes."""
    try:
        for row in CsvFile(io.BytesIO(data), _READ_ROW).rows():
            if not isinstance(row, BadRowError):
                _is_taken(row)
    except BadFileError:
        return


def _is_taken(row: Row) -> None:
    NEW_COMMAND(item_draft(JsonObject(row.item), 0, row.own_key, "request-1"))
