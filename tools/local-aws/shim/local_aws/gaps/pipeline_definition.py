"""The definition of a pipeline as the CodePipeline API tells it, made of the properties of its CloudFormation resource.

AWS: the same structure, with lower-case names, numbers for numbers, and a map by region for `ArtifactStores`, which is
a list in a template; the keys of an action's `Configuration` stay as they are.
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html
"""

_NUMBERS = ("runOrder", "timeoutInMinutes")
# Of the resource and not of the definition.
_OF_THE_RESOURCE = ("ArtifactStores", "DisableInboundStageTransitions", "RestartExecutionOnUpdate", "Tags")


def of(name: str, props: dict, version: int) -> dict:
    """The definition in the API's form; ``props`` with all intrinsic functions resolved."""
    given = _camel({key: value for key, value in props.items() if key not in _OF_THE_RESOURCE})
    definition = {"pipelineType": "V1", "executionMode": "SUPERSEDED", **given, "name": name, "version": version}
    if props.get("ArtifactStores"):
        definition["artifactStores"] = {
            store["Region"]: _camel(store["ArtifactStore"]) for store in props["ArtifactStores"]
        }
    for stage in definition["stages"]:
        for action in stage.setdefault("actions", []):
            action.setdefault("inputArtifacts", [])
            action.setdefault("outputArtifacts", [])
            action.setdefault("runOrder", 1)
    return definition


def _camel(value):
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {}
    for key, item in value.items():
        name = key[:1].lower() + key[1:]
        if name == "configuration":
            # Strings throughout, whatever the template holds.
            named[name] = {setting: _text(text) for setting, text in item.items()}
        elif name in _NUMBERS:
            named[name] = int(item)
        else:
            named[name] = _camel(item)
    return named


def _text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
