"""Reading, changing and deleting an alias of a function are authorized as what they are.

AWS: GetAlias, UpdateAlias and DeleteAlias are actions of their own.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html

MiniStack authorizes all of them as ListAliases: a role that may only list aliases could change them, and one that may
change them is refused.
"""

from ministack.core import iam_actions

_OF_ONE_ALIAS = {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}


def close() -> None:
    original = iam_actions._lambda_action

    def lambda_action(method, path):
        # /2015-03-31/functions/<function>/aliases/<alias>
        parts = [part for part in path.split("/") if part]
        if parts[1:2] == ["functions"] and parts[3:4] == ["aliases"] and len(parts) == 5:
            return _OF_ONE_ALIAS.get(method)
        return original(method, path)

    iam_actions._lambda_action = lambda_action
