"""The credentials of a function are known to the function alone.

AWS: Lambda gives a function temporary credentials of its role, which nobody can work out.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html

MiniStack computes them from the ARNs of function and role, which many know. Here the instance's secret is part of it.
"""

import hashlib
import hmac

from ministack.core import lambda_runtime
from ministack.services import lambda_svc, sts


def close(secret: str) -> None:
    def execution_credentials(config):
        account, _ = lambda_runtime._account_region_from_function_config(config)
        role = config.get("Role", "")
        subject = f"{config.get('FunctionArn', '')}:{role}"

        def derived(what: str) -> str:
            return hmac.new(secret.encode(), f"{what}:{subject}".encode(), hashlib.sha256).hexdigest()

        key, secret_key, token = f"ASIA{derived('key')[:16].upper()}", derived("secret"), derived("token")
        name = role.rsplit("/", 1)[-1]
        session_name = config.get("FunctionName", "function")[:64]
        sts.register_session(
            key,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
                "UserId": f"{name}:{session_name}",
                "SecretAccessKey": secret_key,
                "SessionToken": token,
            },
        )
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret_key, "AWS_SESSION_TOKEN": token}

    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = execution_credentials
