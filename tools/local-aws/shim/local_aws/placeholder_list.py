"""What is a placeholder, or made up, in all accounts: `GET /_local-aws/placeholders`.

It answers `{"placeholders": [{"account", "region", "stack", "logicalId", "type", "physicalId", "why", "attributes"}]}`.
`why` says why nothing is behind the resource; it is empty if only these attributes of it are made up. This is a control
call, which needs the instance's secret (control_calls.py).
"""

import json

from local_aws.placeholder_registry import Placeholder, placeholders

PATH = "/_local-aws/placeholders"


def allow_placeholder_list(ministack) -> None:
    """Adds the control call to MiniStack (its ``app`` module)."""
    shortcuts = ministack._handle_post_body_shortcuts

    async def with_control_call(method, path, headers, body, query_params, request_id):
        if method == "GET" and path == PATH:
            answer = {"placeholders": [_entry(each) for each in placeholders()]}
            return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
        return await shortcuts(method, path, headers, body, query_params, request_id)

    ministack._handle_post_body_shortcuts = with_control_call


def _entry(placeholder: Placeholder) -> dict:
    return {
        "account": placeholder.account,
        "region": placeholder.region,
        "stack": placeholder.stack_id.split("/")[1],
        "logicalId": placeholder.logical_id,
        "type": placeholder.resource_type,
        "physicalId": placeholder.physical_id,
        "why": placeholder.why,
        "attributes": placeholder.attributes,
    }
