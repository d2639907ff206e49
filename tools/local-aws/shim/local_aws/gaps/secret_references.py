"""A template's reference to a secret is the secret's ARN.

AWS: "When you pass the logical ID of an AWS::SecretsManager::Secret resource to the intrinsic Ref function, the
function returns the ARN of the secret".
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html

MiniStack returns its name, and no policy that the CDK writes for a secret matches anything.
"""

from ministack.services.cloudformation import provisioners


def close() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def created(logical_id, props, stack_name):
        _, attributes = create(logical_id, props, stack_name)
        return attributes["Arn"], attributes

    def updated(arn, old_props, new_props, stack_name, logical_id=None):
        _, attributes = update(_name(arn), old_props, new_props, stack_name, logical_id)
        return attributes["Arn"], attributes

    handler.update({"create": created, "update": updated, "delete": lambda arn, props: delete(_name(arn), props)})


def _name(arn: str) -> str:
    # The last seven characters are a hyphen and six random ones.
    return arn.partition(":secret:")[2][:-7] if arn.startswith("arn:") else arn
