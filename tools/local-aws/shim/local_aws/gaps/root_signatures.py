"""The signature of a request made with an account's root key is verified, like that of every other key.

AWS: a request whose signature does not match is refused.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

MiniStack takes any signature for a root key (twelve digits), so that a client with a wrong secret, or one that signs
wrongly, would go unnoticed. Here the secret of every account's root key is the instance's (private_files.py).
"""

from ministack.core import iam_evaluator


def close() -> None:
    is_root_key = iam_evaluator._is_root_key
    resolve_caller_identity = iam_evaluator.resolve_caller_identity

    def identity(access_key_id):
        # The one place where `_is_root_key` asks who the caller is, not whether to look at its signature.
        if not access_key_id or not is_root_key(access_key_id):
            return resolve_caller_identity(access_key_id)
        from ministack.core.responses import get_account_id

        account = get_account_id()
        return {
            "accessKey": access_key_id,
            "accountId": account,
            "userArn": f"arn:aws:iam::{account}:root",
            "userId": account,
            "principalOrgId": iam_evaluator._principal_org_id(account),
            "session": None,
        }

    iam_evaluator.resolve_caller_identity = identity
    iam_evaluator._is_root_key = lambda access_key_id: not access_key_id
