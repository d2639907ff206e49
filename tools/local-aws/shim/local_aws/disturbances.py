"""Slow or failing answers on request, for tests of retries and for benchmarks: `POST /_local-aws/disturbances`.

The body is a JSON object, which replaces what was there:

    {"latencyMilliseconds": 100,
     "faults": [{"service": "cloudformation", "action": "DescribeStacks", "status": 400, "code": "Throttling",
                 "after": 2, "times": 1}]}

Each AWS request waits so long first. A fault answers the request instead of the service, in the service's own error
format: `after` so many matching requests have passed, `times` times. Service and action may be left out, which matches
all.
"""

import asyncio
import json


class Disturbances:
    def __init__(self) -> None:
        self.latency = 0.0
        self.faults: list[dict] = []

    def replace(self, request: dict) -> None:
        self.latency = float(request.get("latencyMilliseconds", 0)) / 1000
        self.faults = [{"after": 0, "times": 1, **fault} for fault in request.get("faults", [])]

    def fault_for(self, service: str, action: str) -> "dict | None":
        for fault in self.faults:
            if fault.get("service", service) != service or fault.get("action", action) != action or fault["times"] <= 0:
                continue
            if fault["after"] > 0:
                fault["after"] -= 1
                continue
            fault["times"] -= 1
            return fault
        return None


def allow_disturbances(ministack) -> None:
    """Adds the control call to MiniStack (its ``app`` module). As long as nothing is asked for, a request costs one
    comparison more.
    """
    from ministack.services import ecr

    from local_aws.gaps.ecr_registry import action_of

    disturbances = Disturbances()
    post_body, dispatch = ministack._handle_post_body_shortcuts, ministack._dispatch_service_request
    registry = ministack._handle_ecr_registry_request

    async def with_control_call(method, path, headers, body, query_params, request_id):
        if method == "POST" and path == "/_local-aws/disturbances":
            disturbances.replace(json.loads(body or b"{}"))
            return 200, {"Content-Type": "application/json"}, b"{}"
        return await post_body(method, path, headers, body, query_params, request_id)

    async def disturbed(method, path, headers, body, query_params, request_id):
        if disturbances.latency:
            await asyncio.sleep(disturbances.latency)
        if disturbances.faults:
            service, action = named(ministack, method, path, headers, body, query_params)
            fault = disturbances.fault_for(service, action)
            if fault:
                return _answer(service, action, fault, request_id, headers)
        return await dispatch(method, path, headers, body, query_params, request_id)

    async def disturbed_registry(method, path, headers, body, query_params):
        if ministack._is_ecr_registry_path(path):
            if disturbances.latency:
                await asyncio.sleep(disturbances.latency)
            fault = disturbances.faults and disturbances.fault_for("ecr", action_of(method, path) or f"{method} {path}")
            if fault:
                return ecr._registry_error(
                    int(fault.get("status", 500)), fault.get("code", "UNKNOWN"), "An injected fault"
                )
        return await registry(method, path, headers, body, query_params)

    ministack._handle_post_body_shortcuts = with_control_call
    ministack._dispatch_service_request = disturbed
    ministack._handle_ecr_registry_request = disturbed_registry


def _answer(service: str, action: str, fault: dict, request_id: str, headers: dict):
    from ministack.core.iam_actions import access_denied_response

    # The one place of MiniStack that knows the error format of every service.
    _, response_headers, body = access_denied_response(
        service,
        f"{service}:{action}",
        "",
        request_id,
        error_code=fault.get("code", "InternalFailure"),
        message=fault.get("message", "An injected fault"),
        headers=headers,
    )
    return int(fault.get("status", 500)), response_headers, body


def named(ministack, method, path, headers, body, query_params) -> "tuple[str, str]":
    """Service and action of a request, such as ``("s3", "GetObject")``; method and path if MiniStack has no name."""
    from ministack.core.iam_actions import extract_iam_action

    from local_aws.gaps.ecr_registry import action_of

    if registry_action := action_of(method, path):
        return "ecr", registry_action
    params = ministack._routing_params(method, path, headers, body, query_params)
    service = ministack.detect_service(method, path, headers, params)
    try:
        action = extract_iam_action(service, method, path, headers, body, params)
    except Exception:
        action = None
    return service, action.split(":")[-1] if action else f"{method} {path}"
