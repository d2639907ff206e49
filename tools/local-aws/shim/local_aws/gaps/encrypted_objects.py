"""Who writes or reads an object that is encrypted with a KMS key needs that key, too.

AWS: a write needs kms:GenerateDataKey, a read kms:Decrypt, a part of a multipart upload kms:Decrypt, each on the key,
through S3 (kms:ViaService) and for the object's or, with a bucket key, the bucket's encryption context. `HeadObject`
needs kms:Decrypt if it asks for checksums. The key that AWS manages, `alias/aws/s3`, serves everybody who may use
the bucket, and counts if none is named.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html

MiniStack asks for permissions on objects only, and refuses `aws:kms` without a key.
"""

from ministack.core.iam_actions import identity_denial_message
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import kms, s3

from local_aws.gaps import caller

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_MANAGED = "alias/aws/s3"


def close() -> None:
    _guard_writes()
    _guard_reads()
    _guard_multipart()


def _guard_writes() -> None:
    resolve = s3._resolve_sse_write_headers

    def resolve_permitted(headers, bucket):
        if headers.get(_ALGORITHM) == "aws:kms" and not headers.get(_KEY):
            headers = {**headers, _KEY: f"arn:aws:kms:{get_region()}:{get_account_id()}:{_MANAGED}"}
        applied, error = resolve(headers, bucket)
        return (applied, error) if error else (applied, _refusal("kms:GenerateDataKey", applied, bucket))

    s3._resolve_sse_write_headers = resolve_permitted


def _guard_reads() -> None:
    get, head, copied = s3._get_object, s3._head_object, s3._check_sse_c_copy_source

    def get_permitted(bucket, key, headers, query_params=None):
        answer = get(bucket, key, headers, query_params)
        return _unless_refused(answer, bucket, key)

    def head_permitted(bucket, key, headers=None, query_params=None):
        answer = head(bucket, key, headers, query_params)
        with_checksums = (headers or {}).get("x-amz-checksum-mode", "").upper() == "ENABLED"
        return _unless_refused(answer, bucket, key) if with_checksums else answer

    def copy_permitted(headers, source):
        bucket = headers.get("x-amz-copy-source", "").lstrip("/").partition("/")[0]
        return copied(headers, source) or _refusal("kms:Decrypt", s3._stored_sse_headers(source), bucket)

    s3._get_object, s3._head_object, s3._check_sse_c_copy_source = get_permitted, head_permitted, copy_permitted


def _unless_refused(answer, bucket: str, key: str):
    """What was found, or the refusal of who may not decrypt it; the answer says how the object is encrypted."""
    if answer[0] not in (200, 206):
        return answer
    return _refusal("kms:Decrypt", answer[1], bucket) or answer


def _guard_multipart() -> None:
    part = s3._check_sse_c_part

    def part_permitted(headers, upload):
        return part(headers, upload) or _refusal(
            "kms:Decrypt", s3._stored_sse_headers(upload), upload.get("bucket", "")
        )

    s3._check_sse_c_part = part_permitted


def _refusal(action: str, encryption: dict, bucket: str):
    """The error response for a caller who may not use the key of these encryption headers in that way, else None."""
    key_id = encryption.get(_KEY)
    if not str(encryption.get(_ALGORITHM, "")).startswith("aws:kms") or not key_id or key_id.endswith(_MANAGED):
        return None
    account, region = get_account_id(), get_region()
    if key_id.startswith("arn:"):
        region, account = key_id.split(":")[3:5]
    with request_scope(account, region):
        key = kms._resolve_key(key_id)
        if key is None:
            return s3._error("KMS.NotFoundException", f"Key '{key_id}' does not exist", 400, f"/{bucket}")
        context = {
            "kms:ViaService": f"s3.{region}.amazonaws.com",
            "kms:CallerAccount": account,
            "kms:EncryptionContextKeys": ["aws:s3:arn"],
        }
        if caller.may(action, key["Arn"], context):
            return None
    return s3._error(
        "AccessDenied", identity_denial_message(action, caller.arn(), key["Arn"], False), 403, f"/{bucket}"
    )
