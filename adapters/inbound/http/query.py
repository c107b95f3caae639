"""Query parameters: only those that an operation declares, each at most once."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from aiohttp import web

from adapters.inbound.http.problems import shown
from adapters.inbound.http.timestamps import parse_time
from core.entities.statement import StatementOrder
from core.refusals import InvalidFieldError
from core.usecases.checks import DEFAULT_LIST_LIMIT, MAX_LIST_LIMIT

DECLARED_QUERY: Final = web.RequestKey("declared_query", frozenset[str])
"""The names of the parameters that the request's operation declares."""
_LIMIT: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_ORDERS: Final = {order.value: order for order in StatementOrder}


def limit_in(query: Mapping[str, str]) -> int:
    """The `limit` of a list's page; the use case knows how large it may be."""
    text = query.get("limit")
    if text is None:
        return DEFAULT_LIST_LIMIT
    if not _LIMIT.fullmatch(text):
        raise InvalidFieldError("limit", f"must be 1 to {MAX_LIST_LIMIT}")
    return int(text)


def time_in(query: Mapping[str, str], name: str) -> datetime | None:
    """The time that the parameter gives, if it is there."""
    text = query.get(name)
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise InvalidFieldError(name, str(error)) from None


def order_in(query: Mapping[str, str], default: StatementOrder) -> StatementOrder:
    """The `order` of a list."""
    text = query.get("order", default)
    if text not in _ORDERS:
        raise InvalidFieldError("order", f"must be {' or '.join(_ORDERS)}")
    return _ORDERS[text]


def query_of(request: web.Request) -> Mapping[str, str]:
    """The request's parameters. Raises `InvalidFieldError` naming the one that is wrong."""
    if not request.rel_url.raw_query_string:
        return {}
    declared = request[DECLARED_QUERY]
    parameters: dict[str, str] = {}
    for name, value in request.query.items():
        if name not in declared:
            raise InvalidFieldError(shown(name) or "query", "is not a parameter of this path")
        if name in parameters:
            raise InvalidFieldError(name, "must be given once")
        parameters[name] = value
    return parameters
