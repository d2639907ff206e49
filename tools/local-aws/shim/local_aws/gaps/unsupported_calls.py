"""Remembers which calls the local AWS could not answer, since it does not have what they ask for.

AWS answers them. A custom resource that fails for such a call has not failed for a reason that AWS would have, so
whoever judges it has to know (custom_resources.py).

MiniStack answers with an error that many programs cannot read: `UnknownError`.
"""

import collections
import re
import time

from ministack import app
from ministack.core.responses import get_account_id

_NOT_THERE = re.compile(
    rb"Unsupported service: |No route for |Unknown (\w+ )?(action|target|operation|method)|UnknownOperationException|"
    rb"is not valid for this web service|not implemented|Unsupported \w+ request",
    re.IGNORECASE,
)
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request")

# When, in which account, and what.
_calls: "collections.deque[tuple[float, str, str]]" = collections.deque(maxlen=500)


def close() -> None:
    dispatch = app._dispatch_service_request

    async def watched(method, path, headers, body, query_params, request_id):
        answer = await dispatch(method, path, headers, body, query_params, request_id)
        status, _, content = answer
        if status >= 400 and isinstance(content, bytes) and _NOT_THERE.search(content[:4096]):
            _calls.append((time.time(), get_account_id(), _name(method, path, headers, body)))
        return answer

    app._dispatch_service_request = watched


def unsupported_since(start: float) -> "list[str]":
    """Calls in the account of the current request, like `s3vectors CreateVectorBucket`.

    :param start: seconds since the epoch
    """
    account = get_account_id()
    return sorted({what for when, whose, what in _calls if when >= start and whose == account})


def _name(method: str, path: str, headers: dict, body: bytes) -> str:
    signed = _SIGNED_FOR.search(headers.get("authorization", ""))
    action = re.search(rb"(?:^|&)Action=(\w+)", body[:4096])
    called = headers.get("x-amz-target", "").rpartition(".")[2] or (action and action.group(1).decode())
    return f"{signed.group(1) if signed else 'a service'} {called or f'{method} {path}'}"
