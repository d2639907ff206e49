"""A request that names the account it expects a bucket to belong to is refused when the bucket belongs to another.

AWS: with `x-amz-expected-bucket-owner`, "if the account ID that you provide does not match the actual owner of the
bucket, the request fails with the HTTP status code 403 Forbidden (access denied)".
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html

MiniStack ignores the header.
"""

from ministack.services import s3


def close() -> None:
    apply_bucket_scope = s3._apply_bucket_scope

    def checked(method, bucket, key, headers, query_params, body=b"", internal=False):
        denied = apply_bucket_scope(method, bucket, key, headers, query_params, body, internal)
        expected = headers.get("x-amz-expected-bucket-owner")
        if denied is None and bucket and expected:
            owner = s3._bucket_owner_account(bucket)
            # A bucket that is not there answers NoSuchBucket, with any expected owner.
            if owner is not None and owner != expected:
                return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}" if key else f"/{bucket}")
        return denied

    s3._apply_bucket_scope = checked
