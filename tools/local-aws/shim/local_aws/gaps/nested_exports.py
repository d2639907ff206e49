"""The exports of a nested stack are exports.

AWS: an output with an Export can be imported by any stack of the account and region, and nested stacks are stacks.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html

MiniStack leaves the Export of their outputs out.
"""

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks


def close() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]
    create, update = handler["create"], handler["update"]
    handler["create"] = lambda *arguments: _export(*create(*arguments))
    handler["update"] = lambda *arguments: _export(*update(*arguments))


def _export(stack_id: str, attributes: dict):
    child = next((stack for stack in cloudformation._stacks.values() if stack["StackId"] == stack_id), None)
    if child is not None:
        template = child["_template"]
        child["Outputs"], exports = stacks._resolve_stack_outputs(
            template.get("Outputs", {}),
            child["_conditions"],
            child["_resources"],
            child["_resolved_params"],
            template.get("Mappings", {}),
            child["StackName"],
            stack_id,
        )
        cloudformation._exports.update(exports)
    return stack_id, attributes
