"""Control calls, which are not AWS's but the emulator's own, need the instance's secret in a header.

They empty accounts, change how functions run, show messages and code, and hand out sessions of services: any user of
this machine could otherwise have them run a program as the owner of the instance.
"""

import hmac
import json

HEADER = "x-local-aws-secret"

_CONTROL = ("/_ministack/", "/_localstack/", "/_local-aws/")
# Their addresses or bodies hold a secret of their own, which only those get who are to call them: the ResponseURL of a
# custom resource, the handle of a wait condition, tokens of RDS and EKS.
_WITH_A_TOKEN = (
    "/_ministack/cfn-response/",
    "/_ministack/cfn-signal/",
    "/_ministack/rds/iam-auth",
    "/_ministack/eks-auth/",
)


def asking_for(secret: str, app):
    """The ASGI application, behind a look at the secret."""

    async def ask(scope, receive, send):
        # The same decoded path that MiniStack compares with.
        if scope["type"] == "http" and _is_control(scope["path"]) and not _knows(scope, secret):
            await _refuse(send)
        else:
            await app(scope, receive, send)

    return ask


def _is_control(path: str) -> bool:
    return path.startswith(_CONTROL) and not path.startswith(_WITH_A_TOKEN)


def _knows(scope, secret: str) -> bool:
    given = [value for name, value in scope["headers"] if name.lower() == HEADER.encode()]
    return len(given) == 1 and hmac.compare_digest(given[0], secret.encode())


async def _refuse(send) -> None:
    message = f"Control calls of the local AWS need its secret in the header {HEADER}: see the file 'secret' of it."
    body = json.dumps({"message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})
