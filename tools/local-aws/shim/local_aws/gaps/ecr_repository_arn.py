"""A call about named ECR repositories is authorized against their ARNs.

AWS: DescribeRepositories has the repository as its resource type, so that a policy may allow it for one repository.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html

MiniStack reads `repositoryName` only, and DescribeRepositories says `repositoryNames`: it authorizes the call against
`*`, which refuses the image-publishing role that the CDK's bootstrap makes (it is allowed its own repository).
"""

import json

from ministack.core import iam_actions


def close() -> None:
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        if service == "ecr" and headers.get("x-amz-target", "").endswith(".DescribeRepositories"):
            names = _names(body)
            # One request is one check in MiniStack. Several names are checked against `*`, as before: stricter than
            # AWS, never laxer.
            if len(names) == 1:
                return f"arn:aws:ecr:{region}:{account_id}:repository/{names[0]}"
        return original(service, method, path, headers, body, routing_params, region, account_id)

    iam_actions.extract_resource_arn = extract_resource_arn


def _names(body: bytes) -> list:
    try:
        names = json.loads(body or b"{}").get("repositoryNames")
    except (ValueError, AttributeError):
        return []
    return names if isinstance(names, list) else []
