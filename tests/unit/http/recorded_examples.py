"""Asks the product, in memory, what the description's examples show: `examples.json`.

To write the file anew: `python -m tests.unit.http.recorded_examples`.
"""

import asyncio
import json
from collections.abc import Mapping
from itertools import count
from typing import Any

from adapters.inbound.http.openapi.examples import FILE
from adapters.inbound.http.operations.all import ALL
from core.entities.feed_bookmark import FeedBookmark, digest_of_topic
from core.errors import LedgerUnavailableError, LogUnavailableError, PipelineFullError
from tests.builders import PARTITIONS
from tests.unit.http.world import MAX_ENDPOINTS, Answer, Api, World, served

OPERATIONS = {operation.operation_id: operation for operation in ALL}
USER = {"user_id": "123"}
WAITING = {"Prefer": "wait=5"}
REQUEST = {"X-Request-Id": "request-1"}
UNKNOWN = "01a20697-bf10-7a66-98df-82d7a32740d9"


class Recorder:
    """Keeps what was asked and answered: of each operation and status, what came first.

    Problems are kept by code and status: each looks the same wherever it comes from.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.operations: dict[str, dict[str, Any]] = {}
        self.problems: dict[str, Any] = {}
        self.keys = count()

    async def command(self, operation_id: str, body: Any, **path: str) -> str:
        """Ask for a command, see it accepted and then posted; the transaction's id."""
        key = {"Idempotency-Key": f"{operation_id}-{next(self.keys)}"}
        self.api.world.posts = False
        receipt = await self.ask(operation_id, path, body, key)
        self.api.world.posts = True
        posted = await self.ask(operation_id, path, body, key | WAITING)
        assert (receipt.status, posted.status) == (202, 201), posted.body
        transaction_id: str = receipt.body["transaction_id"]
        return transaction_id

    async def ask(
        self,
        operation_id: str,
        path: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> Answer:
        operation = OPERATIONS[operation_id]
        at = operation.path.format(**(path or {})) + query
        sent = {} if body is None else {"data": json.dumps(body)}
        typed = {} if body is None else {"Content-Type": "application/json"}
        answer = await self.api.call(
            operation.method, at, headers={**typed, **REQUEST, **(headers or {})}, **sent
        )
        self._keep(operation_id, dict(path or {}), body, answer)
        return answer

    async def rejected(self, operation_id: str, body: Any, **path: str) -> None:
        """Ask for a command that is rejected."""
        key = {"Idempotency-Key": f"{operation_id}-{next(self.keys)}"}
        answer = await self.ask(operation_id, path, body, key | WAITING)
        assert "transaction" in answer.body, answer.body

    def keep(self, answer: Answer) -> None:
        """Keep a problem."""
        self.problems.setdefault(f"{answer.body['code']}_{answer.status}", answer.body)

    def _keep(self, operation_id: str, path: dict[str, str], body: Any, answer: Answer) -> None:
        if "problem" in answer.headers["Content-Type"]:
            self.keep(answer)
            return
        kept = self.operations.setdefault(operation_id, {"path": path, "body": body, "answers": {}})
        kept["answers"].setdefault(str(answer.status), answer.body)


async def recorded() -> dict[str, Any]:
    """The examples, as they are answered now."""
    async with served(World()) as api:
        recorder = Recorder(api)
        await ask_for_commands(recorder)
        await _reads(recorder)
        await _rejections(recorder)
        await _refusals(recorder)
        await _outages(recorder)
        return {"operations": recorder.operations, "problems": recorder.problems}


async def ask_for_commands(recorder: Recorder) -> None:
    """Ask for each of them, as the examples show it."""
    deposit = {"user_id": "123", "amount": "100.50", "reference": "order 17"}
    await recorder.command("deposit", deposit | {"metadata": {"channel": "web"}})
    await recorder.command("withdraw", {"user_id": "123", "amount": "20.00", "currency": "USD"})
    transfer_body = {"from_user_id": "123", "to_user_id": "456", "amount": "30.50"}
    transfer = await recorder.command("transfer", transfer_body)
    hold = await recorder.command(
        "hold", {"user_id": "123", "amount": "20.00", "to_user_id": "shop", "expires_in": 600}
    )
    await recorder.ask("getHold", {"hold_id": hold})
    await recorder.ask("listHolds", USER, query="?status=open")
    await recorder.command("capture", {"amount": "10", "final": False}, hold_id=hold)
    await recorder.command("void", {"reference": "sold out"}, hold_id=hold)
    await recorder.command("reverse", {"amount": "10.00"}, transaction_id=transfer)
    change = {"overdraft_limit": "50.00", "metadata": {"tier": "gold"}}
    await recorder.command("account", change, user_id="123")
    await _batch(recorder)


async def _webhooks(recorder: Recorder, first_event: str) -> None:
    ask, world = recorder.ask, recorder.api.world
    address = {"url": "https://example.com/counterfoil", "description": "our books"}
    added = await ask("addWebhook", body=address)
    one = {"endpoint_id": added.body["endpoint_id"]}
    await ask("listWebhooks")
    await ask("getWebhook", one)
    tried = await ask("testWebhook", one)
    await ask("listWebhookDeliveries", one)
    await world.answer_webhooks(500)
    await ask("getWebhookDelivery", one | {"event_id": tried.body["event_id"]})
    await ask("replayWebhook", one, {"from": first_event})
    await ask("rotateWebhookSecret", one, {"overlap_seconds": 3_600})
    await ask("changeWebhook", one, {"status": "disabled"})
    await ask("testWebhook", one)
    await ask("getWebhookDelivery", one | {"event_id": UNKNOWN})
    for number in range(MAX_ENDPOINTS):
        await ask("addWebhook", body={"url": f"https://example.com/{number}"})
    await ask("removeWebhook", one)
    await ask("getWebhook", one)


async def _batch(recorder: Recorder) -> None:
    items = [
        {"type": "deposit", "user_id": "123", "amount": 5},
        {"type": "deposit", "user_id": "123", "amount": 5.001, "idempotency_key": "no-17"},
    ]
    recorder.api.world.posts = False
    await recorder.ask("batch", body=items, headers={"Idempotency-Key": "payday"})
    recorder.api.world.posts = True
    await recorder.ask("batch", body=items, headers=WAITING | {"Idempotency-Key": "payday"})


async def _reads(recorder: Recorder) -> None:
    key = "?idempotency_key=deposit-0"
    found = await recorder.ask("listTransactions", query=key)
    transaction = {"transaction_id": found.body["transactions"][0]["transaction_id"]}
    await recorder.ask("getTransaction", transaction)
    await _webhooks(recorder, transaction["transaction_id"])
    for operation_id in ("getBalance", "getStatement", "getAccount"):
        await recorder.ask(operation_id, USER)
    await recorder.ask("listAccounts")
    world = recorder.api.world
    world.clock.advance(60)
    await recorder.ask("getProof", transaction)
    await world.sign()
    await recorder.ask("getProof", transaction)
    await recorder.ask("getSignedHeads")
    later = await recorder.command("deposit", {"user_id": "123", "amount": "1"})
    await recorder.ask("getProof", {"transaction_id": later})
    await world.check_integrity()
    await recorder.ask("getIntegrity")
    await recorder.ask("getLiveness")
    await recorder.ask("getReadiness")


async def _rejections(recorder: Recorder) -> None:
    rejected = recorder.rejected
    await rejected("withdraw", {"user_id": "123", "amount": "2000"})
    await rejected("withdraw", {"user_id": "nobody", "amount": "1"})
    held = await recorder.command("hold", {"user_id": "123", "amount": "5"})
    await rejected("capture", {"amount": "6"}, hold_id=held)
    await rejected("capture", {"amount": "0.001"}, hold_id=held)
    await rejected("account", {"status": "closed"}, user_id="123")
    await recorder.command("void", {}, hold_id=held)
    await rejected("void", {}, hold_id=held)
    await rejected("reverse", {}, transaction_id=held)
    await rejected("void", {}, hold_id=UNKNOWN)
    await rejected("reverse", {}, transaction_id=UNKNOWN)
    paid = await recorder.command("deposit", {"user_id": "shop", "amount": "9"})
    await recorder.command("reverse", {"amount": "4"}, transaction_id=paid)
    await rejected("reverse", {"amount": "6"}, transaction_id=paid)
    kept = await recorder.command("hold", {"user_id": "shop", "amount": "1", "to_user_id": "456"})
    await rejected("capture", {"to_user_id": "shop"}, hold_id=kept)
    await recorder.command("account", {"overdraft_limit": "30"}, user_id="456")
    await recorder.command("withdraw", {"user_id": "456", "amount": "50"})
    await rejected("account", {"overdraft_limit": "1"}, user_id="456")
    await recorder.command("account", {"status": "frozen"}, user_id="new")
    await rejected("deposit", {"user_id": "new", "amount": "1"})
    await recorder.command("account", {"status": "closed"}, user_id="new")
    await rejected("deposit", {"user_id": "new", "amount": "1"})


async def _refusals(recorder: Recorder) -> None:
    deposit = {"user_id": "123", "amount": "1"}
    ask = recorder.ask
    await ask("deposit", body={"user_id": "123", "amount": "1.001"})
    await ask("deposit", body=deposit, headers={"Idempotency-Key": "deposit-0"})
    await ask("deposit", body=[])
    await ask("deposit", body=["x" * 70_000])
    await ask("deposit", body=deposit, headers={"Content-Type": "text/plain"})
    await ask("deposit", body=deposit, headers={"Content-Encoding": "gzip"})
    recorder.keep(await recorder.api.post("/deposit", "{", **{"X-Request-Id": "request-1"}))
    for operation_id in ("getBalance", "getStatement", "getAccount"):
        await ask(operation_id, {"user_id": "nobody"})
    await ask("getTransaction", {"transaction_id": UNKNOWN})
    await ask("getHold", {"hold_id": UNKNOWN})
    await ask("getBalance", USER, query="?position=6:99999")
    of_another_topic = FeedBookmark(digest_of_topic("another"), (0,) * PARTITIONS)
    await ask("streamEvents", headers={"Last-Event-ID": str(of_another_topic)})


async def _outages(recorder: Recorder) -> None:
    world = recorder.api.world
    for error in (
        LogUnavailableError("away", may_have_been_accepted=True),
        PipelineFullError("full", retry_after_seconds=7),
    ):
        world.command_log.error = error
        await recorder.ask(
            "deposit",
            body={"user_id": "123", "amount": "1"},
            headers={"Idempotency-Key": "order-18"},
        )
    world.reader.error = LedgerUnavailableError("away")
    await recorder.ask("getBalance", USER)
    world.feed.go_away()
    await recorder.ask("streamEvents")


def main() -> None:
    examples = asyncio.run(recorded())
    FILE.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
