"""An export that another stack imports is neither removed nor changed, and a name is exported once.

AWS: "you can't delete a stack if another stack references one of its outputs", nor "modify or remove an output value
that is referenced by another stack"; names of exports are unique in an account and region.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
An update finds that out when the resources are done, and before anything is removed. It rolls back, with the reason in
the stack's own event and nowhere else (https://github.com/aws/aws-cdk/issues/7602); a deletion that may not be leaves
the stack in its status (https://github.com/rlister/stax/issues/40, https://github.com/aws/aws-cdk/issues/33395).

MiniStack lets an update remove and change every export, and keeps exports that are gone.
"""

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks
from ministack.services.cloudformation.helpers import _p, _xml


class _Refused(ValueError):
    pass


def close() -> None:
    stacks._resolve_stack_outputs = _resolving(stacks._resolve_stack_outputs)
    stacks._add_event = _telling(stacks._add_event)
    actions = handlers._ACTION_HANDLERS
    actions["DeleteStack"] = _deleting(actions["DeleteStack"])


def _resolving(resolve):
    def resolve_and_check(*arguments):
        outputs, exports = resolve(*arguments)
        *_, stack_name, stack_id = arguments
        known = cloudformation._exports
        for name, export in list(known.items()):
            if export["StackId"] != stack_id:
                if name in exports and _is_there(export["StackId"]):
                    other = export["StackId"].split("/")[1]
                    raise _Refused(f"Export with name {name} is already exported by stack {other}.")
                continue
            change = "deleted" if name not in exports else "updated"
            if name in exports and exports[name]["Value"] == export["Value"]:
                continue
            importers = _importers(name, stack_name)
            if importers:
                raise _Refused(f"Export {name} cannot be {change} as it is in use by {' and '.join(importers)}")
            if change == "deleted":
                known.pop(name, None)
        return outputs, exports

    return resolve_and_check


def _is_there(stack_id: str) -> bool:
    stack = handlers._resolve_stack(stack_id)
    return stack is not None and stack["StackStatus"] != "DELETE_COMPLETE"


def _importers(export_name: str, exporter: str) -> list:
    return sorted(
        name
        for name, stack in cloudformation._stacks.items()
        if name != exporter
        and stack["StackStatus"] not in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
        and export_name in handlers._imported_export_names(stack, name)
    )


def _telling(add_event):
    """Moves the reason of a refusal from MiniStack's event of a failure to that of the rollback."""
    reasons: dict = {}

    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        is_refusal = " as it is in use by " in reason or " is already exported by stack " in reason
        if is_refusal and status.endswith("E_FAILED") and stack_id not in reasons:
            reasons[stack_id] = reason
            return
        if logical_id == stack_name and (status.endswith("ROLLBACK_IN_PROGRESS") or is_refusal):
            reason = reasons.pop(stack_id, reason)
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)

    return add


def _deleting(delete_stack):
    def handler(params):
        stack = handlers._resolve_stack(_p(params, "StackName"))
        if stack is None or stack.get("EnableTerminationProtection"):
            return delete_stack(params)
        name, stack_id, status = stack["StackName"], stack["StackId"], stack["StackStatus"]
        exports = [output["ExportName"] for output in stack.get("Outputs", []) if output.get("ExportName")]
        for export_name in exports if status.endswith("_COMPLETE") else []:
            importers = _importers(export_name, name)
            if importers:
                reason = f"Delete canceled. Cannot delete export {export_name} as it is in use by {importers[0]}."
                stack["StackStatusReason"] = reason
                stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", status, reason, stack_id)
                return _xml(200, "DeleteStackResponse", "")
        return delete_stack(params)

    return handler
