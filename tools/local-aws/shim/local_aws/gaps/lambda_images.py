"""A Lambda function with a container image takes it from its repository once, when it is created or gets another image,
and runs it.

AWS: the tag is resolved to a digest at that time, later pushes change nothing, and an image that is not there fails the
resource. https://docs.aws.amazon.com/lambda/latest/dg/images-create.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html

MiniStack looks for no image, and needs Docker to run one. Here the files of the image are unpacked and its program is
started as one is that comes in a zip file. It finds them in its working folder and not below /: good for a program that
needs nothing but itself, and nothing else.
"""

import gzip
import io
import json
import re
import shlex
import tarfile
import zipfile

from ministack.core.responses import get_region, json_response, request_scope
from ministack.services import ecr, lambda_svc
from ministack.services.cloudformation import provisioners

_URI = re.compile(
    r"(?P<host>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)/(?P<name>[^:@]+)"
    r"(?::(?P<tag>[^:@]+)|@(?P<digest>sha256:[0-9a-f]{64}))"
)
_LAYERS = (
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar",
)


def close() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handler["create"], handler["update"]
    get_function, run_in_docker = lambda_svc._get_function, lambda_svc._execute_function_docker

    def create_with_image(logical_id, props, stack_name):
        image = _image_of(props)
        name, attributes = create(logical_id, props, stack_name)
        _give(name, image)
        return name, attributes

    def update_with_image(physical_id, old_props, new_props, *rest):
        if new_props.get("Code") == old_props.get("Code"):
            # The image stays the one that it is, also if the function is made anew.
            image = lambda_svc._functions.get(physical_id, {}).get("image")
        else:
            image = _image_of(new_props)
        name, attributes = update(physical_id, old_props, new_props, *rest)
        _give(name, image)
        return name, attributes

    def describe(name, qualifier=None):
        status, headers, body = get_function(name, qualifier)
        image = lambda_svc._functions.get(name, {}).get("image")
        if status != 200 or image is None:
            return status, headers, body
        answer = json.loads(body)
        answer["Code"]["ResolvedImageUri"] = image["resolved"]
        return json_response(answer)

    def run(func, event, request_id):
        if func.get("image") is None:
            return run_in_docker(func, event, request_id)
        config = {**func["config"], "Runtime": "provided.al2023", "Handler": "bootstrap"}
        return lambda_svc._execute_function_provided_warm({**func, "config": config}, event, request_id)

    handler["create"], handler["update"] = create_with_image, update_with_image
    lambda_svc._get_function, lambda_svc._execute_function_docker = describe, run


def _give(name: str, image: "dict | None") -> None:
    func = lambda_svc._functions[name]
    if image is None:
        func.pop("image", None)
        return
    command = (func["config"].get("ImageConfigResponse") or {}).get("ImageConfig") or {}
    func["image"], func["code_zip"] = image, _zip_of(image, command)
    func["config"]["CodeSha256"] = image["resolved"].rpartition(":")[2]
    lambda_svc.invalidate_worker(name)


def _image_of(props: dict) -> "dict | None":
    """Digest, settings and files of the image that a function names; None for a function in a zip file."""
    uri = (props.get("Code") or {}).get("ImageUri")
    if not uri:
        return None
    named = _URI.fullmatch(uri)
    if named is None or named["region"] != get_region():
        _fail(f"Source image {uri} is not valid. Provide a valid source image.")
    with request_scope(named["account"], named["region"]):
        wanted = {"imageDigest": named["digest"]} if named["digest"] else {"imageTag": named["tag"]}
        image = ecr._find_image(named["name"], wanted)
        if image is None:
            _fail(f"Source image {uri} does not exist. Provide a valid source image.")
        manifest, blobs = json.loads(image["imageManifest"]), ecr._layer_blobs.get(named["name"], {})
        layers = manifest.get("layers")
        if layers is None or any(layer.get("mediaType") not in _LAYERS for layer in layers):
            _fail(f"The image manifest, config or layer media type for the source image {uri} is not supported.")
        return {
            "resolved": f"{named['host']}/{named['name']}@{image['imageDigest']}",
            "settings": json.loads(blobs[manifest["config"]["digest"]]).get("config") or {},
            "files": _files_of([blobs[layer["digest"]] for layer in layers]),
        }


def _files_of(layers: "list[bytes]") -> "dict[str, tuple[int, bytes]]":
    """The regular files that the layers make, one above the other, by path without the leading slash."""
    files: dict[str, tuple[int, bytes]] = {}
    for layer in layers:
        content = gzip.decompress(layer) if layer[:2] == b"\x1f\x8b" else layer
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                path = member.name.removeprefix("./").strip("/")
                folder, _, name = path.rpartition("/")
                if name == ".wh..wh..opq" or name.startswith(".wh."):
                    gone = folder if name == ".wh..wh..opq" else f"{folder}/{name[4:]}".lstrip("/")
                    files = {
                        each: file for each, file in files.items() if each != gone and not each.startswith(f"{gone}/")
                    }
                elif member.isfile() or member.islnk():
                    files[path] = member.mode, archive.extractfile(member).read()
    return files


def _zip_of(image: dict, command: dict) -> bytes:
    """The image as a program in a zip file: a `bootstrap` that starts what the image says, in the folder with its
    files.
    """
    settings = image["settings"]
    start = [
        *(command.get("EntryPoint") or settings.get("Entrypoint") or []),
        *(command.get("Command") or settings.get("Cmd") or []),
    ]
    folder = (command.get("WorkingDirectory") or settings.get("WorkingDir") or "/").strip("/")
    program, *arguments = start or [""]
    root = '"$LAMBDA_TASK_ROOT"/image/'
    lines = [
        "#!/bin/sh",
        *(f"export {shlex.quote(each)}" for each in settings.get("Env") or [] if not each.startswith("PATH=")),
        f"mkdir -p {root}{shlex.quote(folder)} && cd {root}{shlex.quote(folder)} || exit 1",
        shlex.join(["exec", "PROGRAM", *arguments]).replace("PROGRAM", root + shlex.quote(program.lstrip("/")), 1),
        "",
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, (mode, content) in {
            "bootstrap": (0o755, "\n".join(lines).encode()),
            **{f"image/{path}": file for path, file in image["files"].items()},
        }.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = mode << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _fail(message: str) -> None:
    raise ValueError(
        f'Resource handler returned message: "{message} (Service: Lambda, Status Code: 400)" '
        "(HandlerErrorCode: InvalidRequest)"
    )
