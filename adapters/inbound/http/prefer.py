"""`Prefer: wait=N` (RFC 7240): how long a client wants to wait for the outcome."""

import re
from collections.abc import Sequence
from typing import Final

PREFER: Final = "Prefer"
PREFERENCE_APPLIED: Final = "Preference-Applied"
MAX_WAIT_SECONDS: Final = 30
MAX_PREFER_CHARACTERS: Final = 256
_PREFERENCES: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_SECONDS: Final = re.compile(r'("?)0*([0-9]+)\1', re.ASCII)


def preferred_wait(lines: Sequence[str]) -> int | None:
    """Seconds to wait, at most `MAX_WAIT_SECONDS`; None if no line prefers any.

    A preference that cannot be understood is ignored, as RFC 7240 wants it.
    """
    joined = ",".join(lines)
    if not joined or len(joined) > MAX_PREFER_CHARACTERS:
        return None
    for preference in _PREFERENCES.findall(joined):
        name, _, value = preference.partition(";")[0].partition("=")
        # Of a preference that is given twice, the first counts.
        if name.strip().lower() == "wait":
            return _seconds(value.strip())
    return None


def _seconds(text: str) -> int | None:
    match = _SECONDS.fullmatch(text)
    if match is None:
        return None
    digits = match[2]
    return MAX_WAIT_SECONDS if len(digits) > 2 else min(int(digits), MAX_WAIT_SECONDS)
