"""A role that CloudFormation is told to work with must be one that the caller may pass and that CloudFormation may
assume.

AWS: `RoleARN` needs iam:PassRole on that role, in the caller's account, and a trust policy that admits
cloudformation.amazonaws.com. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html

MiniStack ignores `RoleARN`. What it does NOT do, with this either: check each resource operation against that role's
policies.
"""

from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam
from ministack.services.cloudformation import handlers
from ministack.services.cloudformation.helpers import _error, _p

from local_aws.gaps import caller

SERVICE = "cloudformation.amazonaws.com"


def close() -> None:
    for action in (
        "CreateStack",
        "UpdateStack",
        "DeleteStack",
        "CreateChangeSet",
        "ContinueUpdateRollback",
        "RollbackStack",
    ):
        handlers._ACTION_HANDLERS[action] = _checking_role(handlers._ACTION_HANDLERS[action])


def _checking_role(operation):
    def handler(params):
        role_arn = _p(params, "RoleARN")
        refusal = _refusal(role_arn) if role_arn else None
        return refusal or operation(params)

    return handler


def _refusal(role_arn: str):
    parts = role_arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("role/"):
        return _error("ValidationError", f"Role {role_arn} is invalid or cannot be assumed")
    if parts[4] != get_account_id():
        return _error("AccessDenied", "Cross-account pass role is not allowed.", 403)
    if not caller.may("iam:PassRole", role_arn, {"iam:PassedToService": SERVICE}):
        return _error(
            "AccessDenied",
            f"User: {caller.arn()} is not authorized to perform: iam:PassRole on resource: {role_arn} "
            "because no identity-based policy allows the iam:PassRole action",
            403,
        )
    role = iam._roles.get_scoped(parts[4], None, role_arn.rsplit("/", 1)[-1])
    if role is None or not _admits_cloudformation(role, role_arn):
        return _error("ValidationError", f"Role {role_arn} is invalid or cannot be assumed")
    return None


def _admits_cloudformation(role: dict, role_arn: str) -> bool:
    context = EvalContext(
        principal_arn=SERVICE,
        principal_type="Service",
        principal_account=get_account_id(),
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=get_region(),
        service_context={},
    )
    return bool(evaluate_trust_policy(role.get("AssumeRolePolicyDocument", "{}"), SERVICE, context))
