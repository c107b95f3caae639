"""Which addresses may be called: an endpoint is somebody else's choice, and must not become a way
into the network that we stand in.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

MAX_URL_CHARACTERS: Final = 2_048
_LOCALHOST: Final = "localhost"
_NAT64: Final = IPv6Network("64:ff9b::/96")
_EMBEDDED_MASK: Final = (1 << 32) - 1
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_SIX_TO_FOUR_SHIFT: Final = 80

Address = IPv4Address | IPv6Address


def checked_url(text: str, *, allow_loopback: bool) -> str:
    """The URL, if it may be called. Raises `ValueError`, whose text completes "url ...".

    What a name resolves to is looked at when it is called: it can be another tomorrow.
    """
    if not 1 <= len(text) <= MAX_URL_CHARACTERS:
        raise ValueError(f"must be 1 to {MAX_URL_CHARACTERS} characters long")
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError("must be visible ASCII; a name with other letters in its xn-- form")
    parts = _split(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user or a password: calls are signed")
    if parts.fragment:
        raise ValueError("must not have a fragment")
    _check_host(parts.scheme, parts.hostname, allow_loopback=allow_loopback)
    return text


def is_allowed(address: str, *, allow_loopback: bool) -> bool:
    """Whether a connection may be made to this IP address, as the system writes it."""
    try:
        parsed: Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    parsed = _unwrapped(parsed)
    if parsed.is_loopback:
        return allow_loopback
    return parsed.is_global and not (
        parsed.is_multicast
        or parsed.is_reserved
        or parsed.is_link_local
        or parsed.is_unspecified
        or (isinstance(parsed, IPv6Address) and (parsed.is_site_local or bool(parsed.teredo)))
    )


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port_is_wrong = parts.port == 0
    except ValueError:
        raise ValueError("must be an https address") from None
    if port_is_wrong:
        raise ValueError("must have a port from 1 to 65535, or none")
    return parts


def _check_host(scheme: str, host: str, *, allow_loopback: bool) -> None:
    literal = _literal(host)
    is_loopback = host == _LOCALHOST or (literal is not None and _unwrapped(literal).is_loopback)
    if is_loopback and not allow_loopback:
        raise ValueError("must not lead to this machine")
    if scheme == "http" and not is_loopback:
        raise ValueError("must be an https address")
    if literal is not None and not is_allowed(host, allow_loopback=allow_loopback):
        raise ValueError("must be a public address")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, if it does: by mapping, NAT64 or 6to4."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & _EMBEDDED_MASK)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> _SIX_TO_FOUR_SHIFT & _EMBEDDED_MASK)
    return address
