"""Change sets keep to the state of their stack, name it by ARN too, and keep secrets.

AWS, as the API reference says or as the service answers:
- a second change set of type CREATE for a stack in REVIEW_IN_PROGRESS is one more change set of that same stack
- a stack that failed to be created (ROLLBACK_COMPLETE and the like) or that is being worked on takes no change set
- `StackName` is a name or a stack id:
  https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
- a change of outputs, stack tags or topics alone is a change, with an empty list of resource changes
- a NoEcho parameter reads `****`:
  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html

MiniStack makes a new stack for the second change set, and one over a stack that failed; it knows stacks by name here;
it fails a change set whose only change is in the outputs; and it returns NoEcho values in DescribeChangeSet.
"""

import re

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _error, _p

_GOOD = re.compile(r"^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$|^(CREATE|UPDATE)_FAILED$")


def close() -> None:
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _creating(actions["CreateChangeSet"])
    for action in ("DescribeChangeSet", "ExecuteChangeSet", "ListChangeSets"):
        actions[action] = _by_name(actions[action])


def _by_name(operation):
    def handler(params):
        name = _p(params, "StackName")
        if name.startswith("arn:"):
            stack = handlers._resolve_stack(name)
            params = {**params, "StackName": [stack["StackName"] if stack else name]}
        return operation(params)

    return handler


def _creating(create_change_set):
    def handler(params):
        stack = handlers._resolve_stack(_p(params, "StackName"))
        status = (stack or {}).get("StackStatus", "DELETE_COMPLETE")
        kind = _p(params, "ChangeSetType", "UPDATE") or "UPDATE"
        if status not in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS"):
            refusal = _state_refusal(stack, status, kind, _p(params, "ChangeSetName"))
            if refusal:
                return refusal
        if status == "REVIEW_IN_PROGRESS" and kind == "CREATE":
            response = _within(stack, create_change_set, params)
        else:
            response = create_change_set(params)
        if response[0] == 200:
            created = re.search(rb"<Id>([^<]+)</Id>", response[2])
            _, change_set = changesets._find_change_set(created.group(1).decode()) if created else (None, None)
            if change_set:
                _accept_without_resource_changes(change_set, stack)
                _mask_secrets(change_set)
        return response

    return handler


def _accept_without_resource_changes(change_set: dict, stack: "dict | None") -> None:
    nothing = change_set["Status"] == "FAILED" and change_set["StatusReason"].startswith(
        "The submitted information didn't contain"
    )
    if not nothing or stack is None or change_set["ChangeSetType"] != "UPDATE":
        return
    outputs, before = change_set["_template"].get("Outputs") or {}, stack.get("_template", {}).get("Outputs") or {}
    values, values_before = (
        {name: value.get("Value") for name, value in record.get("_resolved_params", {}).items()}
        for record in (change_set, stack)
    )
    retagged = change_set.get("_tags_given") and _tags(change_set) != _tags(stack)
    topics = change_set.get("_topics")
    told_elsewhere = topics is not None and topics != (stack.get("_topics") or [])
    if outputs != before or (outputs and values != values_before) or retagged or told_elsewhere:
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def _tags(record: dict) -> dict:
    return {tag.get("Key"): tag.get("Value") for tag in record.get("Tags") or []}


def _state_refusal(stack: dict, status: str, kind: str, change_set_name: str):
    if kind == "CREATE":
        return _error(
            "ValidationError",
            f"Stack [{stack['StackName']}] already exists and cannot be created again with the changeSet "
            f"[{change_set_name}].",
        )
    if not _GOOD.match(status):
        return _error("ValidationError", f"Stack:{stack['StackId']} is in {status} state and can not be updated.")
    return None


def _within(stack: dict, create_change_set, params):
    """Creates a change set that MiniStack gives a stack of its own, and puts it into the stack that is there."""
    name, stack_id = stack["StackName"], stack["StackId"]
    events = cloudformation._stack_events.get(stack_id, [])
    response = create_change_set({**params, "StackName": [name]})
    replacement = cloudformation._stacks.get(name)
    cloudformation._stacks[name] = stack
    cloudformation._stack_events[stack_id] = events
    if response[0] != 200 or replacement is None or replacement is stack:
        return response
    new_id = replacement["StackId"]
    cloudformation._stack_events.pop(new_id, None)
    for change_set in cloudformation._change_sets.values():
        if change_set["StackId"] == new_id:
            change_set["StackId"] = stack_id
    status, headers, body = response
    return status, headers, body.replace(new_id.encode(), stack_id.encode())


def _mask_secrets(change_set: dict) -> None:
    # The values that the change set is executed with are kept elsewhere (`_resolved_params`).
    for parameter in change_set["Parameters"]:
        if change_set["_resolved_params"].get(parameter["ParameterKey"], {}).get("NoEcho"):
            parameter["ParameterValue"] = "****"
