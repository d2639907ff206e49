"""A CodeBuild project is told as CloudFormation made it, and calls about it are authorized against its ARN.

AWS: `BatchGetProjects` returns every setting of a project.
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html A call that names projects or builds is
authorized against each of these projects; of a build, it is the project that counts.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html A key alias is returned as its
ARN, and without a key it is `alias/aws/s3` of the account.

MiniStack leaves out the cache, the logs and all but the simplest settings, keeps the encryption key of a project that
is updated, and authorizes what names several projects, or builds, against `*`. A build succeeds at once, and runs
nothing, here as there.
"""

import json

from ministack.core import iam_actions
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import codebuild
from ministack.services.cloudformation import provisioners

from local_aws.gaps import caller

# Property of the resource -> member of the API, for what MiniStack knows nothing of.
_SETTINGS = {
    "Cache": "cache",
    "LogsConfig": "logsConfig",
    "VpcConfig": "vpcConfig",
    "SecondarySources": "secondarySources",
    "SecondarySourceVersions": "secondarySourceVersions",
    "SecondaryArtifacts": "secondaryArtifacts",
    "FileSystemLocations": "fileSystemLocations",
    "BuildBatchConfig": "buildBatchConfig",
    "QueuedTimeoutInMinutes": "queuedTimeoutInMinutes",
    "ConcurrentBuildLimit": "concurrentBuildLimit",
    "AutoRetryLimit": "autoRetryLimit",
    "Visibility": "projectVisibility",
    "ResourceAccessRole": "resourceAccessRole",
}
_NUMBERS = ("queuedTimeoutInMinutes", "concurrentBuildLimit", "autoRetryLimit")
# What a template without them leaves a project with.
_DEFAULTS = {
    "cache": {"type": "NO_CACHE"},
    "queuedTimeoutInMinutes": 480,
    "projectVisibility": "PRIVATE",
}


def close() -> None:
    _tell_every_setting()
    _keep_every_setting()
    _authorize_by_project()


def _tell_every_setting() -> None:
    shape, build = codebuild._project_shape, codebuild._make_build_record

    def whole_shape(project):
        settings = {name: project[name] for name in _SETTINGS.values() if name in project}
        return {**shape(project), **settings, "encryptionKey": _key_arn(project.get("encryptionKey"))}

    def whole_build(project, build_id, *rest):
        record = build(project, build_id, *rest)
        group = ((project.get("logsConfig") or {}).get("cloudWatchLogs") or {}).get("groupName")
        if group:
            record["logs"]["groupName"] = group
        return {
            **record,
            "serviceRole": project.get("serviceRole", ""),
            "encryptionKey": _key_arn(project.get("encryptionKey")),
        }

    codebuild._project_shape, codebuild._make_build_record = whole_shape, whole_build


def _key_arn(key: "str | None") -> str:
    key = key or "alias/aws/s3"
    return f"arn:aws:kms:{get_region()}:{get_account_id()}:{key}" if key.startswith("alias/") else key


def _keep_every_setting() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"]
    create, update = handler["create"], handler["update"]

    def create_whole(logical_id, props, stack_name):
        created = create(
            logical_id, {**props, "EncryptionKey": props.get("EncryptionKey") or "alias/aws/s3"}, stack_name
        )
        _settle(created[0], props)
        return created

    def update_whole(physical_id, old_props, new_props, stack_name, logical_id=None):
        if old_props.get("Name") != new_props.get("Name") or physical_id not in codebuild._projects:
            return create_whole(logical_id or physical_id, new_props, stack_name)
        updated = update(physical_id, old_props, new_props, stack_name)
        _settle(physical_id, new_props)
        return updated

    handler.update({"create": create_whole, "update": update_whole, "update_with_logical_id": True})


def _settle(name: str, props: dict) -> None:
    """The settings of the project as the template has them now; what it has no more is back to its default."""
    project = codebuild._projects[name]
    for prop, member in _SETTINGS.items():
        value = provisioners._codebuild_cfn_to_api(props.get(prop, _DEFAULTS.get(member)))
        if value is None:
            project.pop(member, None)
        else:
            project[member] = int(value) if member in _NUMBERS else value
    project["description"] = props.get("Description", "")
    project["sourceVersion"] = props.get("SourceVersion", "")
    project["encryptionKey"] = props.get("EncryptionKey") or "alias/aws/s3"
    project["timeoutInMinutes"] = int(props.get("TimeoutInMinutes", 60))
    project["badge"] = {"badgeEnabled": str(props.get("BadgeEnabled", False)).lower() == "true"}
    project["environment"] = _environment(project.get("environment") or {})


def _environment(environment: dict) -> dict:
    """With its defaults, and a switch for a switch: a template may say "true"."""
    variables = [{"type": "PLAINTEXT", **variable} for variable in environment.get("environmentVariables") or []]
    return {
        "imagePullCredentialsType": "CODEBUILD",
        **environment,
        "environmentVariables": variables,
        "privilegedMode": str(environment.get("privilegedMode", False)).lower() == "true",
    }


def _authorize_by_project() -> None:
    original, handle = iam_actions.extract_resource_arn, codebuild._handle_request_sync

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        if service == "codebuild":
            arns = _projects_of(body, region, account_id)
            if arns:
                return arns[0]
        return original(service, method, path, headers, body, routing_params, region, account_id)

    def handle_authorized(method, path, headers, body, query_params):
        # The first was authorized on the way here.
        action = f"codebuild:{headers.get('x-amz-target', '').rpartition('.')[2]}"
        for arn in _projects_of(body, get_region(), get_account_id())[1:]:
            if not caller.may(action, arn):
                return error_response_json(
                    "AccessDeniedException", iam_actions.identity_denial_message(action, caller.arn(), arn, False), 400
                )
        return handle(method, path, headers, body, query_params)

    iam_actions.extract_resource_arn, codebuild._handle_request_sync = extract_resource_arn, handle_authorized


def _projects_of(body: bytes, region: str, account: str) -> "list[str]":
    """The projects that a request names, or whose builds it names, by ARN."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return []
    if not isinstance(request, dict):
        return []
    builds = [*(request.get("ids") or []), request.get("id")]
    names = [
        *(request.get("names") or []),
        request.get("projectName"),
        request.get("name"),
        *(str(build).rpartition("build/")[2].partition(":")[0] for build in builds if build),
    ]
    return [
        name if name.startswith("arn:") else f"arn:aws:codebuild:{region}:{account}:project/{name}"
        for name in names
        if name
    ]
