"""Sockets to addresses that may be called, and to no other ones."""

import socket
from collections.abc import Callable
from typing import Any

from core.entities.webhooks.address import is_allowed

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


class AddressRefusedError(OSError):
    """The address is none of those that may be called."""


def checked_socket(*, allow_loopback: bool) -> Callable[[AddressInfo], socket.socket]:
    """What makes sockets for a connector.

    It is asked for each address at the moment of connecting: after names were resolved, and for
    addresses that were written as such. Nothing is resolved again between this and the connection.
    """

    def socket_for(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_allowed(str(address[0]), allow_loopback=allow_loopback):
            raise AddressRefusedError("not a public address")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return socket_for
