"""A layer is kept once, whatever repositories it is in, and is not copied on its way there.

AWS: a registry stores a layer as it comes, checks its digest and answers. MiniStack copies it three times, hashes it
for each repository, and keeps a copy in each: an image of 100 MB that goes to 20 places takes 2 GB of memory and the
time of all that. Rehearsals wait for it.
"""

from ministack.services import ecr


def close() -> None:
    ecr._v2_complete_blob_upload = _complete_blob_upload


def _complete_blob_upload(name, upload, query_params, body):
    if (error := ecr._ensure_repo_exists(name)) is not None:
        return error
    digest = ecr._query_first(query_params, "digest")
    if not digest:
        return ecr._registry_error(400, "DIGEST_INVALID", "digest query parameter is required", {})
    sent = ecr._uploads.get(name, {}).get(upload)
    if sent is None:
        return ecr._registry_error(
            404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", {"name": name, "uuid": upload}
        )
    # What was sent before, in parts, and what comes with this last request: mostly all of it.
    content = body if not sent else (sent + body if body else sent)
    blob = _known(digest)
    # What equals a blob of this digest has this digest. Comparing is several times as fast as hashing.
    if blob is None or blob != content:
        actual = ecr._content_digest(content)
        if actual != digest:
            return ecr._registry_error(
                400,
                "DIGEST_INVALID",
                "uploaded blob digest did not match provided digest",
                {"expected": digest, "actual": actual},
            )
        blob = bytes(content)
    ecr._layer_blobs.setdefault(name, {})[digest] = blob
    ecr._uploads[name].pop(upload, None)
    return ecr._registry_ok(
        201, {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest, "Content-Length": "0"}, b""
    )


def _known(digest: str) -> "bytes | None":
    """A blob that some repository of some account has."""
    return next((blobs[digest] for blobs in ecr._layer_blobs._data.values() if digest in blobs), None)
