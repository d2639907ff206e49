"""The host names of ECR's registries: `<account>.dkr.ecr.<region>.amazonaws.com`.

https://docs.aws.amazon.com/general/latest/gr/ecr.html#ecr-docker-endpoints
"""

import re

# A certificate may name one wildcard label, so each region's name stands in it. A region that is missing here has no
# registry locally.
_REGIONS = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
]
_CHINA = ("cn-north-1", "cn-northwest-1")

# What stands after `<account>.`.
DOMAINS = tuple(
    [f"dkr.ecr.{region}.amazonaws.com" for region in _REGIONS]
    + [f"dkr.ecr.{region}.amazonaws.com.cn" for region in _CHINA]
)

_ACCOUNT = re.compile(r"\d{12}")


def is_registry(host: str) -> bool:
    account, _, domain = host.lower().partition(".")
    return bool(_ACCOUNT.fullmatch(account)) and domain in DOMAINS
