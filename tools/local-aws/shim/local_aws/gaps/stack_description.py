"""DescribeStacks says which change set last created or updated a stack, which role CloudFormation works with, and which
topics it tells.

AWS: `ChangeSetId`, `RoleARN` and `NotificationARNs` of a stack. The role and the topics, once given, stay for all later
operations on the stack; an empty list removes the topics. An update of the topics alone is one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html

The value of a parameter of SSM is its name there, and `ResolvedValue` what it holds:
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html

MiniStack returns none of the three, refuses an update of the topics alone, and gives what SSM holds as the value.
"""

import re

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _esc, _p, _xml

_NOTHING = b"No updates are to be performed"
_STACK_ID = re.compile(rb"<StackId>([^<]+)</StackId>")
_PARAMETER = re.compile(rb"<ParameterKey>([^<]+)</ParameterKey><ParameterValue>([^<]*)</ParameterValue>")


def close() -> None:
    actions = handlers._ACTION_HANDLERS
    actions["DescribeStacks"] = _describing(actions["DescribeStacks"])
    actions["CreateChangeSet"] = _keeping_in_change_set(actions["CreateChangeSet"])
    actions["ExecuteChangeSet"] = _recording_change_set(actions["ExecuteChangeSet"])
    for action in ("CreateStack", "UpdateStack"):
        actions[action] = _recording_direct_operation(actions[action])


def _describing(describe_stacks):
    def handler(params):
        status, headers, body = describe_stacks(params)
        if status != 200:
            return status, headers, body
        by_id = {stack["StackId"]: stack for stack in cloudformation._stacks.values()}
        # What follows an id is about that stack.
        head, *rest = _STACK_ID.split(body)
        described = zip(rest[::2], rest[1::2], strict=True)
        return status, headers, head + b"".join(_with_facts(by_id, *each) for each in described)

    return handler


def _with_facts(by_id: dict, stack_id: bytes, rest: bytes) -> bytes:
    stack = by_id.get(stack_id.decode(), {})
    facts = "".join(
        f"<{name}>{_esc(stack[key])}</{name}>"
        for name, key in (("ChangeSetId", "_change_set_id"), ("RoleARN", "_role_arn"))
        if stack.get(key)
    )
    topics = "".join(f"<member>{_esc(topic)}</member>" for topic in stack.get("_topics") or [])
    facts += f"<NotificationARNs>{topics}</NotificationARNs>" + _settings(stack)
    resolved = stack.get("_resolved_params", {})

    def with_name(found):
        name = resolved.get(found.group(1).decode(), {}).get("SsmName")
        if name is None:
            return found.group(0)
        key = f"<ParameterKey>{found.group(1).decode()}</ParameterKey>"
        value = f"<ParameterValue>{_esc(name)}</ParameterValue>"
        return f"{key}{value}<ResolvedValue>{found.group(2).decode()}</ResolvedValue>".encode()

    return b"<StackId>" + stack_id + b"</StackId>" + facts.encode() + _PARAMETER.sub(with_name, rest)


def _settings(stack: dict) -> str:
    """How the last operation was carried out, and the alarms of the stack; see `operation_settings`."""
    config, rollback = stack.get("_deployment_config"), stack.get("_rollback_configuration")
    members = "".join(f"<{name}>{value}</{name}>" for name, value in (config or {}).items())
    settings = f"<DeploymentConfig>{members}</DeploymentConfig>" if config else ""
    if rollback:
        triggers = "".join(
            f"<member><Arn>{_esc(arn)}</Arn><Type>{_esc(kind)}</Type></member>" for arn, kind in rollback["triggers"]
        )
        minutes = f"<MonitoringTimeInMinutes>{_esc(rollback['minutes'])}</MonitoringTimeInMinutes>"
        triggers = f"<RollbackTriggers>{triggers}</RollbackTriggers>"
        settings += f"<RollbackConfiguration>{triggers}{minutes}</RollbackConfiguration>"
    return settings


def _topics(params) -> "list[str] | None":
    """The topics of a request; none if it does not name any, an empty list if it takes them away."""
    members = [key for key in params if key.startswith("NotificationARNs.member.")]
    if not members:
        return [] if "NotificationARNs" in params else None
    return [_p(params, key) for key in sorted(members, key=lambda key: int(key.rsplit(".", 1)[1]))]


def _keeping_in_change_set(create_change_set):
    def handler(params):
        response = create_change_set(params)
        if response[0] == 200:
            created = re.search(rb"<Id>([^<]+)</Id>", response[2])
            if created:
                change_set = cloudformation._change_sets[created.group(1).decode()]
                change_set.update(_role_arn=_p(params, "RoleARN"), _topics=_topics(params))
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
                if change_set.get("_topics") is not None:
                    stack["_topics"] = change_set["_topics"]
        return response

    return handler


def _recording_direct_operation(operation):
    def handler(params):
        response = operation(params)
        topics = _topics(params)
        if response[0] != 200 and _NOTHING in response[2]:
            response = _updating_topics(params, topics) or response
        if response[0] == 200:
            stack = handlers._resolve_stack(_p(params, "StackName"))
            if stack is not None:
                if topics is not None:
                    stack["_topics"] = topics
                # Not by a change set this time.
                stack.pop("_change_set_id", None)
                stack["_role_arn"] = _p(params, "RoleARN") or stack.get("_role_arn")
        return response

    return handler


def _updating_topics(params, topics: "list[str] | None"):
    """The answer to an update that changes nothing but the topics."""
    stack = handlers._resolve_stack(_p(params, "StackName"))
    if stack is None or topics is None or topics == (stack.get("_topics") or []):
        return None
    stack.update(StackStatus="UPDATE_COMPLETE", LastUpdatedTime=now_iso())
    answer = f"<UpdateStackResult><StackId>{_esc(stack['StackId'])}</StackId></UpdateStackResult>"
    return _xml(200, "UpdateStackResponse", answer)
