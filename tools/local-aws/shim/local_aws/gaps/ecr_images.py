"""Images are kept, found, protected and deleted as ECR does it.

AWS: DescribeImages of an image that is not there fails. PutImage refuses a tag that is there, in a repository of
immutable tags, and the same image under the same tag in any, and an image whose layers are missing. Deleting an image
by its tag takes the tag away, and the image with its last one. Layers can be uploaded in parts.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html and API_DescribeImages,
API_BatchDeleteImage, API_UploadLayerPart

MiniStack answers DescribeImages with an empty list, keeps no layer that comes by UploadLayerPart, and counts the bytes
of the manifest as those of the image.
"""

import base64
import json

from ministack.core.responses import error_response_json, get_account_id, json_response, new_uuid
from ministack.services import ecr

from local_aws.gaps.ecr_registry import missing_layers

_PART = 10 * 1024 * 1024


def close() -> None:
    describe, put = ecr._describe_images, ecr._put_image

    def describe_images(data):
        name = data.get("repositoryName", "")
        if name in ecr._repositories:
            for image_id in data.get("imageIds") or []:
                if ecr._find_image(name, image_id) is None:
                    return _error(
                        "ImageNotFoundException",
                        f"The image with imageId {json.dumps(image_id)} does not exist within the repository with name "
                        f"'{name}' in the registry with id '{get_account_id()}'",
                    )
        status, headers, body = describe(data)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        for detail in answer["imageDetails"]:
            detail["imageSizeInBytes"] = _size(name, detail["imageDigest"])
        return json_response(answer)

    def put_image(data):
        name, tag, manifest = data.get("repositoryName", ""), data.get("imageTag"), data.get("imageManifest", "")
        if name in ecr._repositories:
            digest = ecr._image_digest(manifest)
            there = ecr._find_image(name, {"imageTag": tag}) if tag else None
            if there is not None and there["imageDigest"] == digest:
                return _error(
                    "ImageAlreadyExistsException",
                    f"Image with digest '{digest}' and tag '{tag}' already exists in the repository with name '{name}'",
                )
            if data.get("imageDigest", digest) != digest:
                return _error("ImageDigestDoesNotMatchException", "The digest is not that of the manifest")
            if missing := missing_layers(name, manifest):
                return _error("LayersNotFoundException", f"Layers with digests '{missing}' do not exist")
            ecr._manifest_blobs.setdefault(name, {})[digest] = manifest.encode()
        return put(data)

    ecr._describe_images, ecr._put_image = describe_images, put_image
    ecr._batch_delete_image = _batch_delete_image
    ecr._batch_check_layer_availability = _batch_check_layer_availability
    ecr._initiate_layer_upload = _initiate_layer_upload
    ecr._upload_layer_part = _upload_layer_part
    ecr._complete_layer_upload = _complete_layer_upload


def _size(name: str, digest: str) -> int:
    """Of the image's layers and configuration; of all the images of an index."""
    image = ecr._find_image(name, {"imageDigest": digest})
    content = json.loads(image["imageManifest"]) if image else {}
    blobs = [*content.get("layers", []), *([content["config"]] if "config" in content else [])]
    return sum(each.get("size", 0) for each in blobs) + sum(
        _size(name, each["digest"]) for each in content.get("manifests", [])
    )


def _batch_delete_image(data):
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return _no_repository(name)
    deleted, failures = [], []
    for image_id in data.get("imageIds", []):
        image = ecr._find_image(name, image_id)
        if image is None:
            failures.append(
                {"imageId": image_id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            )
            continue
        tag = None if "imageDigest" in image_id else image_id.get("imageTag")
        tags = [tag] if tag else list(image.get("imageTags", []))
        image["imageTags"] = [each for each in image.get("imageTags", []) if each not in tags]
        deleted += [{"imageDigest": image["imageDigest"], "imageTag": each} for each in tags] or [
            {"imageDigest": image["imageDigest"]}
        ]
        if not image["imageTags"]:
            ecr._images[name].remove(image)
    return json_response({"imageIds": deleted, "failures": failures})


def _batch_check_layer_availability(data):
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return _no_repository(name)
    held = ecr._layer_blobs.get(name, {})
    return json_response(
        {
            "failures": [],
            "layers": [
                {"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": len(held[digest])}
                if digest in held
                else {"layerDigest": digest, "layerAvailability": "UNAVAILABLE"}
                for digest in data.get("layerDigests", [])
            ],
        }
    )


def _initiate_layer_upload(data):
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return _no_repository(name)
    upload = new_uuid()
    ecr._uploads.setdefault(name, {})[upload] = bytearray()
    return json_response({"uploadId": upload, "partSize": _PART})


def _upload_layer_part(data):
    name, upload = data.get("repositoryName", ""), data.get("uploadId", "")
    held = ecr._uploads.get(name, {}).get(upload)
    if held is None:
        return _error("UploadNotFoundException", f"The upload with id '{upload}' does not exist")
    part = base64.b64decode(data.get("layerPartBlob", ""))
    # Parts come in order; one that is sent again after a lost answer is told how far it got.
    if data.get("partFirstByte") != len(held) or data.get("partLastByte") != len(held) + len(part) - 1:
        return _error("InvalidLayerPartException", f"The last valid byte received is {len(held) - 1}")
    held.extend(part)
    return json_response(
        {"registryId": get_account_id(), "repositoryName": name, "uploadId": upload, "lastByteReceived": len(held) - 1}
    )


def _complete_layer_upload(data):
    name, upload = data.get("repositoryName", ""), data.get("uploadId", "")
    held = ecr._uploads.get(name, {}).get(upload)
    if held is None:
        return _error("UploadNotFoundException", f"The upload with id '{upload}' does not exist")
    digest = ecr._content_digest(bytes(held))
    if digest not in data.get("layerDigests", []):
        return _error("InvalidLayerException", f"The digest of the layer is {digest}")
    blobs = ecr._layer_blobs.setdefault(name, {})
    if digest in blobs:
        return _error("LayerAlreadyExistsException", f"The layer with digest '{digest}' already exists")
    blobs[digest] = bytes(held)
    del ecr._uploads[name][upload]
    return json_response(
        {"registryId": get_account_id(), "repositoryName": name, "uploadId": upload, "layerDigest": digest}
    )


def _no_repository(name: str):
    return _error(
        "RepositoryNotFoundException",
        f"The repository with name '{name}' does not exist in the registry with id '{get_account_id()}'",
    )


def _error(code: str, message: str):
    return error_response_json(code, message, 400)
