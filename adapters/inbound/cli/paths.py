"""Paths and queries of the API."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

_WRONG = "must be an address such as http://127.0.0.1:8080"


def path(*parts: str) -> str:
    """A path of these parts; no part can add a part, a query or a host."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def with_query(where: str, query: Mapping[str, str | None]) -> str:
    """The path with its query; what is None is left out."""
    given = {name: value for name, value in query.items() if value is not None}
    return f"{where}?{urlencode(given)}" if given else where


def base_url(text: str) -> str:
    """The service's address without a slash at its end. Raises `ValueError` with what it must be.

    A user and a password belong into no address: they would end up in logs and lists of processes.
    """
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError(_WRONG) from None
    plain = text.isascii() and text.isprintable() and " " not in text
    if parts.scheme not in {"http", "https"} or not named or not plain:
        raise ValueError(_WRONG)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{_WRONG}, with no user, query or fragment")
    return text.rstrip("/")
