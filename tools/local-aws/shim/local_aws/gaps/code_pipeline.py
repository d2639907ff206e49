"""CloudFormation creates, updates and deletes `AWS::CodePipeline::Pipeline`, a resource type that MiniStack does not know.

AWS: Ref returns the pipeline's name, the attribute `Version` a number that grows by one with each update; another `Name` replaces the
pipeline. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html

The pipeline is recorded in its stack. It does not run, and the CodePipeline API does not list it.
"""

from ministack.services.cloudformation import provisioners

TYPE = "AWS::CodePipeline::Pipeline"


def close() -> None:
    provisioners._RESOURCE_HANDLERS[TYPE] = {"create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete}


def _create(logical_id, props, stack_name):
    for required in ("RoleArn", "Stages"):
        if required not in props:
            raise ValueError(f"Model validation failed (#: required key [{required}] not found)")
    name = props.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=100)
    return name, {"Version": "1"}


def _update(physical_id, old_props, new_props, stack_name, logical_id):
    if old_props.get("Name") != new_props.get("Name"):
        return _create(logical_id, new_props, stack_name)
    return physical_id, {"Version": str(_version_of(stack_name, logical_id) + 1)}


def _version_of(stack_name, logical_id) -> int:
    from ministack.services.cloudformation import _stacks

    resource = (_stacks.get(stack_name) or {}).get("_resources", {}).get(logical_id, {})
    return int(resource.get("Attributes", {}).get("Version", "1"))


def _delete(physical_id, props):
    """Nothing to remove: the pipeline was recorded in its stack only."""
