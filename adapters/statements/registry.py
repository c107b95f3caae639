"""The formats there are."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.representations import Representations
from adapters.statements.camt053_format import Camt053Format
from adapters.statements.csv_format import CsvFormat
from adapters.statements.format import StatementFormat
from adapters.statements.hledger_format import HledgerFormat
from adapters.statements.ofx_format import OfxFormat
from adapters.statements.pdf_format import PdfFormat
from core.entities.statement import StatementHead

_FORMATS: Final = (CsvFormat, PdfFormat, OfxFormat, Camt053Format, HledgerFormat)
MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {one.name: one.content_type.partition(";")[0] for one in _FORMATS}
)
"""Of every format by its name, without parameters."""


def statement_formats(representations: Representations) -> Mapping[str, StatementFormat]:
    """Every format by its name."""
    formats: list[StatementFormat] = [one(representations) for one in _FORMATS]
    return MappingProxyType({one.name: one for one in formats})


def file_name(head: StatementHead, statement_format: StatementFormat) -> str:
    """What a statement is saved as: `statement-alice-USD.csv`, in ASCII, fit for any disk."""
    user_id = head.account.user_id.replace(":", "_")
    return f"statement-{user_id}-{head.account.currency}.{statement_format.extension}"
