"""Which format an `Accept` header asks for (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.statements.format import StatementFormat

JSON: Final = "json"
"""The name of what is no file: the statement's pages as JSON."""
MAX_ACCEPT_CHARACTERS: Final = 1_024

_JSON_TYPE: Final = "application/json"
_PAGE_TYPE: Final = "text/html"
_RANGES: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_WEIGHT: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?", re.ASCII)


def format_for(lines: Sequence[str], formats: Mapping[str, StatementFormat]) -> str:
    """The name of the best of `formats`, or `JSON`, for the `Accept` header of these `lines`.

    JSON where nothing is said, where it is as good as another, and where nothing of ours would do
    (RFC 9110 lets an answer disregard the header). Also for browsers, which ask for pages: that
    they take `application/xml` as well is no wish for it.
    """
    weights = _weights(lines)
    if not weights or _PAGE_TYPE in weights:
        return JSON
    offered = {JSON: _JSON_TYPE} | {
        name: one.content_type.partition(";")[0] for name, one in formats.items()
    }
    # Of equals `max` takes the first, which is JSON.
    best = max(offered, key=lambda name: _weight_of(offered[name], weights))
    return best if _weight_of(offered[best], weights) > 0 else JSON


def _weight_of(media_type: str, weights: Mapping[str, float]) -> float:
    """The most specific range that matches decides."""
    kind = media_type.partition("/")[0]
    for media_range in (media_type, f"{kind}/*", "*/*"):
        if media_range in weights:
            return weights[media_range]
    return 0.0


def _weights(lines: Sequence[str]) -> Mapping[str, float]:
    """The weight of each media range. A range that cannot be read is ignored."""
    joined = ",".join(lines)
    if len(joined) > MAX_ACCEPT_CHARACTERS:
        return {}
    weights: dict[str, float] = {}
    for media_range in _RANGES.findall(joined):
        media_type, *parameters = [part.strip().lower() for part in media_range.split(";")]
        weight = _weight(parameters)
        if "/" in media_type and weight is not None:
            weights[media_type] = max(weight, weights.get(media_type, 0.0))
    return weights


def _weight(parameters: Sequence[str]) -> float | None:
    """1 if none is given; None for what is no weight. Other parameters are not looked at."""
    for parameter in parameters:
        name, _, value = (part.strip() for part in parameter.partition("="))
        if name == "q":
            # Stripped: the separators that `strip` takes for space, `float` does not.
            return float(value) if _WEIGHT.fullmatch(value) else None
    return 1.0
