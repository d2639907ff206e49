"""AssumeRoleWithWebIdentity takes a token of an OIDC provider of the role's account, for one of the provider's
audiences, before it expires.

AWS: the token's `iss` names the provider, which must exist in the account of the role; its `aud` (its `azp`, if it has
one) must be among the provider's client ids; then the trust policy decides, with the provider as Federated principal
and the condition keys `<issuer>:aud`, `<issuer>:sub` and `<issuer>:amr`, for GitHub further claims. Session policies
narrow the session, the answer tells subject and audience.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif

MiniStack looks at the trust policy only: an issuer that nobody registered, an audience that the provider does not know,
and a token that expired are as good as any, session policies are ignored, and the answer tells no subject of the token.

The token's signature is checked in another way than on AWS, for every issuer: the issuer's keys are behind its URL, and
nothing here leaves the machine. So it is one by the instance's secret (HS256, RFC 7518), and who knows the secret can
make up a token of any issuer.
"""

import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ministack.core.responses import error_response_json
from ministack.services import iam, sts
from ministack.services.cognito import _decode_id_token_unverified

_ACTION = "AssumeRoleWithWebIdentity"

_GITHUB = "token.actions.githubusercontent.com"
_CLAIMS_OF_GITHUB = (
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
)


def close(secret: str) -> None:
    trust_denied, principal, handle_request = (
        sts._web_identity_trust_denied,
        sts._web_identity_principal,
        sts.handle_request,
    )

    def denied(role_arn, params, use_json):
        token = iam._p(params, "WebIdentityToken")
        refusal = _refusal(role_arn, _claims(token)) or _signature_failure(token, secret)
        if refusal is None:
            _, invalid = sts._session_policies(params, role_arn.split(":")[4])
            return invalid or trust_denied(role_arn, params, use_json)
        code, message = refusal
        return error_response_json(code, message, 400) if use_json else iam._error(400, code, escape(message), ns="sts")

    def principal_and_keys(token, provider_id, role_arn):
        provider, keys = principal(token, provider_id, role_arn)
        claims = _claims(token)
        if "azp" in claims:
            host = provider.partition(":oidc-provider/")[2] or provider
            keys = {**keys, f"{host}:aud".lower(): claims["azp"], f"{host}:oaud".lower(): claims.get("aud")}
        if provider.endswith(f":oidc-provider/{_GITHUB}"):
            told = {f"{_GITHUB}:{name}": claims[name] for name in _CLAIMS_OF_GITHUB if name in claims}
            keys = {**keys, **told}
        return provider, {
            key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in keys.items()
        }

    async def handle(method, path, headers, body, query_params):
        response = await handle_request(method, path, headers, body, query_params)
        params = {**query_params, **parse_qs(body.decode("utf-8", "replace"))} if method == "POST" else query_params
        if iam._p(params, "Action") != _ACTION or response[0] != 200:
            return response
        _limit_session(response[2], params)
        return (
            response[0],
            response[1],
            _telling(response[2], _claims(iam._p(params, "WebIdentityToken")), iam._p(params, "RoleArn")),
        )

    sts._web_identity_trust_denied, sts._web_identity_principal, sts.handle_request = denied, principal_and_keys, handle


def _claims(token: str) -> dict:
    try:
        claims = _decode_id_token_unverified(token)
    except (ValueError, TypeError, AttributeError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _host(issuer: str) -> str:
    return issuer.removeprefix("https://").rstrip("/")


def _audiences(claims: dict) -> list:
    audience = claims.get("azp") or claims.get("aud")
    return audience if isinstance(audience, list) else [audience]


def _refusal(role_arn: str, claims: dict) -> "tuple[str, str] | None":
    """Why STS does not accept the token at all, as code and message."""
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        return (
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    if _host(issuer) in sts._WELL_KNOWN_WEB_IDENTITY_PROVIDERS:
        return None
    partition, account = role_arn.split(":")[1], role_arn.split(":")[4]
    provider = iam._oidc_providers.get_scoped(
        account, None, f"arn:{partition}:iam::{account}:oidc-provider/{_host(issuer)}"
    )
    if provider is None or not issuer.startswith("https://"):
        return "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}"
    if not set(map(str, _audiences(claims))) & set(provider["ClientIDList"]):
        return "InvalidIdentityToken", "Incorrect token audience"
    end = claims.get("exp")
    if not isinstance(end, (int, float)) or isinstance(end, bool):
        return "InvalidIdentityToken", "Missing a required claim: exp"
    if end < time.time():
        return (
            "ExpiredTokenException",
            f"Token expired: current date/time {int(time.time())} must be before the expiration date/time {int(end)}",
        )
    return None


def _signature_failure(token: str, secret: str) -> "tuple[str, str] | None":
    signed, _, signature = token.rpartition(".")
    wanted = base64.urlsafe_b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()).rstrip(b"=")
    if hmac.compare_digest(signature.encode(), wanted):
        return None
    return "InvalidIdentityToken", "Couldn't verify the signature of the token: on the local AWS its secret signs it"


def _limit_session(body: bytes, params: dict) -> None:
    policies, _ = sts._session_policies(params, check=False)
    key = body.decode().partition("<AccessKeyId>")[2].partition("<")[0]
    if any(policies.values()) and key in sts._sessions:
        sts._sessions[key]["SessionPolicies"] = policies


def _telling(body: bytes, claims: dict, role_arn: str) -> bytes:
    host = _host(str(claims.get("iss", "")))
    provider = (
        host
        if host in sts._WELL_KNOWN_WEB_IDENTITY_PROVIDERS
        else f"{':'.join(role_arn.split(':')[:5])}:oidc-provider/{host}"
    )
    told = {
        "SubjectFromWebIdentityToken": (b"test-subject", claims.get("sub", "")),
        "Audience": (b"sts.amazonaws.com", _audiences(claims)[0]),
    }
    for name, (before, value) in told.items():
        tag = name.encode()
        body = body.replace(
            b"<%s>%s</%s>" % (tag, before, tag), b"<%s>%s</%s>" % (tag, escape(str(value)).encode(), tag)
        )
    start, found, rest = body.partition(b"<Provider>")
    return (
        start + found + escape(provider).encode() + b"</Provider>" + rest.partition(b"</Provider>")[2]
        if found
        else body
    )
