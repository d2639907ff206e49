"""A deployed API answers under the host name that AWS gives it.

AWS: `https://{api id}.execute-api.{region}.amazonaws.com/{stage}`.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html

MiniStack knows `{api id}.execute-api.localhost` only, so that a URL taken from a stack's outputs would not reach the API.
"""

import re

from ministack import app


def close() -> None:
    app._EXECUTE_API_RE = re.compile(
        r"^([a-z0-9]{8,10})\.execute-api\.(?:localhost|[a-z0-9-]+\.amazonaws\.com(?:\.cn)?)(?::\d+)?$")
