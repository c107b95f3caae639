"""What the API was really asked and answered: `examples.json`, which a test keeps true."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

FILE: Final = Path(__file__).with_name("examples.json")


class Example(msgspec.Struct, frozen=True):
    """One operation: what its path named, the body that was sent, and the answers by status."""

    path: Mapping[str, str] = {}
    body: Any = None
    answers: Mapping[str, Any] = {}


class RecordedExamples(msgspec.Struct, frozen=True):
    """Operations by id; problems by code and status, such as `invalid_field_422`."""

    operations: Mapping[str, Example]
    problems: Mapping[str, dict[str, Any]]


def recorded_examples() -> RecordedExamples:
    """What lies in the file."""
    return msgspec.json.decode(FILE.read_bytes(), type=RecordedExamples)
