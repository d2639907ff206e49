"""A deployed API answers under the host name that AWS gives it, to callers of any account or none.

AWS: `https://{api id}.execute-api.{region}.amazonaws.com/{stage}`; an API id is unique in its region, whatever the
account. https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html

MiniStack knows `{api id}.execute-api.localhost` only, and looks an API up in the account of the caller's key: an
unsigned call, which is what a public API gets, finds the APIs of no account. The `ApiEndpoint` attribute of an HTTP API
in a template names that host, too.
"""

import re

from ministack import app
from ministack.core.responses import get_region, set_request_account_id, set_request_region
from ministack.services.cloudformation import provisioners

_HOST = re.compile(r"^([a-z0-9]{8,10})\.execute-api\.(?:localhost|[a-z0-9-]+\.amazonaws\.com(?:\.cn)?)(?::\d+)?$")


def close() -> None:
    app._EXECUTE_API_RE = _HOST
    handle = app._handle_execute_api_request

    async def in_owners_account(host, path, method, headers, *rest, **named):
        parsed = app._parse_execute_api_url(host, path)
        # A signed call keeps its caller's account: it is what the API's policies are checked with.
        if parsed and not headers.get("authorization", "").startswith("AWS4-"):
            scope = _scope_of(parsed[0])
            if scope:
                account, region = scope
                set_request_account_id(account)
                set_request_region(region)
        return await handle(host, path, method, headers, *rest, **named)

    app._handle_execute_api_request = in_owners_account

    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create = handler["create"]

    def with_endpoint(logical_id, props, stack_name):
        api_id, attributes = create(logical_id, props, stack_name)
        record = provisioners._apigw_v2._apis[api_id]
        scheme = "wss" if record.get("protocolType") == "WEBSOCKET" else "https"
        suffix = "amazonaws.com.cn" if get_region().startswith("cn-") else "amazonaws.com"
        record["apiEndpoint"] = f"{scheme}://{api_id}.execute-api.{get_region()}.{suffix}"
        return api_id, {**attributes, "ApiEndpoint": record["apiEndpoint"]}

    handler["create"] = with_endpoint


def _scope_of(api_id: str) -> "tuple[str, str] | None":
    """Account and region of an API, REST or HTTP."""
    for store in (app._get_module("apigateway_v1")._rest_apis, app._get_module("apigateway")._apis):
        for (account, region, stored_id), _ in store.all_items():
            if stored_id == api_id:
                return account, region
    return None
