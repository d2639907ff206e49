"""A call that names parameters of Systems Manager is authorized against each of them, whatever way they are named.

AWS: a parameter's name may be its ARN, and may end with `:<version>` or `:<label>`; GetParameters and DeleteParameters
name several. The permission is the one on the parameter.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html

MiniStack takes an ARN or a version for part of a name, and authorizes calls that name several against `*`.
"""

import json

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import ssm

from local_aws.gaps import caller

_OF_PARAMETERS = (
    "DeleteParameter",
    "DeleteParameters",
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "LabelParameterVersion",
    "PutParameter",
    "UnlabelParameterVersion",
)


def close() -> None:
    original, handle = iam_actions.extract_resource_arn, ssm.handle_request

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        arns = _parameters_of(headers, body, region, account_id) if service == "ssm" else []
        return arns[0] if arns else original(service, method, path, headers, body, routing_params, region, account_id)

    async def handle_authorized(method, path, headers, body, query_params):
        # The first was authorized on the way here.
        action = f"ssm:{_action(headers)}"
        for arn in _parameters_of(headers, body, get_region(), get_account_id())[1:]:
            if not caller.may(action, arn):
                return iam_actions.access_denied_response("ssm", action, caller.arn(), "", resource_arn=arn)
        return await handle(method, path, headers, body, query_params)

    iam_actions.extract_resource_arn, ssm.handle_request = extract_resource_arn, handle_authorized


def _action(headers: dict) -> str:
    return headers.get("x-amz-target", "").rpartition(".")[2]


def _parameters_of(headers: dict, body: bytes, region: str, account: str) -> "list[str]":
    if _action(headers) not in _OF_PARAMETERS:
        return []
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return []
    if not isinstance(request, dict):
        return []
    names = [request.get("Name"), request.get("Path"), *(request.get("Names") or [])]
    return [_arn(name, region, account) for name in names if isinstance(name, str) and name]


def _arn(name: str, region: str, account: str) -> str:
    name, _ = ssm._split_selector(name)
    return name if name.startswith("arn:") else f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}"
