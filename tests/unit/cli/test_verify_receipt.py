"""`counterfoil verify-receipt`, and the script of docs/proofs.md, on files that the API gave."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.outbound.keys.signing_key import new_signer
from tests.proving import SIGNER
from tests.running_stack import CHECKOUT
from tests.unit.cli.console import Console
from tests.unit.http.world import World, served

TRANSFER = {"from_user_id": "alice", "to_user_id": "bob", "amount": "30.50", "reference": "Größe"}
OFFLINE = Console("http://127.0.0.1:1")
PUBLIC = SIGNER.public_text


@pytest.fixture
async def receipts(tmp_path: Path) -> AsyncIterator[list[Path]]:
    """Of a deposit, a transfer as its payee sees it, a hold, and a withdrawal that was rejected."""
    world = World()
    async with served(world) as api:
        waiting = {"Prefer": "wait=5"}
        metadata = {"b": "2", "a": "ä"}
        deposit = {"user_id": "alice", "amount": "100.50", "metadata": metadata}
        hold = {"user_id": "alice", "amount": "5", "to_user_id": "shop", "expires_in": 60}
        asked = [
            await api.post(path, json.dumps(body), **waiting)
            for path, body in (
                ("/deposit", deposit),
                ("/transfer", TRANSFER),
                ("/hold", hold),
                ("/withdraw", {"user_id": "alice", "amount": "9999"}),
            )
        ]
        await world.sign()
        files = []
        for number, answer in enumerate(asked):
            one = answer.body.get("transaction", answer.body)
            query = "?user_id=bob" if number == 1 else ""
            proof = await api.get(f"/transactions/{one['transaction_id']}/proof{query}")
            file = tmp_path / f"{number}.json"
            file.write_bytes(proof.text.encode())
            files.append(file)
        yield files


async def test_a_receipt_is_checked_with_no_service_and_no_settings(receipts: list[Path]) -> None:
    for file in receipts:
        ended = await OFFLINE("verify-receipt", str(file), "--key", PUBLIC)
        assert (ended.code, ended.err) == (0, "")
    transfer = await OFFLINE("verify-receipt", str(receipts[1]), "--key", PUBLIC)
    lines = transfer.out.splitlines()
    assert "a transfer of 30.50 USD, at position" in lines[0]
    assert lines[1] == "What was asked for: legs:1, alice, bob, 3050, USD."
    assert lines[2] == "Entry 1 of bob: 30.50 USD, and after it a balance of 30.50 USD."
    assert len(lines) == 4


async def test_a_key_is_given_as_a_file_too_and_one_of_several_is_enough(
    receipts: list[Path], tmp_path: Path
) -> None:
    pem = tmp_path / "public.pem"
    pem.write_text(SIGNER.public.pem)
    other = new_signer().public_text
    words = ("--key", other, "--key", str(pem))
    assert (await OFFLINE("verify-receipt", str(receipts[0]), *words)).code == 0
    strange = await OFFLINE("verify-receipt", str(receipts[0]), "--key", other)
    assert strange.code == 1
    assert f"the head was signed by key {SIGNER.key_id}" in strange.err


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"10050"', b'"10051"', "do not lead to the head that was signed"),
        (b'"alice"', b'"alicf"', "do not lead to the head that was signed"),
        (b'"tests"', b'"texts"', "the signature of the head is not that of key"),
        (b'"receipt": 1', b'"receipt": 2', "it is no receipt of this version"),
        (b"\n", b"", "it is not written as receipts are issued, byte for byte"),
    ],
)
async def test_what_was_changed_is_named(
    receipts: list[Path], old: bytes, new: bytes, reason: str
) -> None:
    content = receipts[0].read_bytes()
    assert old in content
    receipts[0].write_bytes(content.replace(old, new, 1))
    ended = await OFFLINE("verify-receipt", str(receipts[0]), "--key", PUBLIC)
    assert (ended.code, ended.out) == (1, "")
    assert "proves nothing: " in ended.err
    assert reason in ended.err


def by_hand(receipt: Path, key: str) -> "subprocess.CompletedProcess[str]":
    page = (CHECKOUT / "docs" / "proofs.md").read_text()
    (script,) = re.findall(r"```text\n(.*?)```", page, flags=re.DOTALL)
    return subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-", str(receipt), key],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_script_of_the_docs_checks_what_we_issue(receipts: list[Path]) -> None:
    for file in receipts:
        ended = by_hand(file, PUBLIC)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.startswith("proven: ")


@pytest.mark.parametrize(("old", "new"), [(b'"10050"', b'"10051"'), (b'"tests"', b'"texts"')])
async def test_the_script_of_the_docs_finds_what_was_changed(
    receipts: list[Path], old: bytes, new: bytes
) -> None:
    receipts[0].write_bytes(receipts[0].read_bytes().replace(old, new, 1))
    assert by_hand(receipts[0], PUBLIC).returncode != 0
    assert by_hand(receipts[2], new_signer().public_text).returncode != 0
