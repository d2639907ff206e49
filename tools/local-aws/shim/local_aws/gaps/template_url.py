"""CloudFormation reads `TemplateURL` as the caller, from any of S3's address forms.

AWS: "If you specify TemplateURL, the caller must have access to the object": CloudFormation reads it with the caller's
s3:GetObject permission, in whichever account and region the bucket is, and answers a ValidationError that starts with
`S3 error:` otherwise. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html

MiniStack reads path-style addresses only (the CDK's are virtual-hosted), of the caller's own account, whatever the
caller may do.
"""

import re
from urllib.parse import unquote, urlparse

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import s3
from ministack.services.cloudformation import helpers

from local_aws.gaps import caller

_VIRTUAL_HOST = re.compile(r"^(?P<bucket>.+)\.s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$")
_PATH_STYLE_HOST = re.compile(r"^s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$|^localhost$|^127\.0\.0\.1$")
_MORE = "\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"


def close() -> None:
    helpers._resolve_document = _resolve_document


def _resolve_document(params, body_key, url_key, label):
    """As MiniStack's: the document and no error, or none and an error response."""
    body, url = helpers._p(params, body_key), helpers._p(params, url_key)
    if body:
        return body, None
    if not url:
        return None, None
    location = _location(url)
    if location is None:
        return None, helpers._error("ValidationError", f"{url_key} must be a supported URL.")
    # The URL of a nested stack comes without an action. It is read with the parent's role, and what that role may do is
    # not looked at.
    content, s3_error = _read(*location, caller.may if helpers._p(params, "Action") else lambda *_: True)
    if s3_error:
        return None, helpers._error("ValidationError", f"S3 error: {s3_error}{_MORE}")
    if body_key == "TemplateBody" and len(content) > helpers.TEMPLATE_URL_MAX_BYTES:
        return None, helpers._error(
            "ValidationError", f"Template may not exceed {helpers.TEMPLATE_URL_MAX_BYTES} bytes in size."
        )
    return content.decode("utf-8"), None


def _location(url: str) -> "tuple[str, str] | None":
    """Bucket and key of an S3 address."""
    parsed = urlparse(url)
    host, path = (parsed.hostname or "").lower(), unquote(parsed.path.lstrip("/"))
    if parsed.scheme not in ("https", "http") or not path:
        return None
    # Path-style first: a regional path-style host would pass for a bucket in a virtual host's pattern.
    if _PATH_STYLE_HOST.match(host):
        bucket, _, key = path.partition("/")
        return (bucket, key) if key else None
    virtual = _VIRTUAL_HOST.match(host)
    return (virtual["bucket"], path) if virtual else None


def _read(bucket: str, key: str, may) -> "tuple[bytes | None, str | None]":
    """The object's content, or what S3 says instead to one who ``may`` do so much."""
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        return None, "The specified bucket does not exist"
    account = get_account_id()
    allowed = may("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
    if owner != account:
        # Across accounts both sides have to allow it.
        allowed = allowed and s3._foreign_bucket_allows(owner, bucket, key, "GET", {}, account, {})
    if not allowed:
        return None, "Access Denied"
    with request_scope(owner, get_region()):
        content = s3._get_object_data(bucket, key)
    if content is not None:
        return content, None
    # S3 tells that a key is missing to those only who may list the bucket.
    may_list = owner == account and may("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    return None, "The specified key does not exist." if may_list else "Access Denied"
