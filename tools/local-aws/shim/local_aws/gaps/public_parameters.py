"""The parameters that AWS publishes to every account under /aws/service are there.

AWS: ids of the newest machine images, what they are recommended for, and lists of regions and services.
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html

MiniStack has two of them. Here, each image has an id that is made of its name, the same at all times and in all
accounts, and different from region to region as on AWS. No such image exists.
"""

import functools
import hashlib
import json
import pathlib
import re

import botocore
from ministack.core.responses import get_region
from ministack.services import ssm

_INFRASTRUCTURE = "/aws/service/global-infrastructure/regions"

# Families whose parameters are ids of images, whatever they are called.
_IMAGES = re.compile(
    r"^/aws/service/(ami-|canonical/|debian/|freebsd/|suse/|redhat/|marketplace/|deeplearning/|neuron/|cloud9/|"
    r"storagegateway/|datasync/|nice-dcv/|appstream/|imagebuilder/|ecs/|eks/|bottlerocket/)"
)
_NAMES_AN_IMAGE = re.compile(r"/(image[_-]id|ami[_-]id|ami)$")


def close() -> None:
    published = ssm._public_parameter
    ssm._public_parameter = lambda name: published(name) or _parameter(name)
    ssm._get_parameters_by_path = _listing(ssm._get_parameters_by_path)


def _parameter(name: str):
    value = _value(name)
    if value is None:
        return None
    return {
        "Name": name,
        "Type": "String",
        "Value": value,
        "DataType": "aws:ec2:image" if value.startswith("ami-") else "text",
        "Version": 1,
        "LastModifiedDate": 1728518400,
        "ARN": f"arn:aws:ssm:{get_region()}::parameter{name}",
    }


def _value(name: str) -> "str | None":
    if name.startswith(f"{_INFRASTRUCTURE}/"):
        return _infrastructure(name.removeprefix(f"{_INFRASTRUCTURE}/").split("/"))
    if not _IMAGES.match(name):
        return None
    family, _, last = name.rpartition("/")
    if _NAMES_AN_IMAGE.search(name):
        return _image(family)
    if last == "image_name":
        return family.removeprefix("/aws/service/").replace("/", "-")
    if last in ("image_version", "release_version", "ecs_agent_version", "ecs_runtime_version"):
        return "1.0.0"
    if last == "recommended" and "/ecs/" in name:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
        return json.dumps({"schema_version": 1, "image_id": _image(name), "image_name": _value(f"{name}/image_name")})
    return _image(name)


def _image(name: str) -> str:
    return "ami-" + hashlib.sha256(f"{get_region()}{name}".encode()).hexdigest()[:17]


@functools.cache
def _regions() -> "list[str]":
    """The regions of the partition `aws`, as AWS's SDK knows them."""
    partitions = json.loads((pathlib.Path(botocore.__file__).parent / "data" / "partitions.json").read_text())
    aws = next(each for each in partitions["partitions"] if each["id"] == "aws")
    return sorted(name for name in aws["regions"] if name != "aws-global")


def _infrastructure(rest: "list[str]") -> "str | None":
    region, *more = rest
    if region not in _regions():
        return None
    if not more:
        return region
    known = {"domain": "amazonaws.com", "partition": "aws", "geolocationRegion": region}
    return known.get("/".join(more))


def _listing(by_path):
    """Lists the regions too, which programs ask for by their path."""

    def handler(data):
        if str(data.get("Path", "")).rstrip("/") != _INFRASTRUCTURE:
            return by_path(data)
        start, size = int(data.get("NextToken") or 0), int(data.get("MaxResults") or 10)
        page = [_parameter(f"{_INFRASTRUCTURE}/{region}") for region in _regions()[start : start + size]]
        answer = {"Parameters": [ssm._param_out(each, False) for each in page]}
        if start + size < len(_regions()):
            answer["NextToken"] = str(start + size)
        return ssm.json_response(answer)

    return handler
