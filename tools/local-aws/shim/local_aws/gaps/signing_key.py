"""The key that signs the releases of a workspace is there from the start, under the ARN that its environments.json
names.

AWS: KMS gives a key its id when it is made, and the file names the one that somebody made once. Nobody can make a key
with an id of his own. https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id

Accounts here are empty after each start, so that a release could never be signed as it will be. The key's policy is the
default one: the account it is in decides. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

import json

from ministack.core.responses import request_scope
from ministack.services import kms


def close(arn: str, algorithm: str) -> None:
    reset = kms.reset

    def reset_all_but_the_key() -> None:
        reset()
        _make(arn, algorithm)

    kms.reset = reset_all_but_the_key
    _make(arn, algorithm)


def _make(arn: str, algorithm: str) -> None:
    region, account, resource = arn.split(":", 5)[3:]
    spec = "ECC_NIST_P256" if algorithm.startswith("ECDSA") else "RSA_2048"
    with request_scope(account, region):
        _, _, body = kms._create_key({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY", "Description": "Signs releases"})
        key = kms._keys.pop(json.loads(body)["KeyMetadata"]["KeyId"])
        key_id = resource.removeprefix("key/")
        kms._keys[key_id] = {**key, "KeyId": key_id, "Arn": arn}
