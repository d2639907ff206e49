"""Who may not list a bucket is not told which keys are missing.

AWS: of an object that does not exist, `GetObject` and `HeadObject` say 404 to those who may list the bucket, and 403 to
all others. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html

MiniStack says 404 to everybody, so that a role which lacks s3:ListBucket seems to work.
"""

from ministack.core import iam_evaluator
from ministack.core.iam_actions import identity_denial_message
from ministack.services import s3

from local_aws.gaps import caller


def close() -> None:
    for name in ("_get_object", "_head_object"):
        setattr(s3, name, _hiding(getattr(s3, name)))


def _hiding(read):
    def reader(bucket, key, *rest, **named):
        answer = read(bucket, key, *rest, **named)
        arn = f"arn:aws:s3:::{bucket}"
        # Nobody's request, such as a read of a service of MiniStack itself, is told all; a bucket that is missing is no
        # secret.
        if answer[0] != 404 or not iam_evaluator._verified_key.get() or bucket not in s3._buckets:
            return answer
        if caller.may("s3:ListBucket", arn):
            return answer
        message = identity_denial_message("s3:ListBucket", caller.arn(), f'"{arn}"', False)
        return s3._error("AccessDenied", message, 403, f"/{bucket}/{key}")

    return reader
