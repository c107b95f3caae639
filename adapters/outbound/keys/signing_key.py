"""The private key that heads are signed by, and the file that it lies in."""

import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.outbound.keys.public_key import Ed25519Public
from core.errors import UnusableKeyError

_MODE: Final = 0o600
_PUBLIC_MODE: Final = 0o644
_PUBLIC_SUFFIX: Final = ".pub"
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Ed25519Signer:
    """A `Signer`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: Final = Ed25519Public(key.public_key())

    @property
    def key_id(self) -> str:
        """Of its public key."""
        return self.public.key_id

    @property
    def public_text(self) -> str:
        """Its public key, in base64."""
        return self.public.text

    def sign(self, statement: bytes) -> bytes:
        """The signature; the same for the same statement."""
        return self._key.sign(statement)


def new_signer() -> Ed25519Signer:
    """A signer with a key that nobody has seen, nor ever will."""
    return Ed25519Signer(Ed25519PrivateKey.generate())


def write_new_key(path: Path) -> Ed25519Signer:
    """Make a key, a file that only its owner can read, and one beside it (`public_file`) with its
    public half. Raises `UnusableKeyError` if one is there already: it may be the only copy of a
    key.
    """
    key = Ed25519PrivateKey.generate()
    signer = Ed25519Signer(key)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_new(public_file(path), signer.public.pem.encode(), _PUBLIC_MODE)
    try:
        _write_new(path, pem, _MODE)
    except UnusableKeyError:
        public_file(path).unlink()
        raise
    return signer


def public_file(path: Path) -> Path:
    """Where the public half of the key in `path` is."""
    return path.with_name(path.name + _PUBLIC_SUFFIX)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnusableKeyError(f"{path} was not written: {error.strerror}") from error


def read_signer(path: Path | None) -> Ed25519Signer | None:
    """The signer of the key in this file (PEM, PKCS#8); None for none.

    Raises `UnusableKeyError` for another kind of key, and for a file that others may read.
    """
    if path is None:
        return None
    return Ed25519Signer(_of_pem(_secret_bytes(path), path))


def _secret_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & _OF_OTHERS:
                raise UnusableKeyError(
                    f"{path} is open to others than its owner (mode {mode:03o}): chmod 600 it, "
                    "and if somebody may have read it, make another key"
                )
            return file.read()
    except OSError as error:
        raise UnusableKeyError(f"{path} cannot be read: {error.strerror}") from error


def _of_pem(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError(f"{path} holds no private key in PEM, PKCS#8, in clear") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKeyError(f"{path} holds a key of another kind than Ed25519")
    return key
