"""A change set says how it is carried out, and the stack remembers that.

AWS:
- `DeploymentConfig` of a change set holds for its execution. In express mode, rollback is off unless it says
  `DisableRollback: false`:
  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-express-mode.html
- a stack that failed in express mode takes nothing but another change set in that mode, without rollback, until it is
  well again, and RollbackStack refuses it: https://github.com/aws/aws-cdk-cli/issues/1739
- `RollbackConfiguration` stays for all later operations on a stack; an empty list of triggers removes them:
  https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackConfiguration.html
- DescribeStacks returns both (in `stack_description`)

MiniStack knows neither. Here, express mode ends no operation earlier, and alarms are not watched.
"""

import re

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _error, _p

_HALF_WAY = ("CREATE_FAILED", "UPDATE_FAILED")
_TRIGGER = "RollbackConfiguration.RollbackTriggers.member."


def close() -> None:
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _creating(actions["CreateChangeSet"])
    actions["ExecuteChangeSet"] = _executing(actions["ExecuteChangeSet"])
    actions["RollbackStack"] = _rolling_back(actions["RollbackStack"])


def _creating(create_change_set):
    def handler(params):
        mode = _p(params, "DeploymentConfig.Mode")
        rolls_back = _p(params, "DeploymentConfig.DisableRollback") == "false"
        stack = handlers._resolve_stack(_p(params, "StackName"))
        if _has_failed_in_express_mode(stack) and (mode != "EXPRESS" or rolls_back):
            return _error(
                "ValidationError",
                f"This stack is in a {stack['StackStatus']} state from a previous operation that used EXPRESS "
                "deployment mode with disable-rollback. Follow-up operations must use the same DeploymentConfig "
                "(mode=EXPRESS) until the stack reaches a *_COMPLETE state.",
            )
        response = create_change_set(params)
        created = re.search(rb"<Id>([^<]+)</Id>", response[2]) if response[0] == 200 else None
        if created:
            change_set = cloudformation._change_sets[created.group(1).decode()]
            config = {"Mode": mode, "DisableRollback": "false" if rolls_back else "true"} if mode == "EXPRESS" else None
            change_set.update(_deployment_config=config, _rollback_configuration=_rollback_configuration(params))
        return response

    return handler


def _rollback_configuration(params) -> "dict | None":
    """What a request says of alarms; none if it says nothing."""
    if not any(key.startswith("RollbackConfiguration.") for key in params):
        return None
    numbers = {int(key[len(_TRIGGER) :].split(".")[0]) for key in params if key.startswith(_TRIGGER)}
    triggers = [(_p(params, f"{_TRIGGER}{n}.Arn"), _p(params, f"{_TRIGGER}{n}.Type")) for n in sorted(numbers)]
    return {"triggers": triggers, "minutes": _p(params, "RollbackConfiguration.MonitoringTimeInMinutes") or "0"}


def _executing(execute_change_set):
    def handler(params):
        _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        config = (change_set or {}).get("_deployment_config")
        if config:
            params = {**params, "DisableRollback": [config["DisableRollback"]]}
        response = execute_change_set(params)
        stack = cloudformation._stacks.get(change_set["StackName"]) if response[0] == 200 and change_set else None
        if stack is not None:
            stack["_deployment_config"] = config
            if change_set.get("_rollback_configuration") is not None:
                stack["_rollback_configuration"] = change_set["_rollback_configuration"]
        return response

    return handler


def _rolling_back(rollback_stack):
    def handler(params):
        if _has_failed_in_express_mode(handlers._resolve_stack(_p(params, "StackName"))):
            return _error(
                "ValidationError",
                "RollbackStack is not supported for stacks that were last updated using EXPRESS deployment mode and "
                "are in a failed state",
            )
        return rollback_stack(params)

    return handler


def _has_failed_in_express_mode(stack: "dict | None") -> bool:
    return bool(stack and stack.get("_deployment_config") and stack.get("StackStatus") in _HALF_WAY)
