"""What an operator sees of commands and reads, against the product in memory."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.console import Console
from tests.unit.http.world import Api, World


async def deposited(counterfoil: Console, user_id: str, amount: str) -> Any:
    ended = await counterfoil("deposit", user_id, amount, "--json")
    assert ended.code == 0, ended.err
    return ended.json


async def test_a_deposit_is_posted_and_shown(counterfoil: Console) -> None:
    ended = await counterfoil(
        *("deposit", "alice", "100.50", "--reference", "order 17", "--metadata", "a=b=c")
    )
    assert (ended.code, ended.err) == (0, "")
    for text in ("posted", "alice", "100.50", "order 17", "a=b=c", "balance after"):
        assert text in ended.out
    assert (await counterfoil("balance", "alice", "--json")).json["balance"] == "100.50"


async def test_an_amount_goes_out_as_it_was_written(counterfoil: Console) -> None:
    posted = await deposited(counterfoil, "alice", "90071992547409.93")
    assert posted["amount"] == "90071992547409.93"


async def test_amounts_stand_at_the_right(counterfoil: Console) -> None:
    await deposited(counterfoil, "alice", "1234.5")
    await deposited(counterfoil, "alice", "6")
    ended = await counterfoil("statement", "alice", "--order", "asc")
    first, second = [line for line in ended.out.splitlines() if " deposit " in line]
    at = first.index("1234.50") + len("1234.50")
    assert second[:at].endswith("    6.00")
    assert "opening balance 0.00" in ended.out
    assert "closing balance 1240.50" in ended.out


async def test_a_rejection_is_a_sentence_with_its_figures_and_exit_code_1(
    counterfoil: Console,
) -> None:
    await deposited(counterfoil, "alice", "5")
    ended = await counterfoil("withdraw", "alice", "20")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("counterfoil: insufficient_funds: ")
    for text in ("needed 20.00", "available 5.00", "currency USD", "transaction ", "request "):
        assert text in ended.err


async def test_a_script_reads_the_problem_itself(counterfoil: Console) -> None:
    await deposited(counterfoil, "alice", "5")
    ended = await counterfoil("withdraw", "alice", "20", "--json")
    assert ended.code == 1
    assert (ended.json["code"], ended.json["needed"]) == ("insufficient_funds", "20.00")


async def test_a_transfer_and_its_reversal(counterfoil: Console) -> None:
    await deposited(counterfoil, "alice", "30")
    moved = await counterfoil("transfer", "alice", "bob", "12.5", "--json")
    assert moved.json["legs"][0]["amount"] == "12.50"
    ended = await counterfoil("reverse", moved.json["transaction_id"], "--amount", "2.5")
    assert ended.code == 0
    assert (await counterfoil("balance", "bob", "--json")).json["balance"] == "10.00"


async def test_a_hold_from_placing_to_its_end(counterfoil: Console) -> None:
    await deposited(counterfoil, "alice", "100")
    placed = await counterfoil(
        *("hold", "place", "alice", "20", "--to", "shop", "--expires-in", "600", "--json")
    )
    hold_id = placed.json["transaction_id"]
    assert placed.json["expires_at"] is not None
    taken = await counterfoil("hold", "capture", hold_id, "--amount", "5", "--not-final")
    assert taken.code == 0
    shown = await counterfoil("hold", "show", hold_id, "--json")
    assert (shown.json["status"], shown.json["remaining"]) == ("open", "15.00")
    assert (await counterfoil("hold", "void", hold_id)).code == 0
    listed = await counterfoil("hold", "list", "alice", "--status", "voided", "--json")
    assert [one["hold_id"] for one in listed.lines] == [hold_id]
    assert hold_id in (await counterfoil("hold", "list", "alice")).out


async def test_an_account_is_set_shown_and_listed(counterfoil: Console) -> None:
    ended = await counterfoil(
        *("account", "set", "alice", "--overdraft-limit", "50", "--metadata", "tier=gold")
    )
    assert ended.code == 0, ended.err
    shown = await counterfoil("account", "show", "alice", "--json")
    assert (shown.json["overdraft_limit"], shown.json["metadata"]) == ("50.00", {"tier": "gold"})
    assert (await counterfoil("withdraw", "alice", "50")).code == 0
    listed = await counterfoil("account", "list", "--json")
    assert [one["user_id"] for one in listed.lines] == ["alice"]


async def test_a_key_is_used_once(counterfoil: Console, world: World) -> None:
    first = await counterfoil("deposit", "alice", "5", "--key", "k-1", "--json")
    again = await counterfoil("deposit", "alice", "5", "--key", "k-1", "--json")
    assert first.json == again.json
    assert "k-1 was used before" in again.err
    assert len(world.books.transactions) == 1
    found = await counterfoil("transactions", "--key", "k-1", "--json")
    assert found.json == first.json


async def test_a_key_that_became_nothing_is_said_to_be_nothing(counterfoil: Console) -> None:
    ended = await counterfoil("transactions", "--key", "k-2")
    assert ended.code == 1
    assert "nothing was decided under the key k-2" in ended.err


async def test_every_command_has_a_key_of_its_own(counterfoil: Console, world: World) -> None:
    await deposited(counterfoil, "alice", "5")
    await deposited(counterfoil, "alice", "5")
    keys = {one.idempotency_key for one in world.commands}
    assert len(keys) == 2
    assert None not in keys


async def test_who_does_not_wait_gets_a_receipt(counterfoil: Console, world: World) -> None:
    world.posts = False
    ended = await counterfoil("deposit", "alice", "5", "--no-wait", "--json")
    assert (ended.code, ended.json["status"]) == (0, "pending")
    shown = await counterfoil("transaction", ended.json["transaction_id"], "--json")
    assert shown.json["status"] == "pending"


async def test_a_wait_that_was_too_short_is_not_taken_for_done(
    counterfoil: Console, world: World
) -> None:
    world.posts = False
    ended = await counterfoil("deposit", "alice", "5", "--wait", "1", "--json")
    assert ended.code == 1
    assert f"counterfoil transaction {ended.json['transaction_id']}" in ended.err


async def test_what_is_not_there_is_refused_in_a_sentence(counterfoil: Console) -> None:
    ended = await counterfoil("balance", "nobody")
    assert ended.code == 1
    assert "account_not_found" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("deposit", "alice"),
        ("deposit", "-alice", "5"),
        ("deposit", "../x", "5"),
        ("deposit", "alice", "5", "--wait", "31"),
        ("deposit", "alice", "5", "--key", "two words"),
        ("deposit", "alice", "5", "--metadata", "no-value"),
        ("deposit", "alice", "5", "--metadata", "a=1", "--metadata", "a=2"),
        ("reverse", "no-id"),
        ("balance", "alice", "--all", "--currency", "EUR"),
        ("balance", "alice", "--url", "ftp://somewhere"),
        ("balance", "alice", "--url", "http://user:secret@somewhere"),
        ("balance", "alice", "--url", "http://somewhere/?a=b"),
        ("transactions", "--key", "k", "--user", "alice"),
        ("statement", "alice", "-o", "file.json"),
        ("statement", "alice", "--format", "csv", "--limit", "5"),
        ("statement", "alice", "--format", "word"),
    ],
)
async def test_what_cannot_be_meant_is_exit_code_2_and_asks_nothing(
    counterfoil: Console, world: World, words: tuple[str, ...]
) -> None:
    ended = await counterfoil(*words)
    assert ended.code == 2, ended
    assert ended.err
    assert "secret" not in ended.err
    assert not world.commands


async def test_a_long_list_is_followed_as_far_as_was_asked(
    counterfoil: Console, tmp_path: Path, api: Api
) -> None:
    file = tmp_path / "many.csv"
    rows = "".join(f"user{number},1\n" for number in range(1_203))
    file.write_text("user_id,amount\n" + rows)
    assert (await counterfoil("import", str(file), "--type", "deposit")).code == 0
    everything = await counterfoil("account", "list", "--all", "--json")
    assert len({one["user_id"] for one in everything.lines}) == 1_203
    some = await counterfoil("account", "list", "--limit", "1001", "--json")
    assert some.lines == everything.lines[:1_001]
    assert "There are more" in some.err


async def test_help_groups_the_verbs_and_has_examples(counterfoil: Console) -> None:
    overview = (await counterfoil("--help")).out
    server, client = overview.index("Run Counterfoil"), overview.index("Use a running Counterfoil")
    assert server < overview.index("processor", server) < client < overview.index("import", client)
    for words in ("deposit", "hold place", "account set", "statement", "import", "transactions"):
        ended = await counterfoil(*words.split(), "--help")
        assert f"Example: counterfoil {words}" in ended.out
