"""An opt-in log of AWS requests, for benchmarks and tests that count them: one JSON object a line."""

import json
import time

from local_aws.disturbances import named


def with_request_log(ministack, file: "str | None") -> None:
    """Logs every AWS request of ``ministack`` (its ``app`` module) to ``file``; without a file, nothing is touched and
    it costs nothing.

    A line holds ``time`` (start, seconds since 1970), ``milliseconds``, ``service``, ``action``, ``account``,
    ``region`` and ``status``.
    """
    if not file:
        return
    log = open(file, "a", buffering=1, encoding="utf-8")  # noqa: SIM115, it is open as long as the server runs

    def logged(handle, arguments_of):
        async def handler(*args, **kwargs):
            started = time.time()
            response = await handle(*args, **kwargs)
            if response is not None:
                method, path, headers, body, query = arguments_of(*args)
                log.write(json.dumps(_line(ministack, started, response[0], method, path, headers, body, query)) + "\n")
            return response

        return handler

    # The two doors of MiniStack's request path: data planes (virtual-hosted S3, API Gateway), which answer None for
    # what is not theirs, and everything else.
    ministack._dispatch_service_request = logged(
        ministack._dispatch_service_request,
        lambda method, path, headers, body, query, *_: (method, path, headers, body, query),
    )
    ministack._handle_special_data_plane_request = logged(
        ministack._handle_special_data_plane_request,
        lambda method, path, headers, body, query, *_: (method, path, headers, body, query),
    )


def _line(ministack, started, status, method, path, headers, body, query) -> dict:
    from ministack.core.responses import get_account_id, get_region

    service, action = named(ministack, method, path, headers, body, query)
    return {
        "time": round(started, 3),
        "milliseconds": round((time.time() - started) * 1000, 1),
        "service": service,
        "action": action,
        "account": get_account_id(),
        "region": get_region(),
        "status": status,
    }
