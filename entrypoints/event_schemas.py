"""The schemas of outcome events, as files that can be kept or handed on."""

import json
from pathlib import Path

import bootstrap
from entrypoints.process import CannotStartError


def write(folder: Path) -> None:
    """Write each into a file of `folder`. Raises `CannotStartError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema in bootstrap.describe_events().items():
            text = json.dumps(schema, indent=2, ensure_ascii=False)
            (folder / name).write_text(f"{text}\n")
            print(folder / name)
    except OSError as error:
        raise CannotStartError(str(error)) from error
