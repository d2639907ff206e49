"""A role that another role or user of the same account is trusted with by name can be assumed without a further
permission.

AWS: within an account, a trust policy that names a principal itself, and not the account, is all the permission it
needs; across accounts both sides must allow.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-basics-single-account
and https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html

MiniStack asks for a permission of the caller always. The trust policy as a whole, its denials and conditions included,
is evaluated by AssumeRole itself, as before.
"""

import json

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam, sts


def close() -> None:
    sts.trust_policy_for_arn = _trust_policy
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["sts"] = ("sts", "trust_policy_for_arn")


def _trust_policy(role_arn: str) -> "tuple[str, str] | None":
    """The statements that admit somebody, and the account of the role, if that is the caller's."""
    parts = role_arn.split(":")
    account = get_account_id()
    if len(parts) != 6 or parts[4] != account or not parts[5].startswith("role/"):
        return None
    role = iam._roles.get_scoped(account, None, role_arn.rsplit("/", 1)[-1])
    if role is None or role["Arn"] != role_arn:
        return None
    try:
        statements = json.loads(role.get("AssumeRolePolicyDocument") or "{}").get("Statement", [])
    except (ValueError, AttributeError):
        return None
    statements = statements if isinstance(statements, list) else [statements]
    return json.dumps(
        {"Statement": [statement for statement in statements if statement.get("Effect") == "Allow"]}
    ), account
