"""IAM's OIDC providers: made by CloudFormation too, and changed by the API.

AWS: Ref and the attribute `Arn` of `AWS::IAM::OIDCProvider` are the provider's ARN, which holds the issuer's URL
without its scheme; another `Url` replaces the provider. Client ids, which the API also calls audiences, are added and
removed one by one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html

MiniStack creates, returns, lists and deletes providers by the API only, and returns the URL with its scheme.
"""

from ministack.services import iam
from ministack.services.cloudformation import provisioners

_ARN = "OpenIDConnectProviderArn"


def close() -> None:
    provisioners._RESOURCE_HANDLERS["AWS::IAM::OIDCProvider"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    provisioners._STACK_TAG_PROPERTY["AWS::IAM::OIDCProvider"] = ("Tags", "list")
    get = iam._IAM_HANDLERS["GetOpenIDConnectProvider"]

    def get_without_scheme(params):
        status, headers, body = get(params)
        return status, headers, body.replace(b"<Url>https://", b"<Url>")

    iam._IAM_HANDLERS.update(
        {
            "GetOpenIDConnectProvider": get_without_scheme,
            "AddClientIDToOpenIDConnectProvider": _changing("AddClientIDToOpenIDConnectProvider", _add_client),
            "RemoveClientIDFromOpenIDConnectProvider": _changing(
                "RemoveClientIDFromOpenIDConnectProvider", _remove_client
            ),
            "UpdateOpenIDConnectProviderThumbprint": _changing(
                "UpdateOpenIDConnectProviderThumbprint", _set_thumbprints
            ),
        }
    )


def _create(logical_id, props, stack_name):
    url = props.get("Url") or ""
    if not url.startswith("https://"):
        raise ValueError("Invalid Open ID Connect Provider URL")
    request = {"Url": [url]}
    for name, prop in (("ClientIDList", "ClientIdList"), ("ThumbprintList", "ThumbprintList")):
        request.update({f"{name}.member.{index}": [value] for index, value in enumerate(props.get(prop) or [], 1)})
    for index, tag in enumerate(props.get("Tags") or [], 1):
        request.update({f"Tags.member.{index}.Key": [tag["Key"]], f"Tags.member.{index}.Value": [str(tag["Value"])]})
    status, _, body = iam._create_oidc_provider(request)
    if status >= 400:
        raise ValueError(
            f"Provider with url {url} already exists." if b"EntityAlreadyExists" in body else body.decode()
        )
    arn = body.decode().partition(f"<{_ARN}>")[2].partition("<")[0]
    return arn, {"Arn": arn}


def _update(arn, old_props, new_props, stack_name):
    provider = iam._oidc_providers.get(arn)
    if provider is None or old_props.get("Url") != new_props.get("Url"):
        return _create(arn, new_props, stack_name)
    provider.update(
        ClientIDList=list(new_props.get("ClientIdList") or []),
        ThumbprintList=list(new_props.get("ThumbprintList") or []),
        Tags=[{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in new_props.get("Tags") or []],
    )
    return arn, {"Arn": arn}


def _delete(arn, props):
    iam._oidc_providers.pop(arn, None)


def _changing(action: str, change):
    def handler(params):
        arn = iam._p(params, _ARN)
        provider = iam._oidc_providers.get(arn)
        if provider is None:
            return iam._error(404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", ns="iam")
        change(provider, params)
        return iam._xml(200, f"{action}Response", "", ns="iam")

    return handler


def _add_client(provider: dict, params) -> None:
    client = iam._p(params, "ClientID")
    if client not in provider["ClientIDList"]:
        provider["ClientIDList"].append(client)


def _remove_client(provider: dict, params) -> None:
    client = iam._p(params, "ClientID")
    provider["ClientIDList"] = [known for known in provider["ClientIDList"] if known != client]


def _set_thumbprints(provider: dict, params) -> None:
    names = sorted(
        (name for name in params if name.startswith("ThumbprintList.member.")),
        key=lambda name: int(name.rpartition(".")[2]),
    )
    provider["ThumbprintList"] = [iam._p(params, name) for name in names]
