"""Public keys: what signatures are checked against."""

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.errors import UnusableKeyError

KEY_BYTES: Final = 32
_ID_DIGITS: Final = 16
_PEM_BEGINS: Final = "-----BEGIN"


class Ed25519Public:
    """A `PublicKey`."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.raw: Final = key.public_bytes_raw()
        self.key_id: Final = sha256(self.raw).hexdigest()[:_ID_DIGITS]

    @property
    def text(self) -> str:
        """The key's 32 bytes in base64, on one line."""
        return base64.b64encode(self.raw).decode()

    @property
    def pem(self) -> str:
        """The same as other tools take it (RFC 8410)."""
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def is_signature(self, signature: bytes, statement: bytes) -> bool:
        """Whether the key's owner has signed exactly this."""
        try:
            self._key.verify(signature, statement)
        except InvalidSignature:
            return False
        return True


def read_public_key(text: str) -> Ed25519Public:
    """The key in `text`: PEM, or 32 bytes in base64. Raises `UnusableKeyError`."""
    text = text.strip()
    if text.startswith(_PEM_BEGINS):
        return Ed25519Public(_of_pem(text))
    try:
        raw = base64.b64decode(text, validate=True)
        return Ed25519Public(Ed25519PublicKey.from_public_bytes(raw))
    except (binascii.Error, ValueError) as error:
        raise UnusableKeyError("neither PEM nor 32 bytes in base64") from error


def by_id(texts: Iterable[str]) -> dict[str, Ed25519Public]:
    """The keys in these texts by their ids. Raises `UnusableKeyError`."""
    keys = [read_public_key(text) for text in texts]
    return {key.key_id: key for key in keys}


def _of_pem(text: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError("no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableKeyError("not an Ed25519 key")
    return key
