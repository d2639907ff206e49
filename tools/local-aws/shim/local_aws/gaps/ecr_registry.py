"""A registry asks who is there, and allows what the policies of that caller allow.

AWS: a push or pull carries the token of GetAuthorizationToken, which stands for the principal that asked for it, for
twelve hours; each step of it is authorized as the ECR action it amounts to. Layers come from S3, by a URL that is
signed itself. https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html

MiniStack serves every registry to everybody, gives the same token to all, and takes a manifest whose layers it does not
have.
"""

import base64
import json
import os
import secrets
import time

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, json_response
from ministack.core.router import extract_access_key_id
from ministack.services import ecr

_SECONDS = 12 * 3600
_DOWNLOAD_SECONDS = 900

# Token to access key and end; what a download URL is for.
_tokens: "dict[str, tuple[str, float]]" = {}
_tickets: "dict[str, tuple[str, str, str, str, float]]" = {}

_ACTIONS = {
    ("blob", "HEAD"): "BatchCheckLayerAvailability",
    ("blob", "GET"): "GetDownloadUrlForLayer",
    ("blob_uploads", "POST"): "InitiateLayerUpload",
    ("blob_upload_session", "GET"): "UploadLayerPart",
    ("blob_upload_session", "PATCH"): "UploadLayerPart",
    ("blob_upload_session", "PUT"): "CompleteLayerUpload",
    ("blob_upload_session", "DELETE"): "CompleteLayerUpload",
    ("manifest", "HEAD"): "BatchGetImage",
    ("manifest", "GET"): "BatchGetImage",
    ("manifest", "PUT"): "PutImage",
    ("manifest", "DELETE"): "BatchDeleteImage",
    ("tags_list", "GET"): "ListImages",
}


def close() -> None:
    answer_registry, answer_api = ecr.handle_registry_request, ecr.handle_request

    async def handle_registry_request(method, path, headers, body, query_params):
        parsed, method = ecr._parse_v2_path(path), method.upper()
        if parsed is None:
            return await answer_registry(method, path, headers, body, query_params)
        verb, name, reference = parsed
        if verb == "blob" and method == "GET" and (ticket := ecr._query_first(query_params, "ticket")):
            return _download(ticket, name, reference)
        ecr._select_registry_request_scope(name, headers, query_params)
        denied = _denial(_ACTIONS.get((verb, method)), name, headers)
        if denied:
            return denied
        if verb == "blob" and method == "GET" and reference in ecr._layer_blobs.get(name, {}):
            return ecr._registry_ok(307, {"Location": _download_url(name, reference), "Content-Length": "0"}, b"")
        if verb == "manifest" and method == "PUT" and (missing := missing_layers(name, body)):
            return ecr._registry_error(
                400,
                "MANIFEST_BLOB_UNKNOWN",
                f"Layers with digests '{missing}' required for pushing image into repository '{name}' in the registry "
                f"with id '{get_account_id()}' do not exist",
            )
        return await answer_registry(method, path, headers, body, query_params)

    async def handle_request(method, path, headers, body, query_params):
        if headers.get("x-amz-target", "").endswith(".GetAuthorizationToken"):
            return _token(extract_access_key_id(headers, query_params))
        return await answer_api(method, path, headers, body, query_params)

    ecr.handle_registry_request, ecr.handle_request = handle_registry_request, handle_request
    ecr._get_download_url_for_layer = _get_download_url_for_layer


def missing_layers(name: str, manifest: "bytes | str") -> "list[str]":
    """What a manifest names and its repository lacks: layers and configuration, or, of an index, manifests."""
    try:
        content = json.loads(manifest)
    except ValueError:
        return []
    blobs = [*content.get("layers", []), *([content["config"]] if "config" in content else [])]
    held = {image["imageDigest"] for image in ecr._images.get(name, [])}
    return [each["digest"] for each in blobs if each["digest"] not in ecr._layer_blobs.get(name, {})] + [
        each["digest"] for each in content.get("manifests", []) if each["digest"] not in held
    ]


def _token(access_key: str):
    now = time.time()
    for token in [token for token, (_, end) in _tokens.items() if end < now]:
        del _tokens[token]
    token = secrets.token_urlsafe(48)
    _tokens[token] = (access_key, now + _SECONDS)
    return json_response(
        {
            "authorizationData": [
                {
                    "authorizationToken": base64.b64encode(f"AWS:{token}".encode()).decode(),
                    "expiresAt": int(now) + _SECONDS,
                    "proxyEndpoint": f"https://{ecr._repo_uri('').rstrip('/')}",
                }
            ]
        }
    )


def _denial(action: "str | None", name: str, headers: dict):
    """401 without a good token, 403 if its owner may not do this, None if they may."""
    if not app.AUTH:
        return None
    access_key = _owner(headers.get("authorization", ""))
    if access_key is None:
        status, answer, body = ecr._registry_error(401, "UNAUTHORIZED", "Not Authorized")
        realm = ecr._repo_uri("").rstrip("/")
        return (
            status,
            {**answer, "WWW-Authenticate": f'Basic realm="https://{realm}/",service="ecr.amazonaws.com"'},
            body,
        )
    if action is None:
        return None
    # The signature of the token's own request was checked when it was given out.
    iam_evaluator._signed_request.set(None)
    arn = f"arn:aws:ecr:{get_region()}:{get_account_id()}:repository/{name}"
    denied = iam_evaluator.enforce(access_key, f"ecr:{action}", "ecr", get_region(), resource_arn=arn)
    if denied is None:
        return None
    if isinstance(denied, iam_evaluator.AuthError):
        return ecr._registry_error(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
    return ecr._registry_error(
        403,
        "DENIED",
        f"User: {denied.principal_arn} is not authorized to perform: ecr:{action} on resource: {arn} "
        f"because no identity-based policy allows the ecr:{action} action",
    )


def _owner(authorization: str) -> "str | None":
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, token = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return None
    access_key, end = _tokens.get(token, ("", 0.0))
    return access_key if user == "AWS" and end > time.time() else None


def _get_download_url_for_layer(data):
    name, digest = data.get("repositoryName", ""), data.get("layerDigest", "")
    if name not in ecr._repositories:
        return ecr.error_response_json(
            "RepositoryNotFoundException", f"The repository with name '{name}' does not exist", 400
        )
    if digest not in ecr._layer_blobs.get(name, {}):
        return ecr.error_response_json(
            "LayersNotFoundException", f"The layer with digest '{digest}' does not exist", 400
        )
    return json_response({"downloadUrl": _download_url(name, digest), "layerDigest": digest})


def _download_url(name: str, digest: str) -> str:
    now = time.time()
    for ticket in [ticket for ticket, (*_, end) in _tickets.items() if end < now]:
        del _tickets[ticket]
    ticket = secrets.token_urlsafe(32)
    _tickets[ticket] = (get_account_id(), get_region(), name, digest, now + _DOWNLOAD_SECONDS)
    return f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}/v2/{name}/blobs/{digest}?ticket={ticket}"


def _download(ticket: str, name: str, digest: str):
    account, region, for_name, for_digest, end = _tickets.get(ticket, ("", "", "", "", 0.0))
    blob = (
        ecr._layer_blobs.get_scoped(account, region, name, {}).get(digest)
        if (for_name, for_digest) == (name, digest)
        else None
    )
    if blob is None or end < time.time():
        return ecr._registry_error(403, "DENIED", "Request has expired")
    return ecr._registry_ok(200, {"Content-Length": str(len(blob)), "Content-Type": "application/octet-stream"}, blob)
