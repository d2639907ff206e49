"""Sessions of roles as AWS services get them: `POST /_local-aws/service-session`.

    {"roleArn": "arn:aws:iam::123456789012:role/ship-synth", "service": "codebuild.amazonaws.com",
     "sourceArn": "arn:aws:codebuild:eu-west-1:123456789012:project/synth", "sourceAccount": "123456789012"}

answers, for an hour, `{"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}`, if the role exists and its
trust policy admits the service; 403 and one sentence if not. What works in a service's place, such as a rehearsal of a
CodeBuild project, gets with it exactly the credentials that the service would have given it. `sourceArn` and
`sourceAccount` are what the service says of the resource that it acts for (aws:SourceArn and aws:SourceAccount); they
may be left out. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html

Who may make the call may be any service: it is a control call, which needs the instance's secret (control_calls.py).
"""

import datetime
import json
import re
import time

SECONDS = 3600
PATH = "/_local-aws/service-session"

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")


def allow_service_sessions(ministack) -> None:
    """Adds the control call to MiniStack (its ``app`` module)."""
    post_body = ministack._handle_post_body_shortcuts

    async def with_control_call(method, path, headers, body, query_params, request_id):
        if method == "POST" and path == PATH:
            status, answer = _answer(body)
            return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()
        return await post_body(method, path, headers, body, query_params, request_id)

    ministack._handle_post_body_shortcuts = with_control_call


def _answer(body: bytes) -> "tuple[int, dict]":
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        request = None
    if not isinstance(request, dict):
        return 400, {"message": 'The body is no JSON object: send {"roleArn": ..., "service": ...}.'}
    role_arn, service = request.get("roleArn"), request.get("service")
    role = _ROLE_ARN.fullmatch(role_arn) if isinstance(role_arn, str) else None
    if role is None:
        return 400, {
            "message": f"roleArn is {json.dumps(role_arn)}: name a role as arn:aws:iam::<account>:role/<name>."
        }
    if not isinstance(service, str) or not _SERVICE.fullmatch(service):
        return 400, {
            "message": f"service is {json.dumps(service)}: name a service principal such as codebuild.amazonaws.com."
        }
    if not _admits(role["account"], role["name"], role_arn, service, request):
        return 403, {
            "message": f"{service} may not assume {role_arn}: there is no such role, "
            "or its trust policy does not admit the service."
        }
    return 200, _session(role["account"], role["name"], role_arn, service)


def _admits(account: str, name: str, role_arn: str, service: str, request: dict) -> bool:
    from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy
    from ministack.core.responses import get_region
    from ministack.services import iam

    role = iam._roles.get_scoped(account, None, name)
    # A role's path is part of its ARN.
    if role is None or role["Arn"] != role_arn:
        return False
    source = {"aws:sourcearn": request.get("sourceArn"), "aws:sourceaccount": request.get("sourceAccount")}
    context = EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=get_region(),
        service_context={key: value for key, value in source.items() if value},
    )
    return bool(evaluate_trust_policy(role.get("AssumeRolePolicyDocument", "{}"), service, context))


def _session(account: str, name: str, role_arn: str, service: str) -> dict:
    from ministack.core.responses import new_uuid
    from ministack.services import iam, sts

    session_name = f"{service.split('.')[0]}-{new_uuid()}"[:64]
    key, secret, token = iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token()
    end = time.time() + SECONDS
    sts.register_session(
        key,
        {
            "Arn": f"arn:{role_arn.split(':')[1]}:sts::{account}:assumed-role/{name}/{session_name}",
            "UserId": f"{sts._role_id(role_arn)}:{session_name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": end,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            "SourcePrincipalArn": service,
        },
    )
    expiration = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token, "Expiration": expiration}
