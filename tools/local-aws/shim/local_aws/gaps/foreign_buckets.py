"""The policy of a bucket decides about a caller of another account by who the caller is.

AWS: a bucket policy may admit single roles of other accounts, and deny all but one; what counts is the caller's role or
session. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html

MiniStack asks whether the other account's root user is admitted: a role that the policy names is refused, and a
statement that denies one role denies nobody.
"""

import contextvars
import dataclasses

from ministack.core import iam_evaluator
from ministack.services import s3

_caller: "contextvars.ContextVar[str]" = contextvars.ContextVar("local_aws_foreign_caller", default="")


def close() -> None:
    allows, evaluate = s3._foreign_bucket_allows, iam_evaluator.evaluate_resource_policy

    def allows_caller(owner_account, bucket, key, method, query_params, caller_account, headers=None):
        arn = iam_evaluator._request_caller_arn.get()
        known = caller_account and iam_evaluator._account_from_arn(arn) == caller_account
        token = _caller.set(arn if known else "")
        try:
            return allows(owner_account, bucket, key, method, query_params, caller_account, headers)
        finally:
            _caller.reset(token)

    def evaluate_for_caller(doc, context, *rest, **named):
        arn = _caller.get()
        if arn and context.principal_type == "Root":
            kind = iam_evaluator._principal_type(arn, "")
            context = dataclasses.replace(context, principal_arn=arn, principal_type=kind)
        return evaluate(doc, context, *rest, **named)

    s3._foreign_bucket_allows, iam_evaluator.evaluate_resource_policy = allows_caller, evaluate_for_caller
