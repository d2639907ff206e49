"""CloudFormation deletes no bucket that still holds something.

AWS: "You can only delete empty buckets. Deletion fails for buckets that have contents": versions and delete markers
count. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html

MiniStack deletes the bucket with all that is in it, so that a stack which cannot be destroyed on AWS seems to be one
that can.
"""

from ministack.services import s3
from ministack.services.cloudformation import provisioners


def close() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    delete = handler["delete"]

    def delete_empty(physical_id, props):
        bucket = s3._buckets.get(physical_id)
        versions = s3._bucket_has_versions(physical_id)
        if bucket is not None and (bucket["objects"] or versions):
            more = " You must delete all versions in the bucket." if versions else ""
            raise ValueError(
                f'Resource handler returned message: "The bucket you tried to delete is not empty.{more} '
                '(Service: S3, Status Code: 409)" (HandlerErrorCode: GeneralServiceException)'
            )
        delete(physical_id, props)

    handler["delete"] = delete_empty
