"""A request that names no access key is nobody's.

AWS: a request without a signature is refused, but for what is open to everybody: public buckets, deployed APIs and
function URLs (which ask for more themselves, if they are told to), and those few actions that take no signature.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

MiniStack takes such a request for one of the default account's root user if it has any `Authorization` header at all;
makes and lists buckets for everybody; and calls an HTTP API with IAM authorization for whoever sends such a header.
"""

import json

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_actions import anonymous_denial_message
from ministack.core.iam_evaluator import AuthError
from ministack.core.router import extract_access_key_id

_OPEN = ("execute-api:Invoke", "lambda:InvokeFunctionUrl")
# Each other action of S3 is about a bucket, which its policy decides about.
_OF_AN_ACCOUNT = ("s3:CreateBucket", "s3:ListAllMyBuckets", "s3:ListBuckets", "s3:ListDirectoryBuckets")


def close() -> None:
    enforce, check, enforce_api = (
        iam_evaluator.enforce,
        iam_evaluator.check_credentials,
        app._enforce_execute_api,
    )

    def enforce_with_key(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if _is_nobody(access_key_id):
            if _is_open(service, iam_action):
                return None
            return AuthError("MissingAuthenticationToken", anonymous_denial_message(service, iam_action, resource_arn))
        return enforce(access_key_id, iam_action, service, region, resource_arn, service_context)

    def check_with_key(access_key_id, service=None):
        if _is_nobody(access_key_id):
            return AuthError("MissingAuthenticationToken", anonymous_denial_message(service or "", "", "*"))
        return check(access_key_id, service)

    def enforce_api_with_key(api_id, stage, method, path, headers, query_params, iam_action="execute-api:Invoke"):
        if (
            headers.get("authorization")
            and not extract_access_key_id(headers, query_params)
            and iam_action == "execute-api:Invoke"
            and app._get_module("apigateway").route_authorization_type(api_id, stage, method, path) == "AWS_IAM"
        ):
            return 403, {"Content-Type": "application/json"}, json.dumps({"message": "Forbidden"}).encode()
        return enforce_api(api_id, stage, method, path, headers, query_params, iam_action=iam_action)

    iam_evaluator.enforce, iam_evaluator.check_credentials = enforce_with_key, check_with_key
    app._enforce_execute_api = enforce_api_with_key


def _is_nobody(access_key_id: str) -> bool:
    """What is signed, but names no key, is refused by the check of its signature."""
    return not access_key_id and iam_evaluator._signed_request.get() is None


def _is_open(service: str, iam_action: str) -> bool:
    if iam_action in _OPEN or iam_evaluator._served_unsigned(service, iam_action):
        return True
    return service == "s3" and iam_action not in _OF_AN_ACCOUNT
