"""Keys are made once, kept from others, and used only if they are what they should be."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from adapters.outbound.keys.public_key import by_id, read_public_key
from adapters.outbound.keys.signing_key import public_file, read_signer, write_new_key
from core.errors import UnusableKeyError
from entrypoints.cli import app
from entrypoints.process import CannotStartError

PASSWORD = serialization.BestAvailableEncryption(b"password")
CLEAR = serialization.NoEncryption()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "key.pem"


def private_pem(
    key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    encryption: serialization.KeySerializationEncryption = CLEAR,
) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


def test_a_key_is_made_for_its_owner_alone_and_read_again(path: Path) -> None:
    made = write_new_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = read_signer(path)
    assert read is not None
    assert (read.key_id, read.public_text) == (made.key_id, made.public_text)
    assert made.public.is_signature(read.sign(b"statement"), b"statement")
    assert not made.public.is_signature(read.sign(b"statement"), b"another")


def test_its_public_half_lies_beside_it(path: Path) -> None:
    made = write_new_key(path)
    beside = read_public_key(public_file(path).read_text())
    assert beside.key_id == made.key_id == read_public_key(made.public_text).key_id
    assert by_id([made.public_text]).keys() == {made.key_id}


def test_no_key_is_ever_written_over(path: Path) -> None:
    write_new_key(path)
    before = path.read_bytes()
    public_file(path).unlink()
    with pytest.raises(UnusableKeyError, match="was not written"):
        write_new_key(path)
    assert path.read_bytes() == before
    assert not public_file(path).exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_file_that_is_open_to_others_is_refused(path: Path, mode: int) -> None:
    write(path, private_pem(Ed25519PrivateKey.generate()), mode)
    with pytest.raises(UnusableKeyError, match="open to others"):
        read_signer(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (private_pem(ec.generate_private_key(ec.SECP256R1())), "another kind than Ed25519"),
        (private_pem(Ed25519PrivateKey.generate(), PASSWORD), "no private key in PEM"),
        (b"", "no private key in PEM"),
        (b"\xff", "no private key in PEM"),
    ],
)
def test_what_is_no_such_key_is_refused(path: Path, content: bytes, reason: str) -> None:
    write(path, content)
    with pytest.raises(UnusableKeyError, match=reason):
        read_signer(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableKeyError, match="cannot be read"):
        read_signer(tmp_path / "none")


def test_without_a_file_there_is_no_signer() -> None:
    assert read_signer(None) is None


@pytest.mark.parametrize(
    "text", ["", "x", "AAAA", "A" * 44, "-----BEGIN PUBLIC KEY-----", "é" * 44]
)
def test_a_text_that_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(UnusableKeyError):
        read_public_key(text)


def test_a_private_key_is_no_public_one(path: Path) -> None:
    write_new_key(path)
    with pytest.raises(UnusableKeyError, match="no public key"):
        read_public_key(path.read_text())


# The verb


def test_the_verb_makes_a_key_and_shows_its_public_half(path: Path) -> None:
    ended = CliRunner().invoke(app, ["signing-key", str(path)])
    signer = read_signer(path)
    assert signer is not None
    assert ended.exit_code == 0
    assert signer.key_id in ended.stdout
    assert ended.stdout.splitlines()[-1] == signer.public_text
    assert "PRIVATE" not in ended.stdout
    with pytest.raises(CannotStartError, match="was not written"):
        CliRunner().invoke(app, ["signing-key", str(path)], catch_exceptions=False)
