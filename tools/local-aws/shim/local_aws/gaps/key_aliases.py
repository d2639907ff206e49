"""A call that names a KMS key by an alias is authorized against the key.

AWS: the resource of such a call is the key; a policy that means the alias says so by the condition key
kms:RequestAlias. https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html

MiniStack authorizes against the ARN of the alias. Calls about aliases themselves are left as they are.
"""

from ministack.core import iam_actions
from ministack.services import kms


def close() -> None:
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        arn = original(service, method, path, headers, body, routing_params, region, account_id)
        if service != "kms" or ":alias/" not in arn or "Alias" in headers.get("x-amz-target", "").rpartition(".")[2]:
            return arn
        key = kms._resolve_key(arn)
        return key["Arn"] if key else arn

    iam_actions.extract_resource_arn = extract_resource_arn
