"""The end of a placeholder says that it is one, and the end of a stack lists those that it has.

AWS: an event has a ResourceStatusReason, and a stack a StackStatusReason, which is there for a success too, such as
"Update successful. One or more resources could not be deleted."
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html

MiniStack gives no reason for a success, and keeps that of the operation before.
"""

from collections import Counter

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from local_aws import placeholder_registry
from local_aws.placeholder_registry import Placeholder

_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_PREFIX = "placeholder: "


def close() -> None:
    stacks._add_event = _telling(stacks._add_event)


def _telling(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        if status in _DONE and not reason:
            if logical_id == stack_name and physical_id == stack_id:
                reason = _tell_of_stack(stack_name, stack_id)
            else:
                placeholder = placeholder_registry.find(resource_type, physical_id)
                reason = f"{_PREFIX}{placeholder.why}" if placeholder is not None and placeholder.why else ""
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)

    return add


def _tell_of_stack(stack_name: str, stack_id: str) -> str:
    stack = cloudformation._stacks.get(stack_name)
    reason = _summary(placeholder_registry.within_stack(stack_id))
    if stack is not None:
        stack["StackStatusReason"] = reason
    return reason


def _summary(found: "list[Placeholder]") -> str:
    types = Counter(each.resource_type for each in found if each.why)
    attributes = sorted({f"{each.resource_type}.{name}" for each in found for name in each.attributes})
    parts = []
    if types:
        listed = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in sorted(types.items()))
        parts.append(f"nothing is behind {listed}")
    if attributes:
        parts.append(f"made up is {', '.join(attributes)}")
    return _PREFIX + "; ".join(parts) if parts else ""
