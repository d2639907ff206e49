"""A call about an OpenSearch domain is authorized against the domain's ARN.

AWS: `arn:aws:es:<region>:<account>:domain/<name>`, also with what lies below it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchservice.html

MiniStack authorizes all of them against `*`, and refuses a role that may change one domain.
"""

import re

from ministack.core import iam_actions

_DOMAIN = re.compile(r"^/(?:2021-01-01/opensearch|2015-01-01/es)/domain/([^/]+)")


def close() -> None:
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        arn = original(service, method, path, headers, body, routing_params, region, account_id)
        domain = _DOMAIN.match(path)
        return f"arn:aws:es:{region}:{account_id}:domain/{domain.group(1)}" if arn == "*" and domain else arn

    iam_actions.extract_resource_arn = extract_resource_arn
