"""Signatures by Standard Webhooks."""

from collections.abc import Mapping

from aiohttp import hdrs
from standardwebhooks import Webhook

from adapters.webhook_calls import (
    CONTENT_TYPE_HEADER,
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
)
from core.ports.webhooks.sender import Call

USER_AGENT = "counterfoil-webhooks"


def signed_headers(call: Call) -> Mapping[str, str]:
    """All headers of the call, with a signature for each secret: the receiver knows one of them."""
    body = call.body.decode()
    # The library signs wrongly for times that are not in UTC; ours all are.
    signatures = [Webhook(one).sign(call.message_id, call.at, body) for one in call.secrets]
    return {
        ID_HEADER: call.message_id,
        TIMESTAMP_HEADER: str(int(call.at.timestamp())),
        SIGNATURE_HEADER: " ".join(signatures),
        CONTENT_TYPE_HEADER: "application/json",
        hdrs.USER_AGENT: USER_AGENT,
    }
