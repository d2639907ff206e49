"""What a policy's condition reads of a caller that works with a role, or that is a service.

AWS: `aws:PrincipalArn` of an assumed-role session is the ARN of the role, with its path, and not the one of the
session; `aws:PrincipalIsAWSService` is true if a service itself makes the request, which then is no principal of an
account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn

MiniStack takes the ARN of the session, so that a bucket policy which denies everybody but one role denies that role as
well; a service passes for a principal, with its name for an ARN; and nobody is told from a service.
"""

import re

from ministack.core import iam_evaluator
from ministack.services import iam

_SESSION = re.compile(r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>\d{12}):assumed-role/(?P<name>[^/]+)/")
_OF_A_PRINCIPAL = ("aws:principalarn", "aws:principalaccount", "aws:principaltype")


def close() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_key(key, context):
        name = key.lower()
        is_service = context.principal_type == "Service"
        if name == "aws:principalisawsservice":
            return str(is_service).lower()
        if is_service and name == "aws:principalservicename":
            return context.principal_arn
        if is_service and name in _OF_A_PRINCIPAL:
            return None
        if name == "aws:principalarn":
            return role_of(context.principal_arn)
        return resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_key


def role_of(arn: str) -> str:
    """The role of an assumed-role session, by ARN; any other ARN as it is."""
    session = _SESSION.match(arn)
    if not session:
        return arn
    role = iam._roles.get_scoped(session["account"], None, session["name"])
    return role["Arn"] if role else f"arn:{session['partition']}:iam::{session['account']}:role/{session['name']}"
