"""What the caller of the request in hand may do, for checks that AWS makes beyond the one on the called action."""

from ministack.core import iam_evaluator
from ministack.core.responses import get_region


def may(action: str, resource_arn: str, service_context: "dict | None" = None) -> bool:
    """Whether the caller's policies (identity, boundary, session and resource policies) allow the action on the
    resource.
    """
    # Pinned once the request's signature was found right; a handler is not reached before.
    access_key = iam_evaluator._verified_key.get()
    service = action.split(":")[0]
    return (
        iam_evaluator.enforce(
            access_key, action, service, get_region(), resource_arn=resource_arn, service_context=service_context
        )
        is None
    )


def arn() -> str:
    return iam_evaluator.caller_arn()
