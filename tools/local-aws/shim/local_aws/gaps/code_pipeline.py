"""CloudFormation creates, updates and deletes `AWS::CodePipeline::Pipeline`, and the CodePipeline API tells its
definition.

AWS: Ref returns the pipeline's name, the attribute `Version` a number that grows by one with each update; another
`Name` replaces the pipeline.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html
`GetPipeline` returns the definition of any version, `ListPipelines` the summaries.
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html The first is authorized against the
pipeline's ARN, the second against all pipelines of the account and region.
https://docs.aws.amazon.com/codepipeline/latest/userguide/permissions-reference.html

MiniStack knows neither the resource type nor the service. What is left out: a pipeline does not run here, and it cannot
be made, changed or started by a call of the API.
"""

import copy
import json
import time

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import (
    AccountRegionScopedDict,
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.services.cloudformation import provisioners

from local_aws.gaps import pipeline_definition

TYPE = "AWS::CodePipeline::Pipeline"
SERVICE = "codepipeline"
_JSON = "application/x-amz-json-1.1"

# Name -> {"created", "updated", "versions": one definition each, in the API's form}.
_pipelines = AccountRegionScopedDict()


def close() -> None:
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        "create": _create,
        "update": _update,
        "update_with_logical_id": True,
        "delete": _delete,
    }
    router.SERVICE_PATTERNS[SERVICE] = {
        "target_prefixes": ["CodePipeline_20150709"],
        "host_patterns": [r"codepipeline\."],
        "credential_scope": SERVICE,
    }
    iam_actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE
    app.SERVICE_REGISTRY[SERVICE] = {"module": SERVICE}
    app.SERVICE_HANDLERS[SERVICE] = _handle
    # What MiniStack resets together with its own services.
    app._loaded_modules[SERVICE] = _Module()
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        if service == SERVICE:
            name = iam_actions._safe_json_field(body, "name") or "*"
            return f"arn:aws:codepipeline:{region}:{account_id}:{name}"
        return original(service, method, path, headers, body, routing_params, region, account_id)

    iam_actions.extract_resource_arn = extract_resource_arn


class _Module:
    """The service, as MiniStack's registry sees its own: state that is emptied, and kept in memory only."""

    def reset(self) -> None:
        _pipelines.clear()

    def get_state(self) -> None:
        return None


def _create(logical_id, props, stack_name):
    for required in ("RoleArn", "Stages"):
        if required not in props:
            raise ValueError(f"Model validation failed (#: required key [{required}] not found)")
    name = props.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=100)
    if name in _pipelines:
        raise ValueError(f"A pipeline with the name '{name}' already exists in account '{get_account_id()}'")
    now = time.time()
    _pipelines[name] = {"created": now, "updated": now, "versions": [pipeline_definition.of(name, props, 1)]}
    return name, {"Version": "1"}


def _update(physical_id, old_props, new_props, stack_name, logical_id):
    record = _pipelines.get(physical_id)
    if record is None or old_props.get("Name") != new_props.get("Name"):
        return _create(logical_id, new_props, stack_name)
    version = len(record["versions"]) + 1
    record["versions"].append(pipeline_definition.of(physical_id, new_props, version))
    record["updated"] = time.time()
    return physical_id, {"Version": str(version)}


def _delete(physical_id, props):
    _pipelines.pop(physical_id, None)


async def _handle(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return _error("SerializationException", "The request is no JSON.")
    if action == "GetPipeline":
        return _get(request)
    if action == "ListPipelines":
        return _list()
    return _error("UnknownOperationException", f"CodePipeline's {action} does not exist on the local AWS.")


def _get(request: dict):
    name, version = request.get("name"), request.get("version")
    record = _pipelines.get(name)
    if record is None:
        return _error(
            "PipelineNotFoundException", f"Account '{get_account_id()}' does not have a pipeline with name '{name}'"
        )
    if version is not None and not 1 <= version <= len(record["versions"]):
        return _error("PipelineVersionNotFoundException", f"Pipeline '{name}' does not have a version '{version}'")
    return json_response(
        {
            "pipeline": copy.deepcopy(record["versions"][(version or len(record["versions"])) - 1]),
            "metadata": {
                "pipelineArn": f"arn:aws:codepipeline:{get_region()}:{get_account_id()}:{name}",
                "created": record["created"],
                "updated": record["updated"],
            },
        },
        content_type=_JSON,
    )


def _list():
    summaries = []
    for name in sorted(_pipelines):
        record = _pipelines[name]
        latest = record["versions"][-1]
        summaries.append(
            {
                "name": name,
                "version": latest["version"],
                "pipelineType": latest["pipelineType"],
                "executionMode": latest["executionMode"],
                "created": record["created"],
                "updated": record["updated"],
            }
        )
    return json_response({"pipelines": summaries}, content_type=_JSON)


def _error(code: str, message: str):
    return error_response_json(code, message, 400, content_type=_JSON)
