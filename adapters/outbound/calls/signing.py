"""Signatures by Standard Webhooks."""

from collections.abc import Mapping

from aiohttp import hdrs
from standardwebhooks import Webhook

from core.ports.webhooks.sender import Call

USER_AGENT = "counterfoil-webhooks"


def signed_headers(call: Call) -> Mapping[str, str]:
    """All headers of the call, with a signature for each secret: the receiver knows one of them."""
    body = call.body.decode()
    # The library signs wrongly for times that are not in UTC; ours all are.
    signatures = [Webhook(one).sign(call.message_id, call.at, body) for one in call.secrets]
    return {
        "webhook-id": call.message_id,
        "webhook-timestamp": str(int(call.at.timestamp())),
        "webhook-signature": " ".join(signatures),
        hdrs.CONTENT_TYPE: "application/json",
        hdrs.USER_AGENT: USER_AGENT,
    }
