"""A custom resource ends, with a reason that says what its function logged.

AWS: CloudFormation waits for the answer of a custom resource as long as its ServiceTimeout says, and an hour without
one. A function that ends with an error, or does not answer, lets it wait.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html

MiniStack waits as long, and longer if the function itself hangs. Nobody waits an hour on their own machine, so here it
is two minutes without a ServiceTimeout, and no longer than it takes a function to end with an error.
"""

import contextvars
import queue
import threading
import time

from ministack.services import cloudwatch_logs, lambda_svc
from ministack.services.cloudformation import custom_resource

from local_aws.gaps.unsupported_calls import unsupported_since

# Seconds.
_WITHOUT_TIMEOUT = 120
_LAST_LINES = 15
# Lambda's lines, and what Node says of the emulator's own code.
_NOT_ITS_OWN = ("START ", "END ", "REPORT ", "(node:", "(Use `node ")


class UnsupportedCall(RuntimeError):
    """A custom resource failed, and its function had called what the local AWS does not have."""


def close() -> None:
    lambda_svc._execute_function_with_config_scope = _answering(lambda_svc._execute_function_with_config_scope)
    custom_resource.invoke_custom_resource = _bounded(custom_resource.invoke_custom_resource)


def _answering(execute):
    """Answers for a function that ended with an error before it could."""

    def run(func, event, *arguments):
        started = _now()
        result = execute(func, event, *arguments)
        url = event.get("ResponseURL") if isinstance(event, dict) else None
        if isinstance(url, str) and isinstance(result, dict) and (result.get("error") or result.get("throttle")):
            body = result.get("body")
            said = body.get("errorMessage") if isinstance(body, dict) else body
            name = (func.get("config") or func).get("FunctionName")
            _fail(
                url.rpartition("/")[2], f"The function {name} ended without an answer: {said}.{_logged(name, started)}"
            )
        return result

    return run


def _fail(token: str, reason: str) -> None:
    pending = custom_resource._pending.get(token)
    if pending is not None and pending["result"] is None:
        custom_resource.deliver_response(token, {"Status": "FAILED", "Reason": reason})


def _bounded(invoke):
    def run(request_type, logical_id, props, *arguments, **named):
        try:
            timeout = int(props.get("ServiceTimeout") or _WITHOUT_TIMEOUT)
        except (TypeError, ValueError):
            timeout = _WITHOUT_TIMEOUT
        answers: queue.Queue = queue.Queue()
        started = _now()

        def work() -> None:
            try:
                answers.put((invoke(request_type, logical_id, props, *arguments, **named), None))
            except Exception as failure:
                answers.put((None, failure))

        # A thread of its own: a function that hangs does not keep the stack waiting.
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
        try:
            answer, failure = answers.get(timeout=timeout)
        except queue.Empty:
            answer, failure = None, TimeoutError()
        if isinstance(failure, TimeoutError):
            name = str(props.get("ServiceToken", "")).rpartition(":")[2]
            failure = TimeoutError(
                f"The function {name} did not answer for the custom resource {logical_id} within {timeout} s."
                f"{_logged(name, started)}"
            )
        if failure is not None:
            missing = unsupported_since(started / 1000)
            raise UnsupportedCall(f"{', '.join(missing)}; it says: {failure}") if missing else failure
        return answer

    return run


def _now() -> int:
    return int(time.time() * 1000)


def _logged(function: str, since: int) -> str:
    """The last lines that the function has logged. Those of a run are in the log as soon as it has ended."""
    group = cloudwatch_logs._log_groups.get(f"/aws/lambda/{function}") or {}
    events = [event for stream in (group.get("streams") or {}).values() for event in stream.get("events") or []]
    messages = [str(event.get("message", "")) for event in events if event.get("timestamp", 0) >= since]
    lines = [line for message in messages for line in message.rstrip().splitlines()]
    own = [line for line in lines if not line.startswith(_NOT_ITS_OWN)]
    return " It logged last:\n" + "\n".join(own[-_LAST_LINES:]) if own else " It logged nothing."
