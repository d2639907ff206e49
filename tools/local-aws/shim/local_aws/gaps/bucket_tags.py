"""A bucket that CloudFormation makes has the tags that its template gives it.

AWS:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html#cfn-s3-bucket-tags

MiniStack leaves them out, and the CDK's `autoDeleteObjects` asks for its tag before it empties a bucket: the stack
could not be deleted.
"""

from ministack.services import s3
from ministack.services.cloudformation import provisioners


def close() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create, update = handler["create"], handler["update"]

    def tagging_create(logical_id, props, stack_name):
        created = create(logical_id, props, stack_name)
        _tag(created[0], props)
        return created

    def tagging_update(physical_id, old_props, new_props, *rest):
        updated = update(physical_id, old_props, new_props, *rest)
        _tag(updated[0], new_props)
        return updated

    handler["create"], handler["update"] = tagging_create, tagging_update


def _tag(bucket: str, props: dict) -> None:
    tags = {tag["Key"]: str(tag.get("Value", "")) for tag in props.get("Tags") or []}
    if tags:
        s3._bucket_tags[bucket] = tags
    else:
        s3._bucket_tags.pop(bucket, None)
