"""DescribeStacks says which change set last created or updated a stack, and which role CloudFormation works with.

AWS: `ChangeSetId` and `RoleARN` of a stack. The role, once given, is used for all later operations on the stack.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html

MiniStack returns neither.
"""

import re

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _esc, _p

_STACK_ID = re.compile(rb"<StackId>([^<]+)</StackId>")


def close() -> None:
    actions = handlers._ACTION_HANDLERS
    actions["DescribeStacks"] = _describing(actions["DescribeStacks"])
    actions["CreateChangeSet"] = _keeping_role_in_change_set(actions["CreateChangeSet"])
    actions["ExecuteChangeSet"] = _recording_change_set(actions["ExecuteChangeSet"])
    for action in ("CreateStack", "UpdateStack"):
        actions[action] = _recording_direct_operation(actions[action])


def _describing(describe_stacks):
    def handler(params):
        status, headers, body = describe_stacks(params)
        if status != 200:
            return status, headers, body
        by_id = {stack["StackId"]: stack for stack in cloudformation._stacks.values()}

        def with_facts(found):
            stack = by_id.get(found.group(1).decode(), {})
            facts = "".join(
                f"<{name}>{_esc(stack[key])}</{name}>"
                for name, key in (("ChangeSetId", "_change_set_id"), ("RoleARN", "_role_arn"))
                if stack.get(key)
            )
            return found.group(0) + facts.encode()

        return status, headers, _STACK_ID.sub(with_facts, body)

    return handler


def _keeping_role_in_change_set(create_change_set):
    def handler(params):
        response = create_change_set(params)
        if response[0] == 200:
            created = re.search(rb"<Id>([^<]+)</Id>", response[2])
            if created:
                cloudformation._change_sets[created.group(1).decode()]["_role_arn"] = _p(params, "RoleARN")
        return response

    return handler


def _recording_change_set(execute_change_set):
    def handler(params):
        change_set_id, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        response = execute_change_set(params)
        if response[0] == 200 and change_set:
            stack = cloudformation._stacks.get(change_set["StackName"])
            if stack is not None:
                stack["_change_set_id"] = change_set_id
                stack["_role_arn"] = change_set.get("_role_arn") or stack.get("_role_arn")
        return response

    return handler


def _recording_direct_operation(operation):
    def handler(params):
        response = operation(params)
        if response[0] == 200:
            stack = handlers._resolve_stack(_p(params, "StackName"))
            if stack is not None:
                # Not by a change set this time.
                stack.pop("_change_set_id", None)
                stack["_role_arn"] = _p(params, "RoleARN") or stack.get("_role_arn")
        return response

    return handler
