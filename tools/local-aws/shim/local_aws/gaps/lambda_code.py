"""CloudFormation fails a Lambda function whose code is not in its bucket.

AWS: Lambda reads the object when the function is created or updated, and the resource fails with what S3 answered.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html

MiniStack creates a function without code, so that a deployment which forgot to publish its assets would pass.
"""

from ministack.core.responses import get_region, request_scope
from ministack.services import s3
from ministack.services.cloudformation import provisioners


def close() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handler["create"], handler["update"]

    def checked_create(logical_id, props, stack_name):
        _require_code(props)
        return create(logical_id, props, stack_name)

    def checked_update(physical_id, old_props, new_props, *rest):
        if old_props.get("Code") != new_props.get("Code"):
            _require_code(new_props)
        return update(physical_id, old_props, new_props, *rest)

    handler["create"], handler["update"] = checked_create, checked_update


def _require_code(props: dict) -> None:
    code = props.get("Code") or {}
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key:
        return
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        _fail("NoSuchBucket", "The specified bucket does not exist")
    with request_scope(owner, get_region()):
        if s3._get_object_data(bucket, key, code.get("S3ObjectVersion")) is None:
            _fail("NoSuchKey", "The specified key does not exist.")


def _fail(code: str, message: str) -> None:
    raise ValueError(
        f'Resource handler returned message: "Error occurred while GetObject. S3 Error Code: {code}. '
        f'S3 Error Message: {message} (Service: Lambda, Status Code: 400)" (HandlerErrorCode: InvalidRequest)'
    )
