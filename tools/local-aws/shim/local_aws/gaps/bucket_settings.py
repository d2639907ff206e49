"""A bucket that CloudFormation makes is encrypted, logged and tidied up as its template says.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html:
`BucketEncryption`, `LoggingConfiguration` and `LifecycleConfiguration` are what the S3 API calls by the same names;
what a template drops goes away.

MiniStack leaves all three out: an object of a bucket with a key of its own would be stored without one. The local AWS
writes no access logs and expires no objects, with this either; it returns what was asked for.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3
from ministack.services.cloudformation import provisioners


def close() -> None:
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("BucketEncryption", _encryption, _checked(s3._put_bucket_encryption), s3._delete_bucket_encryption),
        (
            "LoggingConfiguration",
            _logging,
            _checked(s3._put_bucket_logging),
            lambda name: s3._bucket_logging_config.pop(name, None),
        ),
        (
            "LifecycleConfiguration",
            _lifecycle,
            _checked(s3._put_bucket_lifecycle),
            lambda name: s3._bucket_lifecycle.pop(name, None),
        ),
    )
    handler = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    update, delete = handler["update"], handler["delete"]

    def update_versioning(physical_id, old_props, new_props, *rest):
        updated = update(physical_id, old_props, new_props, *rest)
        wanted = (new_props.get("VersioningConfiguration") or {}).get("Status")
        if updated[0] == physical_id and wanted != "Enabled" and s3._bucket_versioning.get(physical_id) == "Enabled":
            # Versioning is never off again, only suspended.
            s3._bucket_versioning[physical_id] = "Suspended"
        return updated

    def delete_with_settings(physical_id, props):
        delete(physical_id, props)
        s3._bucket_logging_config.pop(physical_id, None)

    handler["update"], handler["delete"] = update_versioning, delete_with_settings


def _checked(put):
    def checked(name: str, body: bytes):
        status, _, answer = put(name, body)
        if status >= 400:
            raise ValueError(answer.decode() if isinstance(answer, bytes) else str(answer))

    return checked


def _add(parent: Element, name: str, value=None) -> Element:
    child = SubElement(parent, name)
    if value is not None:
        child.text = str(value).lower() if isinstance(value, bool) else str(value)
    return child


def _add_each(parent: Element, source: dict, names: dict) -> None:
    for prop, name in names.items():
        if source.get(prop) is not None:
            _add(parent, name, source[prop])


def _encryption(value: dict) -> bytes:
    root = Element("ServerSideEncryptionConfiguration", xmlns=s3.S3_NS)
    for given in value.get("ServerSideEncryptionConfiguration") or []:
        rule = _add(root, "Rule")
        by_default = given.get("ServerSideEncryptionByDefault") or {}
        if by_default:
            _add_each(
                _add(rule, "ApplyServerSideEncryptionByDefault"),
                by_default,
                {"SSEAlgorithm": "SSEAlgorithm", "KMSMasterKeyID": "KMSMasterKeyID"},
            )
        _add(rule, "BucketKeyEnabled", str(given.get("BucketKeyEnabled", False)).lower())
    return tostring(root)


def _logging(value: dict) -> bytes:
    root = Element("BucketLoggingStatus", xmlns=s3.S3_NS)
    if value.get("DestinationBucketName") or value.get("LogFilePrefix"):
        enabled = _add(root, "LoggingEnabled")
        _add(enabled, "TargetBucket", value.get("DestinationBucketName", ""))
        _add(enabled, "TargetPrefix", value.get("LogFilePrefix", ""))
    return tostring(root)


def _lifecycle(value: dict) -> bytes:
    root = Element("LifecycleConfiguration")
    for index, given in enumerate(value.get("Rules") or []):
        rule = _add(root, "Rule")
        _add(rule, "ID", given.get("Id") or f"rule-{index + 1}")
        _add(rule, "Status", given.get("Status", "Enabled"))
        _filter(_add(rule, "Filter"), given)
        _timed(
            rule,
            "Expiration",
            given,
            {
                "ExpirationInDays": "Days",
                "ExpirationDate": "Date",
                "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
            },
        )
        _timed(
            rule,
            "NoncurrentVersionExpiration",
            given.get("NoncurrentVersionExpiration")
            or {"NoncurrentDays": given.get("NoncurrentVersionExpirationInDays")},
            {"NoncurrentDays": "NoncurrentDays", "NewerNoncurrentVersions": "NewerNoncurrentVersions"},
        )
        _timed(
            rule,
            "AbortIncompleteMultipartUpload",
            given.get("AbortIncompleteMultipartUpload") or {},
            {"DaysAfterInitiation": "DaysAfterInitiation"},
        )
        for transition in given.get("Transitions") or []:
            _timed(
                rule,
                "Transition",
                transition,
                {"TransitionInDays": "Days", "TransitionDate": "Date", "StorageClass": "StorageClass"},
            )
        for transition in given.get("NoncurrentVersionTransitions") or []:
            _timed(
                rule,
                "NoncurrentVersionTransition",
                transition,
                {
                    "TransitionInDays": "NoncurrentDays",
                    "NewerNoncurrentVersions": "NewerNoncurrentVersions",
                    "StorageClass": "StorageClass",
                },
            )
    return tostring(root)


def _filter(filter_element: Element, rule: dict) -> None:
    sizes = {"ObjectSizeGreaterThan": "ObjectSizeGreaterThan", "ObjectSizeLessThan": "ObjectSizeLessThan"}
    tags = rule.get("TagFilters") or []
    parts = len(tags) + sum(rule.get(name) is not None for name in ("Prefix", *sizes))
    target = _add(filter_element, "And") if parts > 1 else filter_element
    _add_each(target, rule, {"Prefix": "Prefix", **sizes})
    for tag in tags:
        _add_each(_add(target, "Tag"), tag, {"Key": "Key", "Value": "Value"})


def _timed(rule: Element, name: str, source: dict, names: dict) -> None:
    if any(source.get(prop) is not None for prop in names):
        _add_each(_add(rule, name), source, names)
