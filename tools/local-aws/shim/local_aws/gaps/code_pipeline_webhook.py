"""CloudFormation creates, updates and deletes `AWS::CodePipeline::Webhook`, by which GitHub tells a pipeline of a push.

AWS: Ref returns the webhook's name, the attribute `Url` where to send the news.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-webhook.html

What is left out: it is registered with nobody, and nobody listens: a pipeline does not run here.
"""

from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners

TYPE = "AWS::CodePipeline::Webhook"
_REQUIRED = ("Authentication", "AuthenticationConfiguration", "Filters", "TargetAction", "TargetPipeline")


def close() -> None:
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        "create": _create,
        "update": _update,
        "update_with_logical_id": True,
        "delete": _delete,
    }


def _create(logical_id, props, stack_name):
    for required in _REQUIRED:
        if required not in props:
            raise ValueError(f"Model validation failed (#: required key [{required}] not found)")
    name = props.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=100)
    return name, {"Url": f"https://{get_region()}.webhooks.aws/trigger?t={name}&v=1"}


def _update(physical_id, old_props, new_props, stack_name, logical_id):
    return _create(logical_id, {**new_props, "Name": new_props.get("Name") or physical_id}, stack_name)


def _delete(physical_id, props):
    """Nothing to remove: the webhook was recorded in its stack only."""
