"""Small files that are there whole or not at all."""

import json
import os
from pathlib import Path

from infra.local.refused import Refused


def write_atomically(path: Path, text: str) -> None:
    """Replace the file's content; readable by its owner only; after a crash old or new, whole."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def write_json(path: Path, content: object) -> None:
    """`write_atomically` of the content as JSON."""
    write_atomically(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path) -> object:
    """The file's content, None where there is no file; `Refused` where it makes no sense."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Refused(f"{path} cannot be understood; it was left as it is.") from error
